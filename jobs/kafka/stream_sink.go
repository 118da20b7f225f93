package kafka

import (
	"context"
	"errors"
	"strconv"
	"sync"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
)

// StreamSink is the sink of `stream`: a batch becomes one Kafka transaction that holds the clean
// observations, the dead letters, the rerouted records and the raw partition's next offset with its ledger.
//
// Each raw partition has a producer of its own with the transactional id "<prefix>.stream.<partition>": that id
// is the fence of the partition.
type StreamSink struct {
	cfg    StreamSinkConfig
	admin  *Admin
	topics map[string]flow.Topic
	group  *ck.ConsumerGroupMetadata
	run    *runFence // nil unless the run is alone

	mu      sync.Mutex
	writers map[int32]*partitionWriter // of the partitions that are acquired
}

// StreamSinkConfig says where the transactions go.
type StreamSinkConfig struct {
	Config
	Names    Names
	RunID    string
	NewTopic bool // start again on topics that were recreated
	Alone    bool // one run at a time has all partitions (a bounded run); of two the one that started last goes on
}

// partitionWriter is what the sink holds of a partition that it has acquired.
type partitionWriter struct {
	producer *transactionalProducer
	next     int64 // the offset that the next batch must start at; -1 before the first
	ledger   Ledger
}

// NewStreamSink returns the sink. The admin is the feed's and stays open longer than the sink.
func NewStreamSink(ctx context.Context, cfg StreamSinkConfig, admin *Admin) (*StreamSink, error) {
	topics, err := admin.Topics(ctx, cfg.Names.Topics()...)
	if err != nil {
		return nil, err
	}
	// Without member and generation: the transactional id is the only fence, in bounded runs and consumer groups alike.
	group, err := ck.NewTestConsumerGroupMetadata(cfg.Names.Group("stream"))
	if err != nil {
		return nil, cfg.failed("naming the consumer group", err)
	}
	s := &StreamSink{cfg: cfg, admin: admin, topics: topics, group: group, writers: map[int32]*partitionWriter{}}
	if cfg.Alone {
		s.run = &runFence{sink: s, acquired: map[int32]bool{}}
	}
	return s, nil
}

// Resume implements flow.Sink. With NewTopic it first commits that all partitions start again, whichever of them have
// records now: later runs do not need NewTopic.
func (s *StreamSink) Resume(ctx context.Context) (flow.Offsets, error) {
	if s.cfg.NewTopic {
		if err := s.commitFirstOffsets(ctx); err != nil {
			return nil, err
		}
	}
	positions, err := s.admin.streamPositions(ctx, s.cfg.Names, s.topics, false)
	if err != nil {
		return nil, err
	}
	out := flow.Offsets{}
	for p, pos := range positions {
		out[p] = pos.Next
	}
	return out, nil
}

// commitFirstOffsets commits the first offset of each raw partition that has no position on these topics.
func (s *StreamSink) commitFirstOffsets(ctx context.Context) error {
	found, err := s.admin.positionsIn(ctx, s.cfg.Names, s.topics, false)
	if err != nil {
		return err
	}
	bounds, err := s.admin.Bounds(ctx, s.topics[s.cfg.Names.Raw()])
	if err != nil {
		return err
	}
	var all errgroup.Group
	for p, b := range bounds {
		if _, ok := found.here[p]; !ok {
			all.Go(func() error { return s.commitFirstOffset(ctx, p, b.First) })
		}
	}
	return all.Wait()
}

// firstOffsetAttempts is how often a first offset is committed while the outcome stays unknown.
const firstOffsetAttempts = 5

// commitFirstOffset commits the first offset of a raw partition, without a batch, unless another run has.
func (s *StreamSink) commitFirstOffset(ctx context.Context, partition int32, first int64) (err error) {
	defer s.Release(partition)
	for range firstOffsetAttempts {
		var next int64
		if next, err = s.Acquire(ctx, partition); err != nil || next >= 0 {
			return err
		}
		_, err = s.Commit(ctx, &flow.Batch{Partition: partition, Start: first, End: first})
		if !errors.Is(err, flow.ErrRestart) {
			return err
		}
	}
	return err
}

// Acquire implements flow.Sink.
func (s *StreamSink) Acquire(ctx context.Context, partition int32) (int64, error) {
	if s.run != nil {
		if err := s.run.admit(ctx, partition); err != nil {
			return 0, err
		}
	}
	w, err := s.acquire(ctx, partition)
	if err != nil {
		return 0, err
	}
	return w.next, nil
}

// acquire opens a partition's producer in place of the one that there is, which fences all earlier ones off, and only then reads
// how far the partition is.
func (s *StreamSink) acquire(ctx context.Context, partition int32) (*partitionWriter, error) {
	s.Release(partition)
	producer, err := s.open(ctx, strconv.Itoa(int(partition)))
	if err != nil {
		return nil, s.restartUnlessFenced(ctx, err)
	}
	w := &partitionWriter{producer: producer}
	if err := s.position(ctx, partition, w); err != nil {
		producer.close()
		return nil, err
	}
	s.mu.Lock()
	s.writers[partition] = w
	s.mu.Unlock()
	return w, nil
}

// open opens the transactional id of `stream` that ends with a name.
func (s *StreamSink) open(ctx context.Context, name string) (*transactionalProducer, error) {
	return openTransactional(ctx, s.cfg.Config, s.cfg.Names.Group("stream")+"."+name, s.cfg.Names.Raw())
}

// position sets a partition's next offset and ledger to what is committed.
func (s *StreamSink) position(ctx context.Context, partition int32, w *partitionWriter) error {
	// Of this partition alone: another's offset may wait for its transaction to end until that one is acquired too. That
	// the topics are the right ones, Resume has seen.
	found, err := s.admin.positionsIn(ctx, s.cfg.Names, s.topics, true, partition)
	if err != nil {
		return err
	}
	raw, clean := s.topics[s.cfg.Names.Raw()], s.topics[s.cfg.Names.Clean()]
	w.next = -1
	if pos, ok := found.here[partition]; ok {
		w.next, w.ledger = pos.Next, pos.Ledger
	} else if w.ledger.CleanFrom, err = s.admin.end(ctx, clean, partition); err != nil {
		return err
	}
	w.ledger.Cluster, w.ledger.RawTopic, w.ledger.CleanTopic = raw.ClusterID, raw.ID, clean.ID
	w.ledger.RunID = s.cfg.RunID
	return nil
}

// Release implements flow.Sink. A transaction that is open is aborted when the next holder acquires the partition.
func (s *StreamSink) Release(partition int32) {
	s.mu.Lock()
	w := s.writers[partition]
	delete(s.writers, partition)
	s.mu.Unlock()
	if w != nil {
		w.producer.close()
	}
}

// Close implements flow.Sink.
func (s *StreamSink) Close() error {
	s.mu.Lock()
	writers := s.writers
	s.writers = map[int32]*partitionWriter{}
	s.mu.Unlock()
	var all sync.WaitGroup
	for _, w := range writers {
		all.Go(w.producer.close)
	}
	if s.run != nil {
		all.Go(s.run.close)
	}
	all.Wait()
	return nil
}
