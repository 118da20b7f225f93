package query

import (
	"context"
	"time"

	"senmeteo/jobs/meteo"
)

// HistoryReader answers what was measured.
type HistoryReader interface {
	// History calls visit for each observation of [from, to]: series by series, in the order of station, source and kind, each in order
	// of time. Forecasts are left out. Both arguments belong to visit until it returns.
	History(ctx context.Context, from, to time.Time, visit func(*Origin, *Measured) error) error
}

// Origin is what the observations of one series have in common.
type Origin struct {
	StationID, Region string
	Source            string
	Kind              meteo.Kind
}

// Measured is one observation without the values that have failed a check.
type Measured struct {
	At        time.Time
	IntervalS int64 // seconds that values over an interval cover; 0 when unknown
	OfDay     bool  // of a day or longer, and without any value of the moment At
	Values    meteo.Values
}
