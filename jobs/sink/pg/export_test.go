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
	r := rowOf(o, 0, series, place)
	c := copyReader{b: &flow.Batch{Observations: []meteo.Observation{*o}}, rows: []row{r}, number: number}
	c.fill()
	return c.buf[len(copyHeader) : len(c.buf)-len(copyTrailer)]
}

// CopyOf returns the COPY of all observations of a batch.
func CopyOf(b *flow.Batch, series, place int32) io.Reader {
	c := &copyReader{b: b}
	for i := range b.Observations {
		c.rows = append(c.rows, rowOf(&b.Observations[i], i, series, place))
	}
	return c
}

// OpenAsItIs opens a store that writes without bringing the schema up to date.
func OpenAsItIs(ctx context.Context, url string, cfg flow.StoreConfig) (*Store, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return newStore(pool, cfg), nil
}
