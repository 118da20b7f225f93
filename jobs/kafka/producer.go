package kafka

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// newProducer returns an idempotent producer that waits for all replicas. Its events are drained for as long as
// it lives: onError is called for errors that are not of a delivery, also for connections that break where log.connection.close is
// set, since librdkafka does not call that an error; onDelivery for deliveries, unless it is nil.
func newProducer(cfg Config, more ck.ConfigMap, onError func(ck.Error), onDelivery func(*ck.Message)) (*ck.Producer, error) {
	m := cfg.with(ck.ConfigMap{
		"enable.idempotence": true,
		"acks":               "all",
		// A flush does not wait for it. librdkafka polls without a pause for the last millisecond of each linger that is not over
		// because a batch is full: at 5 ms that was a fifth of the CPU time of `stream`.
		"linger.ms":                  100,
		"compression.type":           cmp.Or(cfg.Codec, storedCodec),
		"batch.num.messages":         10000,
		"queue.buffering.max.kbytes": 16 << 10, // each partition of a stream has a producer
		"message.max.bytes":          letter.MaxBytes,
		// How long a topic may be unknown before its records fail: less than they may wait for a broker.
		"topic.metadata.propagation.max.ms": 10_000,
		"go.delivery.reports":               onDelivery != nil,
		"go.delivery.report.fields":         "none", // whoever gets one asks for its error alone
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

// closeProducer ends a producer, after the calls of it that are still under way, and drops what it holds.
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
	return whileFull(ctx, func() error { return p.Produce(m, nil) })
}

// whileFull repeats what puts records into a producer's queue while that is full.
func whileFull(ctx context.Context, put func() error) error {
	for {
		err := put()
		if err == nil {
			return nil
		}
		var ke ck.Error
		if !errors.As(err, &ke) || ke.Code() != ck.ErrQueueFull {
			return err
		}
		if err := retry.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}
