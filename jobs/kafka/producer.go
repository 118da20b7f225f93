package kafka

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// newProducer makes an idempotent producer that waits for all replicas. Its events are drained for as long as
// it lives: onError hears of errors that are no delivery's, also of connections that break where log.connection.close is
// set, since librdkafka does not call that an error; onDelivery of deliveries when reports is true.
func newProducer(cfg Config, more ck.ConfigMap, onError func(ck.Error), onDelivery func(*ck.Message)) (*ck.Producer, error) {
	m := cfg.with(ck.ConfigMap{
		"enable.idempotence":         true,
		"acks":                       "all",
		"linger.ms":                  5,
		"compression.type":           cmp.Or(cfg.Codec, "none"),
		"batch.num.messages":         10000,
		"queue.buffering.max.kbytes": 16 << 10, // each partition of a stream has a producer
		"message.max.bytes":          maxDeadBytes,
		// How long a topic may be unknown before its records fail: less than they may wait for a broker.
		"topic.metadata.propagation.max.ms": 10_000,
		"go.delivery.reports":               onDelivery != nil,
		// The defaults of a million places take 24 MB from each producer.
		"go.events.channel.size":  1000,
		"go.produce.channel.size": 1, // not used
	})
	for k, v := range more {
		(*m)[k] = v
	}
	p, err := ck.NewProducer(m)
	if err != nil {
		return nil, cfg.failed("setting up a Kafka producer", err)
	}
	go cfg.drainLogs(p.Logs(), func(line string) { onError(ck.NewError(ck.ErrTransport, line, false)) })
	go func() {
		for ev := range p.Events() {
			switch ev := ev.(type) {
			case ck.Error:
				onError(ev)
			case *ck.Message:
				if onDelivery != nil {
					onDelivery(ev)
				}
			}
		}
	}()
	return p, nil
}

// closeBound is how long closing one client may take. Close can hang in librdkafka; what is left then goes with the process.
const closeBound = time.Second

// closeProducer ends a producer, after the calls to it that nobody waits for any more, and drops what it still holds.
func closeProducer(p *ck.Producer, calls *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		calls.Wait()
		_ = p.Purge(ck.PurgeQueue | ck.PurgeInFlight | ck.PurgeNonBlocking) // fails only when there is nothing to purge
		p.Close()
	}()
	select {
	case <-done:
	case <-time.After(closeBound):
	}
}

func message(topic string, partition int32, key, value []byte, headers []flow.Header) *ck.Message {
	m := &ck.Message{TopicPartition: ck.TopicPartition{Topic: &topic, Partition: partition}, Key: key, Value: value}
	for _, h := range headers {
		m.Headers = append(m.Headers, ck.Header{Key: h.Key, Value: h.Value})
	}
	return m
}

// produce queues a message, and waits while the queue is full.
func produce(ctx context.Context, p *ck.Producer, m *ck.Message) error {
	for {
		err := p.Produce(m, nil)
		var ke ck.Error
		if !errors.As(err, &ke) || ke.Code() != ck.ErrQueueFull {
			return err
		}
		if err := retry.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// Writer sends records of any source to topics, at least once and, while one Writer lives, in order.
type Writer struct {
	cfg      Config
	producer *ck.Producer

	mu      sync.Mutex
	failure error // the first delivery that failed
	sent    int64 // delivered
	waiting int64 // queued and neither delivered nor failed
}

// NewWriter makes a Writer.
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
