package pg

import (
	"context"
	"crypto/sha256"

	"senmeteo/jobs/flow"
)

// What package main calls until it opens its stores by Kind.

// Config is where PostgreSQL is.
type Config struct{ URL, Application string }

// Open opens a store that any topic is loaded into, by NewSink.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	address, err := verified(cfg.URL)
	if err != nil {
		return nil, err
	}
	pool, err := connect(ctx, address, cfg.Application, false)
	if err != nil {
		return nil, err
	}
	return newStore(pool, flow.StoreConfig{}), nil
}

// Verified returns the URL with which to connect.
func Verified(url string) (string, error) { return verified(url) }

// Keep makes dead letters durable.
type Keep func(ctx context.Context, b *flow.Batch) error

// Sink shares the connections of a store.
type Sink struct{ *Store }

// Close leaves the connections to the store.
func (Sink) Close() error { return nil }

// NewSink returns the sink of a topic.
func NewSink(store *Store, topic flow.Topic, runID string, newTopic bool, keep Keep) *Sink {
	return &Sink{newStore(store.pool, flow.StoreConfig{Topic: topic, RunID: runID, NewTopic: newTopic, Keep: keep})}
}

// Counters is Progress of a topic.
func (s *Store) Counters(ctx context.Context, topic string) (map[int32]flow.Progress, error) {
	return newStore(s.pool, flow.StoreConfig{Topic: flow.Topic{Name: topic}}).Progress(ctx)
}

// Rejected is Refused of a topic.
func (s *Store) Rejected(ctx context.Context, topic string, each func(partition int32, offset int64, sum [sha256.Size]byte) error) error {
	of := newStore(s.pool, flow.StoreConfig{Topic: flow.Topic{Name: topic}})
	return of.Refused(ctx, func(r flow.Refused) error { return each(r.Partition, r.Offset, r.Sum) })
}
