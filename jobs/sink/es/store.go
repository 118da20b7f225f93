package es

import (
	"context"
	"net/http"
	"sync"

	elasticsearch "github.com/elastic/go-elasticsearch/v8"

	"senmeteo/jobs/flow"
)

// Store is an Elasticsearch cluster and the indices of one prefix, for one topic. It implements flow.Store. Batches of
// different partitions may be committed at the same time.
type Store struct {
	cfg         Config
	client      *elasticsearch.BaseClient
	connections *http.Transport
	spare       chan *bulkRequest // answered, for others to use again

	mu     sync.Mutex
	tokens map[int32]string // of the acquired partitions: what their documents must contain
}

// Open checks the configuration and, unless it is ReadOnly, brings the index templates up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	client, connections, err := cfg.connect()
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, client: client, connections: connections, spare: make(chan *bulkRequest, maxSpare), tokens: map[int32]string{}}
	if !cfg.ReadOnly {
		if err := s.ensureTemplates(ctx); err != nil {
			_ = s.Close()
			return nil, err
		}
	}
	return s, nil
}

// Close implements flow.Store. It ends the connections.
func (s *Store) Close() error {
	s.connections.CloseIdleConnections()
	return nil
}

// Keeps implements flow.Store.
func (s *Store) Keeps() flow.Reduction { return flow.LastRevision }

// Refused implements flow.Store: the dead letters are the only note of what Elasticsearch refused.
func (s *Store) Refused(context.Context, func(flow.Refused) error) error { return nil }

// The names of indices. cleanIndices is a pattern for all months; an alias is the same without "-*".
func (s *Store) cleanIndices() string { return s.cfg.Prefix + "-clean-*" }
func (s *Store) sinkIndex() string    { return s.cfg.Prefix + "-sink" }

// letterIndex holds the dead letters of all times: one that is written twice, and the mark that it was sent back, may come months after
// the first, and must find its document. letterIndices is the pattern of the template.
func (s *Store) letterIndex() string   { return s.cfg.Prefix + "-dlq-1" }
func (s *Store) letterIndices() string { return s.cfg.Prefix + "-dlq-*" }
