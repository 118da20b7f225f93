package pg

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// For the tests.
var (
	LatestQuery, SeriesQuery = latestQuery, seriesQuery
	VerifiedURL              = verified
)

// EncodedRow returns one row of a COPY.
func EncodedRow(o *meteo.Observation, number, series, place int32) []byte {
	b := &flow.Batch{Observations: []meteo.Observation{*o}}
	c := copyReader{b: b, rows: rowsOf(b, series, place), number: number}
	c.fill()
	return c.buf[len(copyHeader) : len(c.buf)-len(copyTrailer)]
}

// CopyOf returns the COPY of all observations of a batch.
func CopyOf(b *flow.Batch, series, place int32) io.Reader {
	return &copyReader{b: b, rows: rowsOf(b, series, place)}
}

func rowsOf(b *flow.Batch, series, place int32) (rows []row) {
	for i := range b.Observations {
		rows = append(rows, row{at: i, series: series, place: place, observedAt: microsecondsOf(b.Observations[i].ObservedAt)})
	}
	return rows
}

// OpenAsItIs opens a store that writes without bringing the schema up to date.
func OpenAsItIs(ctx context.Context, url string, cfg flow.StoreConfig) (*Store, error) {
	s := newStore(cfg)
	var err error
	s.pool, err = pgxpool.New(ctx, url)
	return s, err
}
