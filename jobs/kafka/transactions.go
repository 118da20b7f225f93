package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// StreamSink is the sink of `stream`: a batch becomes one Kafka transaction that holds the clean
// observations, the dead letters, the rerouted records and the raw partition's next offset with its ledger.
//
// Each raw partition has a producer of its own with the transactional id "<prefix>.stream.<partition>": that id
// is the fence. Taking a partition over (InitTransactions) ends what a predecessor left open and locks it out.
type StreamSink struct {
	cfg      StreamSinkConfig
	admin    *Admin
	topics   map[string]flow.Topic
	metadata *ck.ConsumerGroupMetadata
	guard    *guard // nil unless the run is alone

	mu        sync.Mutex
	producers map[int32]*transactor
}

// StreamSinkConfig says where the transactions go.
type StreamSinkConfig struct {
	Config
	Names    Names
	RunID    string
	NewTopic bool          // start again on topics that were deleted and made again
	Slow     time.Duration // a commit that took longer may have been sent twice, and the first may still arrive (75 ms)
	Alone    bool          // one run at a time has all partitions (a bounded run); of two the one that started last goes on
}

// NewStreamSink makes the sink. The admin is the feed's and stays open longer than the sink.
func NewStreamSink(ctx context.Context, cfg StreamSinkConfig, admin *Admin) (*StreamSink, error) {
	if cfg.Slow == 0 {
		cfg.Slow = retryBackoff * 3 / 4
	}
	topics, err := admin.Topics(ctx, cfg.Names.Topics()...)
	if err != nil {
		return nil, err
	}
	// Without member and generation: the transactional id is the only fence, in bounded runs and consumer groups alike.
	metadata, err := ck.NewTestConsumerGroupMetadata(cfg.Names.Group("stream"))
	if err != nil {
		return nil, cfg.failed("naming the consumer group", err)
	}
	t := &StreamSink{cfg: cfg, admin: admin, topics: topics, metadata: metadata, producers: map[int32]*transactor{}}
	if cfg.Alone {
		t.guard = &guard{taken: map[int32]bool{}}
	}
	return t, nil
}

// Resume implements flow.Sink. With NewTopic it first writes down that all partitions start again, whichever of them have
// records now: the runs after it need not be told.
func (t *StreamSink) Resume(ctx context.Context) (flow.Offsets, error) {
	if t.cfg.NewTopic {
		if err := t.startAgain(ctx); err != nil {
			return nil, err
		}
	}
	positions, err := t.admin.streamPositions(ctx, t.cfg.Names, t.topics, false)
	if err != nil {
		return nil, err
	}
	out := flow.Offsets{}
	for p, pos := range positions {
		out[p] = pos.Next
	}
	return out, nil
}

// startAgain commits the first offset of each raw partition that was never worked on between these topics.
func (t *StreamSink) startAgain(ctx context.Context) error {
	found, err := t.admin.positionsIn(ctx, t.cfg.Names, t.topics, false)
	if err != nil {
		return err
	}
	bounds, err := t.admin.Bounds(ctx, t.topics[t.cfg.Names.Raw()])
	if err != nil {
		return err
	}
	var all errgroup.Group
	for p, b := range bounds {
		if _, ok := found.here[p]; !ok {
			all.Go(func() error { return t.begin(ctx, p, b.First) })
		}
	}
	return all.Wait()
}

// beginnings bounds how often a partition is tried to be begun when the outcome stays unknown.
const beginnings = 5

// begin commits the first offset of a raw partition, without a batch, unless somebody was quicker.
func (t *StreamSink) begin(ctx context.Context, partition int32, first int64) (err error) {
	defer t.Release(partition)
	for range beginnings {
		var next int64
		if next, err = t.Acquire(ctx, partition); err != nil || next >= 0 {
			return err
		}
		_, err = t.Commit(ctx, &flow.Batch{Partition: partition, Start: first, End: first})
		if !errors.Is(err, flow.ErrRestart) {
			return err
		}
	}
	return err
}

// Acquire implements flow.Sink.
func (t *StreamSink) Acquire(ctx context.Context, partition int32) (int64, error) {
	if t.guard != nil {
		if err := t.guard.let(ctx, t, partition); err != nil {
			return 0, err
		}
	}
	tr, err := t.take(ctx, partition)
	if err != nil {
		return 0, err
	}
	return tr.next, nil
}

// take opens a partition's producer in place of the one there is.
func (t *StreamSink) take(ctx context.Context, partition int32) (*transactor, error) {
	t.Release(partition)
	tr, err := t.open(ctx, partition)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.producers[partition] = tr
	t.mu.Unlock()
	return tr, nil
}

// Commit implements flow.Sink.
func (t *StreamSink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	tr, err := t.transactor(ctx, b)
	if err != nil {
		return flow.Outcome{}, err
	}
	ledger := tr.ledger.Add(b)
	if doing, err := t.transact(ctx, tr, b, ledger); err != nil {
		err = t.cfg.doubt(fmt.Sprintf("%s for [%d, %d) of partition %d", doing, b.Start, b.End, b.Partition), tr, err)
		t.Release(b.Partition)
		return flow.Outcome{}, t.orOurs(ctx, err)
	}
	tr.next, tr.ledger = b.End, ledger
	return flow.Outcome{Written: int64(len(b.Observations))}, nil
}

