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
	if err := tr.call(ctx, tr.producer.InitTransactions); err != nil {
		return t.cfg.failed(fmt.Sprintf("taking over partition %d", partition), err)
	}
	tr.broken.Store(false)
	positions, err := t.admin.streamPositions(ctx, t.cfg.Names, t.topics, t.cfg.NewTopic, true)
	if err != nil {
		return err
	}
	if pos, ok := positions[partition]; ok {
		tr.next, tr.ledger = pos.Next, pos.Ledger
	}
	raw, clean := t.topics[t.cfg.Names.Raw()], t.topics[t.cfg.Names.Clean()]
	tr.ledger.Cluster, tr.ledger.RawTopic, tr.ledger.CleanTopic = raw.ClusterID, raw.ID, clean.ID
	tr.ledger.RunID = t.cfg.RunID
	return nil
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
