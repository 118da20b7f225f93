package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/retry"
)

// consume calls use for every committed record that a topic has when it begins. A value is the caller's.
func (s Servers) consume(ctx context.Context, topic string, use func(*ck.Message) error) error {
	c, err := ck.NewConsumer(&ck.ConfigMap{
		"bootstrap.servers": s.Brokers, "group.id": "bench", "enable.metrics.push": false,
		"enable.auto.commit": false, "enable.auto.offset.store": false, "auto.offset.reset": "error",
		"enable.partition.eof": true, "isolation.level": "read_committed",
		"fetch.wait.max.ms": 10, "fetch.queue.backoff.ms": 5, "queued.max.messages.kbytes": 32 << 10, "fetch.max.bytes": 8 << 20, "max.partition.fetch.bytes": 1 << 20,
	})
	if err != nil {
		return fmt.Errorf("setting up a Kafka consumer: %w", err)
	}
	defer func() { _ = c.Close() }() // nothing is committed
	const patience = 10_000
	metadata, err := c.GetMetadata(&topic, false, patience)
	if err != nil {
		return fmt.Errorf("asking for topic %s: %w", topic, err)
	}
	from := offsetsOf(topic, metadata.Topics[topic].Partitions)
	if err := c.Assign(from); err != nil {
		return fmt.Errorf("reading topic %s: %w", topic, err)
	}
	for left := len(from); left > 0 && ctx.Err() == nil; {
		switch ev := c.Poll(100).(type) {
		case *ck.Message:
			if err := errors.Join(ev.TopicPartition.Error, use(ev)); err != nil {
				return err
			}
		case ck.PartitionEOF:
			left--
		case ck.Error:
			return fmt.Errorf("reading topic %s: %w", topic, ev)
		}
	}
	return ctx.Err()
}

// producer returns a producer with the durability of the jobs': acks=all, idempotent; with an id it writes transactions. What it
// writes is compressed as the topic wants it, so that the broker has nothing to do.
func (s Servers) producer(ctx context.Context, topic, id string) (*ck.Producer, error) {
	codec, err := s.codec(ctx, topic)
	if err != nil {
		return nil, err
	}
	settings := ck.ConfigMap{
		"bootstrap.servers": s.Brokers, "enable.metrics.push": false, "enable.idempotence": true, "acks": "all", "linger.ms": 5,
		"compression.type": codec, "batch.num.messages": 10_000, "message.max.bytes": kafka.MaxRawBytes,
		"queue.buffering.max.kbytes": 64 << 10, "go.delivery.reports": false, "go.events.channel.size": 1000, "go.produce.channel.size": 1,
	}
	if id != "" {
		settings["transactional.id"] = id
	}
	p, err := ck.NewProducer(&settings)
	if err != nil {
		return nil, fmt.Errorf("setting up a Kafka producer: %w", err)
	}
	go func() {
		for range p.Events() { // what matters is reported by the commit
		}
	}()
	return p, nil
}

// codec returns the compression that a topic's batches are stored with.
func (s Servers) codec(ctx context.Context, topic string) (codec string, err error) {
	err = s.withAdmin(func(admin *ck.AdminClient) error {
		results, err := admin.DescribeConfigs(ctx, []ck.ConfigResource{{Type: ck.ResourceTopic, Name: topic}})
		if err != nil {
			return fmt.Errorf("asking for the settings of %s: %w", topic, err)
		}
		codec = results[0].Config["compression.type"].Value
		return nil
	})
	if codec == "uncompressed" || codec == "producer" {
		codec = "none"
	}
	return codec, err
}

// put queues a record, and waits while the queue is full.
func put(ctx context.Context, p *ck.Producer, m *ck.Message) error {
	for {
		err := p.Produce(m, nil)
		var refused ck.Error
		if !errors.As(err, &refused) || refused.Code() != ck.ErrQueueFull {
			return err
		}
		if err := retry.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// drained waits until the brokers have acknowledged all that was put.
func drained(ctx context.Context, p *ck.Producer) error {
	var stopped error
	for p.Len() > 0 && stopped == nil {
		stopped = retry.Sleep(ctx, time.Millisecond)
	}
	return errors.Join(stopped, p.GetFatalError())
}
