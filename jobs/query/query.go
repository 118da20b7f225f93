// Package query is what people ask of a store of observations: the newest values, a series of one variable, the quality
// of a day. A store may answer these questions beyond what flow.Store requires of it; whoever asks finds out by a type
// assertion. Forecasts are left out of all answers.
package query

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/meteo"
)

// ErrEmpty is the answer of a Reader into whose store nothing was ever loaded.
var ErrEmpty = errors.New("nothing was ever loaded into the store: run its job once, as `senmeteo to-pg` for PostgreSQL")

// Reader answers what the live page asks.
type Reader interface {
	// Latest returns the newest observation of each station that has one.
	Latest(ctx context.Context) ([]Latest, error)
	// Series returns one line per source and kind, sorted by these, each in order of time. Lines without any
	// value are left out.
	Series(ctx context.Context, q SeriesQuery) ([]Line, error)
}

// FlagReader answers what failed which rule.
type FlagReader interface {
	// Flags counts the failures of the observations of [from, to), forecasts aside, sorted by station, variable and rule.
	Flags(ctx context.Context, from, to time.Time) ([]Flag, error)
}

// QualityReader answers how good the observations were.
type QualityReader interface {
	// Quality sums up the observations of [from, to) by region, in the regions' alphabetical order. A region without
	// any is absent.
	Quality(ctx context.Context, from, to time.Time) ([]Quality, error)
}

// Latest is the newest observation of a station.
type Latest struct {
	meteo.Observation
	Rain24 Accumulation // of the 24 hours that end at ObservedAt, from the same source and kind
}

// Accumulation is an amount of rain over a time that may be covered in part only.
type Accumulation struct {
	MM       float64 // millimetres; NaN when no part is covered
	CoveredS int64   // seconds that the amount covers; intervals that overlap count once
}

// SeriesQuery asks for one variable of one station at the times From < t <= To.
type SeriesQuery struct {
	StationID string
	Variable  meteo.Variable
	From, To  time.Time
}

// Line is a series from one source.
type Line struct {
	Source string
	Kind   meteo.Kind
	Points []Point
}

// Point is one value of a Line.
type Point struct {
	At        time.Time
	Value     float64      // in the variable's unit; NaN when the observation lacks it
	IntervalS int64        // seconds that an amount of rain covers; 0 when unknown
	Failed    []meteo.Rule // checks the value failed; empty for a good one
}

// Flag is how many observations of a station failed a rule with a variable.
type Flag struct {
	StationID    string     `json:"station_id"`
	Variable     string     `json:"variable"` // or "location"
	Rule         meteo.Rule `json:"rule"`
	Observations int64      `json:"observations"`
}

// Quality is how good the observations of one region were.
type Quality struct {
	Region       string           `json:"region"`
	Observations int64            `json:"observations"`
	Good         int64            `json:"good"`
	Suspect      int64            `json:"suspect"`
	Bad          int64            `json:"bad"`
	Corrected    int64            `json:"corrected"`        // in which a value was replaced
	Failed       map[string]int64 `json:"failed,omitempty"` // "temperature_c.step" -> observations that failed that rule
}
