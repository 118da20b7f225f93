package pg

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

// Store is a PostgreSQL database with the schema meteo. Batches of different partitions may be committed at the same
// time.
type Store struct {
	pool     *pgxpool.Pool
	topic    flow.Topic
	runID    string
	newTopic bool
	keep     func(ctx context.Context, b *flow.Batch) error
	known    *known
}

var (
	_ flow.Store          = (*Store)(nil)
	_ query.Reader        = (*Store)(nil)
	_ query.QualityReader = (*Store)(nil)
)

func newStore(pool *pgxpool.Pool, cfg flow.StoreConfig) *Store {
	return &Store{pool: pool, topic: cfg.Topic, runID: cfg.RunID, newTopic: cfg.NewTopic, keep: cfg.Keep, known: newKnown()}
}

// Keeps implements flow.Store.
func (s *Store) Keeps() flow.Reduction { return flow.LastRevision }

// Close ends the connections. Closing twice is harmless.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
