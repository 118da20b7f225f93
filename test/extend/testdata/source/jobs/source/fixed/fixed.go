// Package fixed is a source of one reading, which is always the same.
package fixed

import (
	"context"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Source implements flow.Source.
type Source struct{}

// Fetch hands over the reading.
func (Source) Fetch(_ context.Context, put func(*flow.Item) error) error {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	reading := meteo.NewReading(meteo.Stations[0], at, "fixed", meteo.Observed)
	reading.FetchedAt = at
	reading.Values[meteo.Temperature] = 25.5
	return put(&flow.Item{Reading: reading})
}
