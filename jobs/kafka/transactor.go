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
func (t *Transactions) open(ctx context.Context, partition int32) (*transactor, error) {
	tr := &transactor{next: -1}
	id := t.cfg.Names.Group("stream") + "." + strconv.Itoa(int(partition)) + t.cfg.IDSuffix
	var err error
	tr.producer, err = newProducer(t.cfg.Config, ck.ConfigMap{
		"transactional.id":       id,
		"transaction.timeout.ms": int(t.cfg.Expiry / time.Millisecond),
	}, func(ck.Error) { tr.broken.Store(true) }, nil)
	if err != nil {
		return nil, err
	}
	if err = t.settle(ctx, partition, tr); err != nil {
		tr.close()
		return nil, err
	}
	return tr, nil
}

func (t *Transactions) settle(ctx context.Context, partition int32, tr *transactor) error {
	raw := t.cfg.Names.Raw()
	err := t.connect(ctx, tr)
	if err == nil {
		err = tr.call(ctx, tr.producer.InitTransactions)
	}
	if err != nil {
		return t.cfg.failed(fmt.Sprintf("taking over partition %d", partition), err)
	}
	tr.broken.Store(false)
	// Of this partition alone: another's offset may wait for its transaction to end until that one is taken over too. That
	// the topics are the right ones, Resume has seen.
	found, err := t.admin.positionsIn(ctx, t.cfg.Names, t.topics, true, partition)
	if err != nil {
		return err
	}
	if pos, ok := found.here[partition]; ok {
		tr.next, tr.ledger = pos.Next, pos.Ledger
	}
	tr.ledger.Cluster, tr.ledger.RawTopic, tr.ledger.CleanTopic = t.topics[raw].ClusterID, t.topics[raw].ID, t.topics[t.cfg.Names.Clean()].ID
	tr.ledger.RunID = t.cfg.RunID
	return nil
}

// connect waits until a broker is connected: before that, librdkafka looks for the coordinator only every 500 ms. The first
// answer still comes over the bootstrap connection, which it drops then; the second one comes over the broker's own.
func (t *Transactions) connect(ctx context.Context, tr *transactor) error {
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
