package kafka

import (
	"context"
	"sync"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// Writer sends records of any source to topics, at least once and, while one Writer lives, in order.
type Writer struct {
	cfg      Config
	producer *ck.Producer

	mu      sync.Mutex
	failure error // the first delivery that failed
	sent    int64 // delivered
	waiting int64 // queued and neither delivered nor failed
}

// NewWriter returns a Writer.
func NewWriter(cfg Config) (*Writer, error) {
	w := &Writer{cfg: cfg}
	var err error
	w.producer, err = newProducer(cfg, ck.ConfigMap{"delivery.timeout.ms": int(brokenFor / time.Millisecond)}, w.onError, w.onDelivery)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (w *Writer) onError(err ck.Error) {
	if err.IsFatal() {
		w.fail(w.cfg.failed("writing to Kafka", err))
	}
}

func (w *Writer) onDelivery(m *ck.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting--
	if m.TopicPartition.Error == nil {
		w.sent++
		return
	}
	if w.failure == nil {
		w.failure = w.cfg.failed("writing to "+*m.TopicPartition.Topic, m.TopicPartition.Error)
	}
}

func (w *Writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure == nil {
		w.failure = err
	}
}

// Failure is the first failure so far.
func (w *Writer) Failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure
}

// Write queues one record. An earlier failure is returned at once.
func (w *Writer) Write(ctx context.Context, topic string, partition int32, key, value []byte, headers []flow.Header) error {
	if err := w.Failure(); err != nil {
		return err
	}
	w.count(1) // first: the report of the delivery may come before produce returns
	if err := produce(ctx, w.producer, message(topic, partition, key, value, headers)); err != nil {
		w.count(-1)
		return w.cfg.failed("writing to "+topic, err)
	}
	return nil
}

func (w *Writer) count(n int64) {
	w.mu.Lock()
	w.waiting += n
	w.mu.Unlock()
}

// Flush waits until everything queued is on the brokers and returns how many records were delivered in all.
func (w *Writer) Flush(ctx context.Context) (int64, error) {
	for {
		w.mu.Lock()
		sent, waiting, failure := w.sent, w.waiting, w.failure
		w.mu.Unlock()
		switch {
		case failure != nil || waiting == 0:
			return sent, failure
		case ctx.Err() != nil:
			return sent, ctx.Err()
		}
		w.producer.Flush(100)
		time.Sleep(time.Millisecond) // the last reports are on their way through the channel
	}
}

// Close ends the Writer; what was not flushed is dropped.
func (w *Writer) Close() { closeProducer(w.producer, &sync.WaitGroup{}) }