// transact is one whole transaction. With an error it tells what it was doing.
func (t *StreamSink) transact(ctx context.Context, tr *transactor, b *flow.Batch, ledger Ledger) (doing string, err error) {
	if err := tr.producer.BeginTransaction(); err != nil {
		return "beginning a transaction", err
	}
	if err := t.fill(ctx, tr.producer, b); err != nil {
		return "filling a transaction", err
	}
	if crash.Enabled {
		_ = tr.delivered(ctx) // the point is when the brokers have the records; a failure shows in the commit
		crash.At("stream.after-produce")
	}
	if err := tr.call(ctx, func(ctx context.Context) error { return t.sendOffsets(ctx, tr.producer, b.Partition, b.End, ledger) }); err != nil {
		return "putting the offset into a transaction", err
	}
	crash.At("stream.after-offsets")
	if err := tr.delivered(ctx); err != nil { // else the commit waits for it, and how long that took would not tell anything
		return "filling a transaction", err
	}
	crash.At("stream.before-commit")
	began := time.Now()
	if err := tr.call(ctx, tr.producer.CommitTransaction); err != nil {
		return "committing a transaction", err
	}
	crash.At("stream.after-commit")
	tr.retired = time.Since(began) > t.cfg.Slow || tr.broken.Load()
	return "", nil
}

// transactor returns the partition's producer, a fresh one when the last commit may have an echo.
func (t *StreamSink) transactor(ctx context.Context, b *flow.Batch) (*transactor, error) {
	t.mu.Lock()
	tr := t.producers[b.Partition]
	t.mu.Unlock()
	if tr == nil {
		return nil, fmt.Errorf("committing partition %d, which was not acquired", b.Partition)
	}
	if tr.retired || tr.broken.Load() {
		known := tr.next
		var err error
		if tr, err = t.take(ctx, b.Partition); err != nil {
			return nil, err
		}
		if tr.next != known {
			return nil, fmt.Errorf("partition %d was moved from offset %d to %d: %w", b.Partition, known, tr.next, flow.ErrFenced)
		}
	}
	if tr.next >= 0 && tr.next != b.Start {
		return nil, fmt.Errorf("partition %d stands at offset %d, and the batch starts at %d", b.Partition, tr.next, b.Start)
	}
	return tr, nil
}

// fill puts everything that the batch came to into the open transaction.
func (t *StreamSink) fill(ctx context.Context, p *ck.Producer, b *flow.Batch) error {
	topic, value := t.cfg.Names.Clean(), []byte(nil)
	for i := range b.Observations {
		o := &b.Observations[i]
		value = o.AppendJSON(value[:0]) // librdkafka copies it
		m := ck.Message{
			TopicPartition: ck.TopicPartition{Topic: &topic, Partition: b.Partition}, Key: []byte(o.StationID), Value: value,
			Headers: []ck.Header{
				{Key: HeaderID, Value: []byte(o.ID.String())},
				{Key: HeaderDate, Value: o.ObservedAt.AppendFormat(nil, time.DateOnly)},
			},
		}
		if err := produce(ctx, p, &m); err != nil {
			return err
		}
	}
	for _, r := range b.Rejects {
		l := letterOf(t.topics[t.cfg.Names.Raw()], "stream", t.cfg.RunID, &b.Records[r.Record], r.Refusal)
		if err := produce(ctx, p, message(t.cfg.Names.DLQ(), l.Partition, l.Key, l.Value, l.headers())); err != nil {
			return err
		}
	}
	for _, r := range b.Reroutes {
		if err := produce(ctx, p, message(t.cfg.Names.Raw(), r.Partition, r.Key, r.Value, r.Headers)); err != nil {
			return err
		}
	}
	return nil
}

// sendOffsets puts the next offset of a raw partition with its ledger into the open transaction.
func (t *StreamSink) sendOffsets(ctx context.Context, p *ck.Producer, partition int32, next int64, ledger Ledger) error {
	text := ledger.text()
	raw, clean := t.cfg.Names.Raw(), t.cfg.Names.Clean()
	return p.SendOffsetsToTransaction(ctx, []ck.TopicPartition{
		{Topic: &raw, Partition: partition, Offset: ck.Offset(next), Metadata: &text},
		{Topic: &clean, Partition: partition, Offset: ck.Offset(next), Metadata: &text}, // remembers the raw topic when that is deleted
	}, t.metadata)
}

// The headers of a record of the clean topic.
const (
	HeaderID   = flow.HeaderID
	HeaderDate = flow.HeaderDate
)

// Release implements flow.Sink. What is open ends when the next holder takes the partition over.
func (t *StreamSink) Release(partition int32) {
	t.mu.Lock()
	tr := t.producers[partition]
	delete(t.producers, partition)
	t.mu.Unlock()
	if tr != nil {
		tr.close()
	}
}

// Close implements flow.Sink.
func (t *StreamSink) Close() error {
	t.mu.Lock()
	producers := t.producers
	t.producers = map[int32]*transactor{}
	t.mu.Unlock()
	var all sync.WaitGroup
	for _, tr := range producers {
		all.Go(tr.close)
	}
	if t.guard != nil {
		all.Go(t.guard.close)
	}
	all.Wait()
	return nil
}
