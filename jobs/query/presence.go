package query

import (
	"context"
	"time"

	"senmeteo/jobs/meteo"
)

// PresenceReader answers which values there are.
type PresenceReader interface {
	// Presence calls visit once for each station, source and kind that was ever stored, in this order; forecasts are left
	// out. Its Readings are those of [from, to], in order of time, and belong to visit until it returns.
	Presence(ctx context.Context, from, to time.Time, visit func(*Presence) error) error
}

// Presence is which values one series has, and when.
type Presence struct {
	Origin
	First, Last             time.Time   // observed_at of the first and of the last reading of the moment ever
	FirstOfDays, LastOfDays time.Time   // of the first and of the last reading of a whole day; zero, as those, when there is none
	Ever                    VariableSet // had by a reading of the moment: in the window, or on the first day of any month
	EverOfDays              VariableSet // had by a reading of a whole day, there
	Readings                []PresentAt
}

// PresentAt is what one reading has.
type PresentAt struct {
	At      time.Time
	OfDay   bool        // of a day or longer, and without any value of the moment At
	Bad     bool        // its quality
	Present VariableSet // of which it has a value
	Failed  VariableSet // whose value failed a check
}

// VariableSet is a set of variables.
type VariableSet uint64

// Has reports whether v is in the set.
func (s VariableSet) Has(v meteo.Variable) bool { return s>>v&1 != 0 }

// momentary are the variables of the moment.
var momentary = func() (s VariableSet) {
	for v := range meteo.Variables {
		if !meteo.Variable(v).Over() {
			s |= 1 << v
		}
	}
	return s
}()

// OfDay reports whether a reading with these values that covers a day or longer is of that time alone.
func (s VariableSet) OfDay() bool { return s&momentary == 0 }
