package web

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/meteo"
)

// ErrNoSchema tells that the store answers but nothing was ever loaded into it.
var ErrNoSchema = errors.New("the database has no senmeteo tables yet: run `senmeteo to-pg` once")

// Store is where the page reads observations.
type Store interface {
	// Latest returns the newest observation of each station that has one, forecasts aside.
	Latest(ctx context.Context) ([]Latest, error)
	// Series returns one line per source and kind, sorted by these, each in order of time. Forecasts and
	// lines without any value are left out.
	Series(ctx context.Context, q SeriesQuery) ([]Line, error)
}

// Latest is the newest observation of a station.
type Latest struct {
	meteo.Observation
	Rain24 Accumulation // of the 24 hours that end at ObservedAt, from the same source and kind
}

// Accumulation is an amount of rain over a time that may be covered in part only.
type Accumulation struct {
	MM       float64 // millimetres; NaN when no part is covered
	CoveredS int64   // seconds that the amount stands for; intervals that overlap count once
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

// Pipeline is where the page reads what the jobs did so far.
type Pipeline interface {
	Pipeline(ctx context.Context) (Counters, error)
}

// Counters are the pipeline's own books, stage by stage, in the order the data flows.
type Counters struct {
	Stages []Stage
}

// Stage counts records since the topic was made. Read = Written + Duplicates + Rejected + Rerouted, or
// the page shows the difference.
type Stage struct {
	Name       string // the verb of the job: stream, to-pg, to-hdfs, to-es
	Read       int64
	Written    int64
	Duplicates int64
	Rejected   int64 // dead letters
	Rerouted   int64 // sent on to their right partition
	Lag        int64 // records that wait; negative when unknown
	UpdatedAt  time.Time
}

// Difference is the number of records read of which the stage does not know what became of them.
func (s Stage) Difference() int64 {
	return s.Read - s.Written - s.Duplicates - s.Rejected - s.Rerouted
}
