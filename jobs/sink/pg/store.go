package pg

import (
	"context"
	"sync/atomic"

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
	known    atomic.Pointer[known]
}

var (
	_ flow.Store           = (*Store)(nil)
	_ query.Reader         = (*Store)(nil)
	_ query.QualityReader  = (*Store)(nil)
	_ query.FlagReader     = (*Store)(nil)
	_ query.PresenceReader = (*Store)(nil)
	_ query.HistoryReader  = (*Store)(nil)
	_ query.IncidentStore  = (*Store)(nil)
	_ query.ForecastReader = (*Store)(nil)
)

// newStore returns a store without its pool, each of whose connections is to begin with forget.
func newStore(cfg flow.StoreConfig) *Store {
	s := &Store{topic: cfg.Topic, runID: cfg.RunID, newTopic: cfg.NewTopic, keep: cfg.Keep}
	s.forget()
	return s
}

// forget forgets what the server holds: another one may have taken its place, and that one may lack the last of it.
func (s *Store) forget() { s.known.Store(newKnown()) }

// Keeps implements flow.Store.
func (s *Store) Keeps() flow.Reduction { return flow.LastRevision }

// Close ends the connections. Closing twice is harmless.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
