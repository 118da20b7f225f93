package kafka

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka/rdkafka"
)

// Feed reads one topic, committed records only.
type Feed struct {
	cfg          Config
	topic        flow.Topic
	admin        *Admin
	group        string
	mark         bool            // whether positions are copied into the group's offsets
	consumer     *ck.Consumer    // nil until there is something to read: most runs of a schedule find nothing
	reader       *rdkafka.Reader // of the consumer
	groupOffsets *groupOffsets   // copies positions; nil without consumer or mark
	silent       time.Time       // since when no broker answers; zero while they do
	next         flow.Offsets    // of each partition that is read, the offset after what Poll has returned
	stopped      map[int32]bool  // partitions that are read no further: see unreadable
	members      flow.Group
}

// brokenFor is how long no broker may answer before a run gives up.
const brokenFor = 30 * time.Second

// NewFeed opens a topic for a consumer group. With mark, the group's offsets follow what is stored, for monitoring;
// a job whose truth is the group's own offsets says false.
func NewFeed(ctx context.Context, cfg Config, topic, group string, mark bool) (*Feed, error) {
	admin, err := NewAdmin(cfg)
	if err != nil {
		return nil, err
	}
	f := &Feed{cfg: cfg, admin: admin, group: group, mark: mark, next: flow.Offsets{}, stopped: map[int32]bool{}}
	if f.topic, err = admin.Topic(ctx, topic); err != nil {
		_ = f.Close()
		return nil, err
	}
	f.admin.warnOfCompression(ctx, topic)
	return f, nil
}

// open connects the consumer.
func (f *Feed) open() (err error) {
	if f.consumer != nil {
		return nil
	}
	f.consumer, err = newConsumer(f.cfg, ck.ConfigMap{
		"group.id":             f.group,
		"enable.partition.eof": true,
		"isolation.level":      "read_committed",
		"session.timeout.ms":   15000,
	})
	if err != nil {
		return err
	}
	f.reader = rdkafka.NewReader(f.consumer, mostValue)
	if f.mark {
		f.groupOffsets = startGroupOffsets(f.cfg.logger(), f.consumer, f.topic.Name)
	}
	return nil
}

// newConsumer returns a consumer that never decides by itself where to read and never commits.
func newConsumer(cfg Config, more ck.ConfigMap) (*ck.Consumer, error) {
	m := cfg.with(ck.ConfigMap{
		"enable.auto.commit":       false,
		"enable.auto.offset.store": false,
		"auto.offset.reset":        "error",
		"check.crcs":               true,
		"fetch.wait.max.ms":        100, // the end of a partition is reported only after an empty fetch
		"fetch.queue.backoff.ms":   5,   // the default of 1 s stalls a drain whenever the queue fills
		// An answer is compressed: it may hold 21 times as much, and of what we write five times.
		"queued.max.messages.kbytes": 2 << 10,
		"message.max.bytes":          256 << 10, // librdkafka wants it to be no more than the next one; it is of producers
		"fetch.max.bytes":            256 << 10,
		"max.partition.fetch.bytes":  64 << 10, // a larger batch comes all the same
	})
	for k, v := range more {
		(*m)[k] = v
	}
	c, err := ck.NewConsumer(m)
	if err != nil {
		return nil, cfg.failed("setting up a Kafka consumer", err)
	}
	go cfg.drainLogs(c.Logs(), nil)
	return c, nil
}

// Topic is the topic as it was when the feed was opened.
func (f *Feed) Topic() flow.Topic { return f.topic }

// Admin asks the same brokers about topics and groups.
func (f *Feed) Admin() *Admin { return f.admin }

// Bounds implements flow.Feed.
func (f *Feed) Bounds(ctx context.Context) (map[int32]flow.Bounds, error) {
	return f.admin.Bounds(ctx, f.topic)
}

// Start implements flow.Feed.
func (f *Feed) Start(_ context.Context, from flow.Offsets) error {
	if err := f.open(); err != nil {
		return err
	}
	f.silent = time.Time{}
	f.next, f.stopped = flow.Offsets{}, map[int32]bool{}
	return f.assign(from)
}

// assign reads these partitions, and no others.
func (f *Feed) assign(from flow.Offsets) error {
	f.reader.Clear()
	if err := f.consumer.Assign(assignment(f.topic.Name, from)); err != nil {
		return f.cfg.failed("starting to read "+f.topic.Name, err)
	}
	maps.Copy(f.next, from)
	return nil
}

