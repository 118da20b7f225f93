package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// runFence lets one of two bounded runs that start at the same time go on. Each acquires the partitions in its own time, so each may
// acquire some from the other, and without more both would stop. The fence is one more transactional id, "<prefix>.stream.run", which a run
// opens before its first partition: the run that opened it last may acquire lost partitions again, the other stops.
type runFence struct {
	sink *StreamSink

	mu       sync.Mutex
	producer *transactionalProducer // nil before the first partition and after close
	acquired map[int32]bool         // the partitions that this run has acquired
}

// admit returns nil when the run may acquire a partition. The first time it may. Later a rival may have acquired everything, while
// this run slept or waited for an answer: the brokers know.
func (f *runFence) admit(ctx context.Context, partition int32) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	again := f.acquired[partition]
	f.acquired[partition] = true
	f.mu.Unlock()
	if again {
		return f.check(ctx)
	}
	return nil
}

// open opens the fence unless this run has.
func (f *runFence) open(ctx context.Context) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.producer == nil {
		f.producer, err = f.sink.open(ctx, "run")
	}
	return err
}

// check asks the brokers whether this run opened the fence last.
func (f *runFence) check(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.producer == nil {
		return flow.ErrFenced
	}
	raw := f.sink.cfg.Names.Raw()
	return f.producer.check(ctx, f.sink.group, ck.TopicPartition{Topic: &raw, Partition: 0, Offset: 0})
}

func (f *runFence) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.producer != nil {
		f.producer.close()
		f.producer = nil
	}
}

// restartUnlessFenced turns an ErrFenced on a partition into ErrRestart when this run is the one that goes on: it acquires the
// partition again.
func (s *StreamSink) restartUnlessFenced(ctx context.Context, err error) error {
	if !errors.Is(err, flow.ErrFenced) || s.run == nil || s.run.check(ctx) != nil {
		return err
	}
	return fmt.Errorf("another run, which is about to stop, acquired a partition: %w", flow.ErrRestart)
}
