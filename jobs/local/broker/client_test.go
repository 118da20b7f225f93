package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	rawTopic   = "meteo.raw"
	cleanTopic = "meteo.clean"
	copyGroup  = "stream"
)

// endpoint is how to reach a broker: librdkafka's settings.
type endpoint map[string]string

func at(b *Broker) endpoint {
	to := endpoint{"bootstrap.servers": b.Addr()}
	maps.Copy(to, b.Settings())
	return to
}

func clientConfig(to endpoint, more kafka.ConfigMap) *kafka.ConfigMap {
	cfg := kafka.ConfigMap{
		"enable.metrics.push":      false,
		"log_level":                2,
		"allow.auto.create.topics": false,
	}
	for k, v := range to {
		cfg[k] = v
	}
	maps.Copy(cfg, more)
	return &cfg
}

// newProducer makes an idempotent producer, transactional when id is given.
func newProducer(to endpoint, id string) (*kafka.Producer, error) {
	more := kafka.ConfigMap{"enable.idempotence": true, "linger.ms": 2, "go.delivery.reports": false, "queue.buffering.max.messages": 1000000}
	if id != "" {
		more["transactional.id"] = id
	}
	p, err := kafka.NewProducer(clientConfig(to, more))
	if err != nil {
		return nil, err
	}
	go func() {
		for range p.Events() { // an undrained channel stops the client
		}
	}()
	return p, nil
}

// newReader makes a read_committed consumer of one partition from an offset on.
func newReader(to endpoint, topic string, partition int32, from kafka.Offset) (*kafka.Consumer, error) {
	c, err := kafka.NewConsumer(clientConfig(to, kafka.ConfigMap{
		"group.id": "reader", "enable.auto.commit": false, "isolation.level": "read_committed",
		"enable.partition.eof": true, "auto.offset.reset": "error", "check.crcs": true,
		"fetch.queue.backoff.ms": 5, "fetch.wait.max.ms": 50,
	}))
	if err != nil {
		return nil, err
	}
	err = c.Assign([]kafka.TopicPartition{{Topic: &topic, Partition: partition, Offset: from}})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// errEnd is returned by next at the end of the partition.
var errEnd = io.EOF

// next returns the next message, or errEnd.
func next(ctx context.Context, c *kafka.Consumer) (*kafka.Message, error) {
	for {
		switch e := c.Poll(50).(type) {
		case *kafka.Message:
			return e, e.TopicPartition.Error
		case kafka.PartitionEOF:
			return nil, errEnd
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAutoOffsetReset {
				return nil, e
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// readAll returns the messages of a partition that a read_committed reader sees.
func readAll(ctx context.Context, to endpoint, topic string, partition int32) ([]*kafka.Message, error) {
	c, err := newReader(to, topic, partition, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	var all []*kafka.Message
	for {
		m, err := next(ctx, c)
		if errors.Is(err, errEnd) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

// progress is what the copier keeps in the metadata of its committed offset.
type progress struct {
	Copied int `json:"copied"`
}

// committed returns the copier's next offset of a raw partition and its counter.
func committed(to endpoint, partition int32) (kafka.Offset, progress, error) {
	var done progress
	topic := rawTopic
	c, err := kafka.NewConsumer(clientConfig(to, kafka.ConfigMap{"group.id": copyGroup}))
	if err != nil {
		return 0, done, err
	}
	defer func() { _ = c.Close() }()
	got, err := c.Committed([]kafka.TopicPartition{{Topic: &topic, Partition: partition}}, 10_000)
	if err != nil {
		return 0, done, err
	}
	if got[0].Offset < 0 {
		return 0, done, nil
	}
	if got[0].Metadata == nil {
		return 0, done, fmt.Errorf("offset %v has no metadata", got[0].Offset)
	}
	return got[0].Offset, done, json.Unmarshal([]byte(*got[0].Metadata), &done)
}

// copier copies one raw partition to the clean partition of the same number, in
// transactions of at most batch records that carry the offset and a counter.
type copier struct {
	to        endpoint
	id        string // transactional id
	partition int32
	batch     int
	committed func() // called after each commit, when set
}

// run copies until the end of the partition when once is set, else until ctx ends.
func (cp copier) run(ctx context.Context, once bool) error {
	p, err := newProducer(cp.to, cp.id)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.InitTransactions(ctx); err != nil {
		return fmt.Errorf("initialising transactions: %w", err)
	}
	offset, done, err := committed(cp.to, cp.partition)
	if err != nil {
		return err
	}
	c, err := newReader(cp.to, rawTopic, cp.partition, offset)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	group, err := kafka.NewTestConsumerGroupMetadata(copyGroup)
	if err != nil {
		return err
	}
	for {
		var batch []*kafka.Message
		atEnd := false
		for len(batch) < cp.batch && !atEnd {
			m, err := next(ctx, c)
			switch {
			case errors.Is(err, errEnd):
				atEnd = true
			case err != nil:
				return err
			default:
				batch = append(batch, m)
			}
		}
		if len(batch) > 0 {
			done.Copied += len(batch)
			if err := cp.commit(ctx, p, group, batch, done); err != nil {
				return err
			}
			if cp.committed != nil {
				cp.committed()
			}
		}
		if atEnd && once {
			return nil
		}
	}
}

func (cp copier) commit(ctx context.Context, p *kafka.Producer, group *kafka.ConsumerGroupMetadata, batch []*kafka.Message, done progress) error {
	if err := p.BeginTransaction(); err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	clean, raw := cleanTopic, rawTopic
	for _, m := range batch {
		err := p.Produce(&kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &clean, Partition: cp.partition},
			Key:            m.Key,
			Value:          m.Value,
		}, nil)
		if err != nil {
			return fmt.Errorf("producing: %w", err)
		}
	}
	metadata, err := json.Marshal(done)
	if err != nil {
		return err
	}
	text := string(metadata)
	end := batch[len(batch)-1].TopicPartition.Offset + 1
	err = p.SendOffsetsToTransaction(ctx, []kafka.TopicPartition{{Topic: &raw, Partition: cp.partition, Offset: end, Metadata: &text}}, group)
	if err != nil {
		return fmt.Errorf("sending offsets: %w", err)
	}
	if err := p.CommitTransaction(ctx); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// createTopics makes topics of n partitions unless they are there.
func createTopics(ctx context.Context, to endpoint, n int, topics ...string) error {
	admin, err := kafka.NewAdminClient(clientConfig(to, nil))
	if err != nil {
		return err
	}
	defer admin.Close()
	var specs []kafka.TopicSpecification
	for _, t := range topics {
		specs = append(specs, kafka.TopicSpecification{Topic: t, NumPartitions: n, ReplicationFactor: 1})
	}
	results, err := admin.CreateTopics(ctx, specs, kafka.SetAdminOperationTimeout(10*time.Second))
	if err != nil {
		return err
	}
	for _, r := range results {
		if code := r.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrTopicAlreadyExists {
			return fmt.Errorf("creating %s: %w", r.Topic, r.Error)
		}
	}
	return nil
}
