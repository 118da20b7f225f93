package query

import (
	"context"
	"time"

	"senmeteo/jobs/meteo"
)

// ForecastReader gives what forecasts are made of and what was forecast. An observation is good until each returns, whose error ends the
// reading and is returned.
type ForecastReader interface {
	// Measured calls each with what was observed up to a time, kind observed, series by series in the order of time. Of the values only
	// the given variables are set, beside them what they cover, where they were measured, the checks that failed, and whether it is bad.
	Measured(ctx context.Context, until time.Time, variables []meteo.Variable, each func(*meteo.Observation) error) error
	// Forecasts calls each with the forecasts of a source that were issued at a time From <= t < To, by station, issue and time.
	Forecasts(ctx context.Context, source string, from, to time.Time, each func(*meteo.Observation) error) error
}