func assignment(topic string, from flow.Offsets) []ck.TopicPartition {
	parts := make([]ck.TopicPartition, 0, len(from))
	for p, o := range from {
		parts = append(parts, ck.TopicPartition{Topic: &topic, Partition: p, Offset: ck.Offset(o)})
	}
	return parts
}

// Follow implements flow.Feed.
func (f *Feed) Follow(_ context.Context, g flow.Group) error {
	if err := f.open(); err != nil {
		return err
	}
	f.members = g
	if err := f.consumer.Subscribe(f.topic.Name, nil); err != nil {
		return f.cfg.failed("joining the consumer group of "+f.topic.Name, err)
	}
	return nil
}

// assigned reads the partitions that the group gives this consumer, from where its member says.
func (f *Feed) assigned(partitions []int32) error {
	from, err := f.members.Assigned(partitions)
	if err != nil {
		from = nil
	}
	return cmp.Or(err, f.assign(from))
}

// revoked reads the partitions no further that the group takes from this consumer: all of them.
func (f *Feed) revoked(partitions []int32) error {
	f.members.Revoked(partitions)
	clear(f.next)
	clear(f.stopped)
	f.reader.Clear()
	if err := f.consumer.Unassign(); err != nil {
		return f.cfg.failed("giving up partitions of "+f.topic.Name, err)
	}
	return nil
}

func partitionsOf(parts []ck.TopicPartition) []int32 {
	out := make([]int32, len(parts))
	for i, p := range parts {
		out[i] = p.Partition
	}
	slices.Sort(out)
	return out
}

// Poll implements flow.Feed.
func (f *Feed) Poll(wait time.Duration) (flow.Event, error) {
	switch ev := f.reader.Poll(wait).(type) {
	case *flow.Record:
		f.silent = time.Time{}
		if f.stopped[ev.Partition] {
			return nil, nil
		}
		f.next[ev.Partition] = ev.Offset + 1
		return ev, nil
	case ck.PartitionEOF:
		f.silent = time.Time{}
		if f.stopped[ev.Partition] {
			return nil, nil
		}
		f.next[ev.Partition] = int64(ev.Offset)
		return flow.AtEnd{Partition: ev.Partition, Offset: int64(ev.Offset)}, nil
	case ck.AssignedPartitions:
		return nil, f.assigned(partitionsOf(ev.Partitions))
	case ck.RevokedPartitions:
		return nil, f.revoked(partitionsOf(ev.Partitions))
	case ck.Error:
		if of := faultOf(ev); of != nil {
			return f.unreadable(of)
		}
		return nil, f.readError(ev)
	}
	return nil, f.checkSilence()
}

// checkSilence ends the run when no broker has answered for too long. An idle topic is silent too, so it asks for its bounds.
func (f *Feed) checkSilence() error {
	if f.silent.IsZero() || time.Since(f.silent) < brokenFor {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.cfg.timeout())
	defer cancel()
	if _, err := f.Bounds(ctx); err != nil {
		return err
	}
	f.silent = time.Time{}
	return nil
}

// readError ignores what librdkafka retries; a broker that stays away and anything else end the run.
func (f *Feed) readError(err ck.Error) error {
	switch err.Code() {
	case ck.ErrAllBrokersDown, ck.ErrTransport, ck.ErrResolve, ck.ErrTimedOut, ck.ErrNetworkException:
		if f.silent.IsZero() {
			f.silent = time.Now()
		}
		return nil
	case ck.ErrAutoOffsetReset, ck.ErrOffsetOutOfRange:
		return flow.Fail(flow.Usage, "reading %s: the next offset is past the topic's retention; nothing was skipped: %s", f.topic.Name, err.String())
	}
	if err.IsRetriable() && !err.IsFatal() {
		return nil
	}
	return f.cfg.failed("reading "+f.topic.Name, err)
}

// mostValue is how much of a value is kept. A topic's limit is of compressed bytes: no record that is of use is as large.
const mostValue = letter.MaxBytes

// Mark implements flow.Feed.
func (f *Feed) Mark(partition int32, next int64) {
	if f.groupOffsets != nil {
		f.groupOffsets.set(partition, next)
	}
}

// Close implements flow.Feed. It makes the last copy of the positions, but waits only a little for brokers that do not answer.
func (f *Feed) Close() error {
	done := make(chan error, 1)
	go func() {
		if f.groupOffsets != nil {
			f.groupOffsets.stop()
		}
		if f.admin != nil {
			f.admin.Close()
		}
		var err error
		if f.consumer != nil {
			f.reader.Clear()
			err = f.consumer.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return f.cfg.failed("closing the consumer", err)
		}
	case <-time.After(closeBound):
	}
	return nil
}
