package kafka

import (
	"context"
	"errors"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka/rdkafka"
)

// History reads parts of partitions again, beside the run's own feed. One goroutine may use it at a time.
type History struct {
	// Patience is how long Since waits for the end of open transactions, of whatever producer, that hide records which are there
	// when it is called; then it fails with flow.TryLater. Zero: it does not wait, and leaves out what they hide.
	Patience time.Duration
	// Last is how many offsets before the end Since begins at the earliest; 0: as early as it is asked to.
	Last int64

	cfg   Config
	admin *Admin
	topic flow.Topic
	feed  *Feed // connected by the first call that has something to read
}

// NewHistory reads a topic's past.
func NewHistory(ctx context.Context, cfg Config, admin *Admin, topic string) (*History, error) {
	t, err := admin.Topic(ctx, topic)
	if err != nil {
		return nil, err
	}
	return &History{cfg: cfg, admin: admin, topic: t}, nil
}

// Topic is the topic that is read.
func (h *History) Topic() flow.Topic { return h.topic }

// Since calls each with the committed records of a partition that arrived at t or later, in their order, up to those
// committed when the call began. The zero time means from the first record kept. A record is good until each returns, but what it refers
// to stays.
func (h *History) Since(ctx context.Context, partition int32, t time.Time, each func(*flow.Record) error) error {
	held, err := h.bounds(ctx, partition)
	if err != nil {
		return err
	}
	from, end := held.First, held.End
	if !t.IsZero() {
		since, err := h.admin.since(ctx, h.topic, partition, t)
		if err != nil {
			return err
		}
		if since < 0 { // no record is as young
			return nil
		}
		from = max(from, since)
	}
	if h.Last > 0 {
		from = max(from, end-h.Last)
	}
	if from >= end {
		return nil
	}
	return h.read(ctx, partition, from, end, each)
}

// bounds returns what a partition holds, as Patience says.
func (h *History) bounds(ctx context.Context, partition int32) (flow.Bounds, error) {
	if h.Patience == 0 {
		bounds, err := h.admin.Bounds(ctx, h.topic)
		return bounds[partition], err
	}
	bounds, err := h.admin.awaitStable(ctx, h.topic, h.Patience, partition)
	if errors.Is(err, errHidden) {
		return flow.Bounds{}, flow.Fail(flow.TryLater, "partition %d of %s: a transaction of another producer has hidden records for %s: run this again when that producer has ended it or Kafka has, after its transaction.timeout.ms", partition, h.topic.Name, h.Patience)
	}
	return bounds[partition], err
}

// Between calls each with the committed records of a partition from one offset up to another, in their order. An end that is not
// above the last stable offset is reached.
func (h *History) Between(ctx context.Context, partition int32, from, end int64, each func(*flow.Record) error) error {
	if from >= end {
		return nil
	}
	return h.read(ctx, partition, from, end, each)
}

func (h *History) read(ctx context.Context, partition int32, from, end int64, each func(*flow.Record) error) error {
	if err := h.open(); err != nil {
		return err
	}
	if err := h.feed.Start(ctx, flow.Offsets{partition: from}); err != nil {
		return err
	}
	defer func() { _ = h.feed.Start(ctx, nil) }() // read no further; the next call says where to
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		ev, err := h.feed.Poll(100 * time.Millisecond)
		if err != nil {
			return err
		}
		switch ev := ev.(type) {
		case *flow.Record:
			if ev.Offset >= end {
				return nil
			}
			if err := each(ev); err != nil {
				return err
			}
			if ev.Offset == end-1 {
				return nil
			}
		case flow.AtEnd:
			if ev.Offset >= end {
				return nil
			}
		case flow.Unreadable:
			return ev.Err
		}
	}
}

// open connects the consumer that all calls share.
func (h *History) open() error {
	if h.feed != nil {
		return nil
	}
	c, err := newConsumer(h.cfg, ck.ConfigMap{
		"group.id":             "senmeteo.history", // needed by librdkafka, never joined nor committed
		"enable.partition.eof": true,
		"isolation.level":      "read_committed",
		"fetch.wait.max.ms":    10, // most partitions end in a transaction marker, which only an empty fetch shows
	})
	if err != nil {
		return err
	}
	h.feed = &Feed{cfg: h.cfg, topic: h.topic, consumer: c, reader: rdkafka.NewReader(c, mostValue), admin: h.admin}
	return nil
}

// Close ends the connections of its own; the admin belongs to the caller.
func (h *History) Close() error {
	if h.feed == nil {
		return nil
	}
	h.feed.admin = nil
	return h.feed.Close()
}
