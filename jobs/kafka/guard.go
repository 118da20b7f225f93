package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// guard lets one of two runs that start at the same time go on. Each takes the partitions over in its own time, so each may
// take some from the other, and without more both would stop. The guard is one more transactional id, which a run takes
// over before its first partition: the run that took it last may take lost partitions back, the other stops.
type guard struct {
	mu    sync.Mutex
	tr    *transactor    // nil until it was taken
	taken map[int32]bool // the partitions that this run has taken up
}

// let says whether the run may take a partition up. The first time it may. Later a rival may have taken everything over, while
// this run slept or waited for an answer: the brokers tell.
func (g *guard) let(ctx context.Context, t *StreamSink, partition int32) error {
	if err := g.take(ctx, t); err != nil {
		return err
	}
	g.mu.Lock()
	again := g.taken[partition]
	g.taken[partition] = true
	g.mu.Unlock()
	if again {
		return g.held(ctx, t)
	}
	return nil
}

// take takes the guard over, once.
func (g *guard) take(ctx context.Context, t *StreamSink) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tr != nil {
		return nil
	}
	tr := &transactor{}
	var err error
	if tr.producer, err = t.producer("run", func(ck.Error) {}); err != nil {
		return err
	}
	if err := t.fenceOff(ctx, tr); err != nil {
		tr.close()
		return t.cfg.failed("taking over from other runs", err)
	}
	g.tr = tr
	return nil
}

// held asks the brokers whether this run still has the guard: a transaction that is given up tells.
func (g *guard) held(ctx context.Context, t *StreamSink) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tr == nil {
		return flow.ErrFenced
	}
	err := g.tr.producer.BeginTransaction()
	if err == nil {
		err = g.tr.call(ctx, func(ctx context.Context) error { return t.sendOffsets(ctx, g.tr.producer, 0, 0, Ledger{}) })
	}
	// Also after an error, so that one without an answer does not keep the next question from being asked.
	if aborted := g.tr.call(ctx, g.tr.producer.AbortTransaction); err == nil {
		err = aborted
	}
	if err != nil {
		return t.cfg.doubt("asking which run goes on", g.tr, err)
	}
	return nil
}

func (g *guard) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tr != nil {
		g.tr.close()
		g.tr = nil
	}
}

// orOurs turns an ErrFenced into ErrRestart when this run is the one that goes on: it takes the partition back.
func (t *StreamSink) orOurs(ctx context.Context, err error) error {
	if !errors.Is(err, flow.ErrFenced) || t.guard == nil {
		return err
	}
	if t.guard.held(ctx, t) != nil {
		return err
	}
	return fmt.Errorf("another run that is about to stop took a partition: %w", flow.ErrRestart)
}
