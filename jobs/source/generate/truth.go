package generate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Defect is a kind of fault that Config.Faults puts into readings.
type Defect string

// The defects. Stuck, Drift and SlowDrift are episodes of several readings; the others are point
// defects of one reading. No reading has two, but that a reading of a SlowDrift may have one of the
// others; when that is of the same value, or no observation is left, the drift has no line of it.
//
// The dew point of a reading whose temperature or humidity is wrong is that which a logger derives
// from the two, and missing when there is none. It has no line of its own.
const (
	// Spike: one value jumps far from the truth for one reading: temperature by 9 to 15 degrees,
	// humidity by 40 to 60 percent, pressure by 9 to 20 hPa.
	Spike Defect = "spike"
	// OutOfRange: one value is what no instrument can measure on earth.
	OutOfRange Defect = "out_of_range"
	// UnitMixUp: one value is given in another unit: temperature in °F or K, humidity as a
	// fraction, pressure in inches of mercury, wind in km/h.
	UnitMixUp Defect = "unit_mix_up"
	// Stuck: for 7 to 12 hours one value stays what it was at the first reading of the episode.
	// Every reading of the episode has a line, those too whose true value is the same by chance.
	Stuck Defect = "stuck"
	// Drift: for 6 to 12 hours the error of one value grows from nothing to 5 to 9 degrees, 25 to
	// 45 percent (within the scale) or 6 to 12 hPa. Every reading whose value is wrong has a line.
	Drift Defect = "drift"
	// SlowDrift: for 14 to 27 days the error of the pressure or temperature grows from nothing to 3 to
	// 8 hPa or 3 to 6 degrees. Every reading whose value is wrong has a line.
	SlowDrift Defect = "slow_drift"
	// WindUnit: the wind, 2 m/s at least, is given in km/h, and the gust is absent.
	WindUnit Defect = "wind_unit"
	// Missing: one variable is absent.
	Missing Defect = "missing"
	// Duplicate: the same record comes once more, within 2 hours after the first.
	Duplicate Defect = "duplicate"
	// Correction: the record comes first with a slightly wrong value, which is plausible, and again
	// 1 s to 6 hours later with the true value and a later fetched_at.
	Correction Defect = "correction"
	// Late: the record comes after those of the next step, up to 6 hours late (at steps of 6 hours
	// and more: before the next).
	Late Defect = "late"
	// Future: the clock of the station shows the year 2099: the record's observed_at has that
	// year, and otherwise the true date and time. The line's observed_at is the true time, at
	// which the station has no other record.
	Future Defect = "future"
	// BrokenJSON: instead of the record come bytes that are not JSON: cut off, with NaN as a
	// number, or with a byte that is not UTF-8.
	BrokenJSON Defect = "broken_json"
)

// Defects lists every Defect.
var Defects = [...]Defect{
	Spike, OutOfRange, UnitMixUp, WindUnit, Stuck, Drift, SlowDrift, Missing, Duplicate, Correction, Late, Future, BrokenJSON,
}

// IsEpisode reports whether a defect goes on over several readings.
func (d Defect) IsEpisode() bool { return d == Stuck || d == Drift || d == SlowDrift }

// Expectation is what a pipeline must do with a defect.
type Expectation string

// The expectations.
const (
	ExpectFlag       Expectation = "flag"        // keep the record, and say of the value that it is suspect or bad
	ExpectKeep       Expectation = "keep"        // keep the record as any other
	ExpectDuplicate  Expectation = "duplicate"   // keep one of the two records
	ExpectCorrection Expectation = "correction"  // keep the later record as revision 2
	ExpectDeadLetter Expectation = "dead_letter" // refuse the record
)

// Expect is what a pipeline must do with the defect.
func (d Defect) Expect() Expectation {
	switch d {
	case Missing, Late:
		return ExpectKeep
	case Duplicate:
		return ExpectDuplicate
	case Correction:
		return ExpectCorrection
	case Future, BrokenJSON:
		return ExpectDeadLetter
	default:
		return ExpectFlag
	}
}

// Truth is one line of the truth file: one reading that is not as it should be.
type Truth struct {
	Defect     Defect      `json:"defect"`
	StationID  string      `json:"station_id"`
	ObservedAt time.Time   `json:"observed_at"` // the true time, UTC
	Source     string      `json:"source"`
	Variable   string      `json:"variable,omitempty"`   // field name; "" when no value is wrong
	Value      *float64    `json:"value,omitempty"`      // what the record says; of a correction: what it said first
	TrueValue  *float64    `json:"true_value,omitempty"` // what it would say without the defect
	Expect     Expectation `json:"expect"`
}

// ReadTruth reads a truth file.
func ReadTruth(r io.Reader) ([]Truth, error) {
	var out []Truth
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var t Truth
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("reading line %d of the truth: %w", len(out)+1, err)
		}
		out = append(out, t)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the truth: %w", err)
	}
	return out, nil
}

// Summary is what a pipeline must make of everything that a Fetch gave.
type Summary struct {
	Readings    int64 `json:"readings"`     // stations times steps
	Sent        int64 `json:"sent"`         // records given: Clean + Corrections + Duplicates + DeadLetters
	Clean       int64 `json:"clean"`        // observations by id, each counted once
	Corrections int64 `json:"corrections"`  // observations that become revision 2
	Duplicates  int64 `json:"duplicates"`   // records that say nothing new
	DeadLetters int64 `json:"dead_letters"` // records that are refused
}

// Summarize works out the summary of a window of readings (Config.Readings) from its truth.
func Summarize(readings int64, truth []Truth) Summary {
	s := Summary{Readings: readings, Sent: readings, Clean: readings}
	for i := range truth {
		s.add(truth[i].Defect)
	}
	return s
}

// add takes one defect into account.
func (s *Summary) add(d Defect) {
	switch d.Expect() {
	case ExpectDuplicate:
		s.Sent++
		s.Duplicates++
	case ExpectCorrection:
		s.Sent++
		s.Corrections++
	case ExpectDeadLetter:
		s.Clean--
		s.DeadLetters++
	case ExpectFlag, ExpectKeep: // one record, one observation
	}
}
