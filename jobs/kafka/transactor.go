package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// transactor is one partition's producer.
type transactor struct {
	producer *ck.Producer
	next     int64 // the offset that the next batch must start at; -1 before the first
	ledger   Ledger
	broken   atomic.Bool    // a connection broke since the partition was taken over
	retired  bool           // its last commit was slow or saw a break: a late end of it could end the next transaction
	calls    sync.WaitGroup // calls of librdkafka under way
}

// open makes a partition's producer, fences off every earlier one, and only then reads how far the partition is.
func (t *StreamSink) open(ctx context.Context, partition int32) (*transactor, error) {
	tr := &transactor{next: -1}
	var err error
	if tr.producer, err = t.producer(strconv.Itoa(int(partition)), func(ck.Error) { tr.broken.Store(true) }); err != nil {
		return nil, err
	}
	if err = t.settle(ctx, partition, tr); err != nil {
		tr.close()
		return nil, err
	}
	return tr, nil
}

// producer makes a transactional producer whose id ends with a name.
func (t *StreamSink) producer(name string, onError func(ck.Error)) (*ck.Producer, error) {
	return newProducer(t.cfg.Config, ck.ConfigMap{
		"transactional.id":       t.cfg.Names.Group("stream") + "." + name,
		"transaction.timeout.ms": int(t.cfg.expiry().Milliseconds()),
		"retry.backoff.ms":       int(retryBackoff / time.Millisecond),
		"log.connection.close":   true, // a break is logged and no more: see newProducer
	}, onError, nil)
}

// retryBackoff is how long librdkafka waits, give or take 20 %, before it sends a request once more. A commit that was over
// sooner was sent once.
const retryBackoff = 100 * time.Millisecond

func (t *StreamSink) settle(ctx context.Context, partition int32, tr *transactor) error {
	if err := t.fenceOff(ctx, tr); err != nil {
		return t.orOurs(ctx, t.cfg.failed(fmt.Sprintf("taking over partition %d", partition), err))
	}
	tr.broken.Store(false)
	// Of this partition alone: another's offset may wait for its transaction to end until that one is taken over too. That
	// the topics are the right ones, Resume has seen.
	found, err := t.admin.positionsIn(ctx, t.cfg.Names, t.topics, true, partition)
	if err != nil {
		return err
	}
	raw, clean := t.topics[t.cfg.Names.Raw()], t.topics[t.cfg.Names.Clean()]
	if pos, ok := found.here[partition]; ok {
		tr.next, tr.ledger = pos.Next, pos.Ledger
	} else if tr.ledger.CleanFrom, err = t.admin.end(ctx, clean, partition); err != nil {
		return err
	}
	tr.ledger.Cluster, tr.ledger.RawTopic, tr.ledger.CleanTopic = raw.ClusterID, raw.ID, clean.ID
	tr.ledger.RunID = t.cfg.RunID
	return nil
}

// fenceOff ends what an earlier producer of the same id left open and locks it out.
func (t *StreamSink) fenceOff(ctx context.Context, tr *transactor) error {
	if err := t.connect(ctx, tr); err != nil {
		return err
	}
	return tr.call(ctx, tr.producer.InitTransactions)
}

// connect waits until a broker is connected: before that, librdkafka looks for the coordinator only every 500 ms. The first
// answer still comes over the bootstrap connection, which it drops then; the second one comes over the broker's own.
func (t *StreamSink) connect(ctx context.Context, tr *transactor) error {
	raw := t.cfg.Names.Raw()
	return tr.call(ctx, func(context.Context) error {
		for range 2 {
			if _, err := tr.producer.GetMetadata(&raw, false, int(t.cfg.timeout()/time.Millisecond)); err != nil {
				return err
			}
		}
		return nil
	})
}

// call makes a call of librdkafka that may block, for brokenFor at the most. librdkafka does not hear of a context that
// ends earlier: then nobody waits for the call any more, and close lets it end before the producer goes.
func (tr *transactor) call(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, brokenFor)
	done := make(chan error, 1)
	tr.calls.Go(func() {
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

// delivered waits until the brokers have answered for all records, with success or not. (librdkafka's own flush would wait for
// events of which there are none.)
func (tr *transactor) delivered(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokenFor)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for tr.producer.Len() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func (tr *transactor) close() { closeProducer(tr.producer, &tr.calls) }

// doubt classes an error inside a transaction: fenced, or unknown until the committed offset has been read anew.
func (c Config) doubt(doing string, tr *transactor, err error) error {
	if fenced(err) || fenced(tr.producer.GetFatalError()) {
		return fmt.Errorf("%s: %w", doing, flow.ErrFenced)
	}
	var ke ck.Error
	if errors.As(err, &ke) {
		switch ke.Code() {
		case ck.ErrMsgSizeTooLarge, ck.ErrTopicAuthorizationFailed, ck.ErrTransactionalIDAuthorizationFailed, ck.ErrGroupAuthorizationFailed:
			return c.failed(doing, err)
		}
	}
	return fmt.Errorf("%s (%s): %w", doing, reason(err), flow.ErrRestart)
}

// fenced tells whether an error says that another producer took the transactional id over.
func fenced(err error) bool {
	var ke ck.Error
	if !errors.As(err, &ke) {
		return false
	}
	switch ke.Code() {
	case ck.ErrFenced, ck.ErrProducerFenced, ck.ErrInvalidProducerEpoch:
		return true
	}
	return false
}
