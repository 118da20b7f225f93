package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka/rdkafka"
)

// transactionalProducer writes transactions, one after the other, under one transactional id. The id is the fence: opening it
// (InitTransactions) aborts the transaction that an earlier producer of the same id left open, and fences that producer off.
//
// The errors of begin, produce, sendOffsets, flush, commit and check have a class: flow.ErrFenced (another producer has opened the
// id), flow.ErrRestart (the transaction may be committed or not: open the id again, then read what is committed), or a
// *flow.Failure (it is not committed, and a repetition would fail too). After an error the producer can only be closed.
//
// One goroutine may use it at a time.
type transactionalProducer struct {
	cfg      Config
	producer *ck.Producer
	broken   atomic.Bool    // a connection broke since the id was opened
	late     bool           // the last commit was slow, or a connection broke during it
	calls    sync.WaitGroup // calls of librdkafka under way
}

const (
	retryBackoff = 100 * time.Millisecond // how long librdkafka waits, give or take 20 %, before it sends a request again
	slowCommit   = retryBackoff * 3 / 4   // a commit that was answered sooner was sent once
)

// openTransactional opens a transactional id. The topic is one that is written to.
func openTransactional(ctx context.Context, cfg Config, id, topic string) (*transactionalProducer, error) {
	p := &transactionalProducer{cfg: cfg}
	var err error
	p.producer, err = newProducer(cfg, ck.ConfigMap{
		"transactional.id":       id,
		"transaction.timeout.ms": int(cfg.expiry().Milliseconds()),
		"retry.backoff.ms":       int(retryBackoff / time.Millisecond),
		"log.connection.close":   true, // a break is logged and no more: see newProducer
	}, func(ck.Error) { p.broken.Store(true) }, nil)
	if err != nil {
		return nil, err
	}
	if err = p.connect(ctx, topic); err == nil {
		err = p.call(ctx, p.producer.InitTransactions)
	}
	if err != nil {
		p.close()
		return nil, cfg.failed("opening the transactional id "+id, err)
	}
	p.broken.Store(false) // bootstrap connections come and go
	return p, nil
}

// connect waits until a broker is connected: before that, librdkafka looks for the coordinator only every 500 ms. The first
// answer still comes over the bootstrap connection, which it drops then; the second one comes over the broker's own.
func (p *transactionalProducer) connect(ctx context.Context, topic string) error {
	return p.call(ctx, func(context.Context) error {
		for range 2 {
			if _, err := p.producer.GetMetadata(&topic, false, int(p.cfg.timeout()/time.Millisecond)); err != nil {
				return err
			}
		}
		return nil
	})
}

// needsReopening reports whether librdkafka may have sent the last commit twice. The second request may still arrive and would
// end the next transaction before it is complete, so the id must be opened again first.
func (p *transactionalProducer) needsReopening() bool { return p.late || p.broken.Load() }

// begin begins a transaction.
func (p *transactionalProducer) begin() error {
	return p.classed("beginning a transaction", p.producer.BeginTransaction())
}

// produce puts a message into the transaction, and waits while the queue is full.
func (p *transactionalProducer) produce(ctx context.Context, m *ck.Message) error {
	return p.classed("filling a transaction", produce(ctx, p.producer, m))
}

// writer returns a writer of records for the transaction; queue puts them into it.
func (p *transactionalProducer) writer(topic string, partition int32) *rdkafka.Writer {
	return rdkafka.NewWriter(p.producer, topic, partition)
}

// queue puts a writer's records into the transaction, and waits while the queue is full.
func (p *transactionalProducer) queue(ctx context.Context, w *rdkafka.Writer) error {
	return p.classed("filling a transaction", whileFull(ctx, w.Queue))
}

// sendOffsets puts offsets of a consumer group into the transaction.
func (p *transactionalProducer) sendOffsets(ctx context.Context, group *ck.ConsumerGroupMetadata, offsets ...ck.TopicPartition) error {
	return p.classed("putting offsets into a transaction", p.call(ctx, func(ctx context.Context) error {
		return p.producer.SendOffsetsToTransaction(ctx, offsets, group)
	}))
}

// flush sends what waits for its batch to fill, and waits until the brokers have answered for all messages, with success or not.
// (librdkafka's flush sends, but its Go wrapper then waits for events, of which there are none: so it is called for a moment only.)
func (p *transactionalProducer) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokenFor)
	defer cancel()
	for p.producer.Len() > 0 {
		if err := ctx.Err(); err != nil {
			return p.classed("filling a transaction", err)
		}
		p.producer.Flush(flushFor)
	}
	return nil
}

// flushFor is how long the wrapper's flush may take, in milliseconds: the least that it does not round down to nothing.
const flushFor = 2

// commit commits the transaction. Call flush before it, so that the time it takes is that of the commit alone.
func (p *transactionalProducer) commit(ctx context.Context) error {
	began := time.Now()
	if err := p.call(ctx, p.producer.CommitTransaction); err != nil {
		return p.classed("committing a transaction", err)
	}
	p.late = time.Since(began) > slowCommit || p.broken.Load()
	return nil
}

// check asks the brokers, by a transaction that is aborted, whether no other producer has opened the id.
func (p *transactionalProducer) check(ctx context.Context, group *ck.ConsumerGroupMetadata, offset ck.TopicPartition) error {
	err := p.producer.BeginTransaction()
	if err == nil {
		err = p.call(ctx, func(ctx context.Context) error {
			return p.producer.SendOffsetsToTransaction(ctx, []ck.TopicPartition{offset}, group)
		})
	}
	// Also after an error, so that one without an answer does not prevent the next check.
	if aborted := p.call(ctx, p.producer.AbortTransaction); err == nil {
		err = aborted
	}
	return p.classed("asking which run goes on", err)
}

// call makes a call of librdkafka that may block, for brokenFor at the most. librdkafka does not notice a context that
// ends earlier: then nobody waits for the call any more, and close lets it end before the producer goes.
func (p *transactionalProducer) call(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, brokenFor)
	done := make(chan error, 1)
	p.calls.Go(func() {
		defer cancel()
		done <- do(bounded)
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends the producer. A transaction that is open ends when the id is opened again, or by its timeout.
func (p *transactionalProducer) close() { closeProducer(p.producer, &p.calls) }

// classed gives an error of a transaction its class; nil stays nil.
func (p *transactionalProducer) classed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if fenced(err) || fenced(p.producer.GetFatalError()) {
		return fmt.Errorf("%s: %w", doing, flow.ErrFenced)
	}
	var ke ck.Error
	if errors.As(err, &ke) {
		switch ke.Code() {
		case ck.ErrMsgSizeTooLarge, ck.ErrTopicAuthorizationFailed, ck.ErrTransactionalIDAuthorizationFailed, ck.ErrGroupAuthorizationFailed:
			return p.cfg.failed(doing, err)
		}
	}
	return fmt.Errorf("%s (%s): %w", doing, reason(err), flow.ErrRestart)
}
