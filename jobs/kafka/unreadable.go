package kafka

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// fault is what librdkafka reports of a batch that it can't read.
type fault struct {
	base int64 // the batch's first offset; -1: it does not say
	why  string
}

// faultOf takes an error of a consumer for what it says of a batch; nil when it is of something else.
func faultOf(err ck.Error) *fault {
	switch err.Code() {
	case ck.ErrBadCompression, ck.ErrBadMsg, ck.ErrInvalidMsg, ck.ErrNotImplemented, ck.ErrMsgSizeTooLarge:
	default:
		return nil
	}
	f := &fault{base: -1, why: reason(err)}
	switch err.Code() {
	case ck.ErrBadCompression:
		f.why = "it is damaged, or unpacks to more than is taken"
	case ck.ErrBadMsg:
		f.why = "it is damaged: its checksum or its form is wrong"
	}
	if m := baseOffset.FindStringSubmatch(err.Error()); m != nil {
		if base, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			f.base = base
		}
	}
	return f
}

// baseOffset finds the offset in "Decompression (codec 0x1) of message at 7 of 90 bytes failed", "MessageSet at offset 7 (90 bytes)
// failed CRC32C check" and their like.
var baseOffset = regexp.MustCompile(` at (?:offset )?(\d+)\b`)

// unreadable finds out which partition an error is of, and which of its records can't be read: librdkafka does not report it. The partition is read no further, since what librdkafka returns after such a batch may be anything.
func (f *Feed) unreadable(of *fault) (flow.Event, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*brokenFor)
	defer cancel()
	probe, err := f.newProbe()
	if err != nil {
		return nil, err
	}
	defer probe.close()
	for _, p := range slices.Sorted(maps.Keys(f.next)) {
		if f.stopped[p] {
			continue
		}
		found, err := probe.look(ctx, p, f.next[p])
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		last, err := probe.lastOf(ctx, p, f.next[p], found)
		if err != nil {
			return nil, err
		}
		f.stopped[p] = true
		if err := f.consumer.Pause([]ck.TopicPartition{{Topic: &f.topic.Name, Partition: p}}); err != nil {
			return nil, f.cfg.failed("reading "+f.topic.Name, err)
		}
		return flow.Unreadable{Partition: p, Err: flow.Fail(flow.BadInput,
			"reading %s: partition %d holds a batch that can't be read, offsets %d to %d (%s); nothing was skipped: to go on without it, delete the partition's records before offset %d by Kafka's tools once all that comes before is stored, see docs/operations.md",
			f.topic.Name, p, f.next[p], last, found.why, last+1)}, nil
	}
	if len(f.stopped) > 0 {
		return nil, nil // it is of a partition that is stopped already
	}
	return nil, flow.Fail(flow.Unavailable, "reading %s: a batch could not be read (%s), and could be when it was asked for again; nothing is lost, run it again", f.topic.Name, of.why)
}

// probe is a consumer that only looks whether records can be read.
type probe struct {
	feed     *Feed
	consumer *ck.Consumer
}

func (f *Feed) newProbe() (*probe, error) {
	c, err := newConsumer(f.cfg, ck.ConfigMap{
		"group.id":             "senmeteo.probe", // needed by librdkafka, never joined nor committed
		"enable.partition.eof": true,
		"isolation.level":      "read_committed",
		"fetch.wait.max.ms":    10,
	})
	if err != nil {
		return nil, err
	}
	return &probe{feed: f, consumer: c}, nil
}

// look reads from an offset on until there is a record, the end or a batch that can't be read, whose fault it returns.
func (p *probe) look(ctx context.Context, partition int32, at int64) (*fault, error) {
	topic := p.feed.topic.Name
	if err := p.consumer.Assign(assignment(topic, flow.Offsets{partition: at})); err != nil {
		return nil, p.feed.cfg.failed("reading "+topic, err)
	}
	for ctx.Err() == nil {
		switch ev := p.consumer.Poll(100).(type) {
		case *ck.Message:
			if ev.TopicPartition.Partition == partition && int64(ev.TopicPartition.Offset) >= at {
				return nil, nil
			}
		case ck.PartitionEOF:
			if ev.Partition == partition {
				return nil, nil
			}
		case ck.Error:
			if found := faultOf(ev); found != nil {
				return found, nil
			}
		}
	}
	return nil, flow.Fail(flow.Unavailable, "reading %s: looking for the batch that can't be read took too long; nothing is lost, run it again", topic)
}

// lastOf is the last offset of the batch that is at fault. A batch is found by any of its offsets: those tried are ever farther
// away, until one is after it, and then between.
func (p *probe) lastOf(ctx context.Context, partition int32, first int64, of *fault) (int64, error) {
	if of.base < 0 {
		return first, nil
	}
	bounds, err := p.feed.Bounds(ctx)
	if err != nil {
		return 0, err
	}
	inside, after := first, bounds[partition].End
	for step := int64(1); after-inside > 1; {
		at := inside + (after-inside)/2
		if step > 0 {
			at = min(first+step, after-1)
			step *= 2
		}
		found, err := p.look(ctx, partition, at)
		switch {
		case err != nil:
			return 0, err
		case found != nil && found.base <= of.base:
			inside = at
		default:
			after, step = at, 0
		}
	}
	return after - 1, nil
}

func (p *probe) close() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.consumer.Close(); err != nil {
			p.feed.cfg.logger().Debug("closing the consumer that looked for a batch", "error", err)
		}
	}()
	select {
	case <-done:
	case <-time.After(closeBound):
	}
}
