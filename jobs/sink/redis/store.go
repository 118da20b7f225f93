package redis

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
	"senmeteo/jobs/retry"
)

// Store is a Redis and the keys of one prefix, for one topic. Batches of different partitions may be committed at the same time.
type Store struct {
	client   *redis.Client
	keys     keys
	topic    flow.Topic
	newTopic bool
	life     time.Duration // of an observation, since observed_at; 0: forever
	writer   string        // fences: the name of this run, which no other has
	patience time.Duration
	log      *slog.Logger

	mu    sync.Mutex
	terms map[int32]int64 // of the acquired partitions: the number of the acquisition
}

var (
	_ flow.Store         = (*Store)(nil)
	_ flow.Forgetful     = (*Store)(nil)
	_ query.LatestReader = (*Store)(nil)
	_ query.Changes      = (*Store)(nil)
)

// open makes a store. It opens no connection.
func open(cfg flow.StoreConfig) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	life, err := readLife(cfg.Settings[lifeOption])
	if err != nil {
		return nil, err
	}
	options, err := clientOptions(cfg.Settings, cfg.Logger)
	if err != nil {
		return nil, err
	}
	s := &Store{
		client: redis.NewClient(options), keys: keys{prefix: cfg.Prefix, topic: cfg.Topic.Name}, topic: cfg.Topic, newTopic: cfg.NewTopic,
		life: life, writer: rand.Text(), patience: writePauses, log: cfg.Logger, terms: map[int32]int64{},
	}
	if cfg.ReadOnly {
		s.patience = askingPauses
	}
	return s, nil
}

// Close implements flow.Store. It ends the connections; closing twice is harmless.
func (s *Store) Close() error {
	_ = s.client.Close() // nothing is under way; the second time it is closed already
	return nil
}

// Keeps implements flow.Store.
func (s *Store) Keeps() flow.Reduction { return flow.LastObservation }

// KeepsFrom implements flow.Forgetful.
func (s *Store) KeepsFrom(now time.Time) time.Time {
	if s.life == 0 {
		return time.Time{}
	}
	return now.Add(-s.life)
}

// Refused implements flow.Store: Redis refuses no observation for what is in it.
func (s *Store) Refused(context.Context, func(flow.Refused) error) error { return nil }

// call runs a request that may be sent twice until it is answered by something else than "not now". The error is not classed.
func (s *Store) call(ctx context.Context, request func() error) error {
	return retry.Policy{
		First: 100 * time.Millisecond, Longest: 5 * time.Second, Jitter: true, Patience: s.patience,
		Before: func(err error, pause time.Duration) {
			s.log.Warn("Redis does not accept a request now; retrying", "reason", oneLine(err.Error()), "pause", pause.Round(time.Millisecond).String())
		},
	}.Do(ctx, request, retryable)
}

// keys are the names of what is stored.
type keys struct{ prefix, topic string }

func (k keys) index() string               { return k.prefix + ":latest" }
func (k keys) stations() string            { return k.prefix + ":stations" }
func (k keys) changes() string             { return k.prefix + ":changes" }
func (k keys) offsets() string             { return k.prefix + ":offsets:" + k.topic }
func (k keys) observation(m string) string { return k.index() + ":" + m }
func (k keys) series(s flow.Series) string { return k.observation(member(s)) }

// member is a series in the sorted set. Neither of its parts contains a colon.
func member(s flow.Series) string { return s.StationID + ":" + s.Source + ":" + string(s.Kind) }
