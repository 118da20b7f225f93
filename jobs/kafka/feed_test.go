package kafka

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/jobs/flow"
)

func (c *cluster) feed(topic string) *Feed {
	c.Helper()
	f, err := NewFeed(c.ctx(), c.cfg, topic, c.names.Group("feed"), true)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() {
		if err := f.Close(); err != nil {
			c.Error(err)
		}
	})
	return f
}

// foreign is a transaction of another program in one partition of the raw topic.
type foreign struct {
	client    *kgo.Client
	partition int32
}

// transaction begins a transaction of another program and writes n records of a partition into it.
func (c *cluster) transaction(id string, partition int32, n int) foreign {
	c.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers), kgo.TransactionalID(c.names.Prefix+id), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(client.Close)
	if err := client.BeginTransaction(); err != nil {
		c.Fatal(err)
	}
	for i := range n {
		r := &kgo.Record{Topic: c.names.Raw(), Partition: partition, Value: fmt.Appendf(nil, "%s %d", id, i)}
		if err := client.ProduceSync(c.ctx(), r).FirstErr(); err != nil {
			c.Fatal(err)
		}
	}
	return foreign{client, partition}
}

// end ends a transaction. The coordinator answers before the marker is in the partition, which this waits for.
func (c *cluster) end(t foreign, commit kgo.TransactionEndTry) {
	c.Helper()
	if err := t.client.EndTransaction(c.ctx(), commit); err != nil {
		c.Fatal(err)
	}
	raw, err := c.admin.Topic(c.ctx(), c.names.Raw())
	if err != nil {
		c.Fatal(err)
	}
	if _, err := c.admin.awaitStable(c.ctx(), raw, 30*time.Second, t.partition); err != nil {
		c.Fatal(err)
	}
}

// collector is a sink that only remembers.
type collector struct {
	next   flow.Offsets
	values []string
	took   func()
}

func (s *collector) Resume(context.Context) (flow.Offsets, error) { return maps.Clone(s.next), nil }

func (s *collector) Acquire(_ context.Context, p int32) (int64, error) {
	if next, ok := s.next[p]; ok {
		return next, nil
	}
	return -1, nil
}

func (s *collector) Commit(_ context.Context, b *flow.Batch) (flow.Outcome, error) {
	for _, r := range b.Records {
		s.values = append(s.values, string(r.Value))
	}
	s.next[b.Partition] = b.End
	if s.took != nil {
		s.took()
	}
	return flow.Outcome{Written: int64(len(b.Records))}, nil
}

func (s *collector) Release(int32) {}
func (s *collector) Close() error  { return nil }

func TestBoundsTellTheLastStableOffsetFromTheEnd(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(), &kgo.Record{Partition: 1, Value: []byte("a")}, &kgo.Record{Partition: 1, Value: []byte("b")})
	open := c.transaction("open", 1, 3)
	bounds, err := c.feed(c.names.Raw()).Bounds(c.ctx())
	if err != nil {
		t.Fatal(err)
	}
	want := map[int32]flow.Bounds{0: {}, 1: {First: 0, End: 2, High: 5}, 2: {}, 3: {}}
	if !maps.Equal(bounds, want) {
		t.Errorf("the bounds are %v, want %v", bounds, want)
	}
	c.end(open, kgo.TryCommit)
}

// S7, S8
func TestOnlyCommittedRecordsAreReadAndMarkersAtTheEndCostNoTime(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.end(c.transaction("kept", 0, 3), kgo.TryCommit)
	c.end(c.transaction("dropped", 0, 3), kgo.TryAbort)
	c.end(c.transaction("dropped too", 1, 3), kgo.TryAbort)
	open := c.transaction("open", 2, 2)
	sink := &collector{next: flow.Offsets{}}
	began := time.Now()
	rep, err := flow.Run(c.ctx(), flow.Config{}, c.feed(c.names.Raw()), nil, sink)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the run took %v", took)
	}
	if got := strings.Join(sink.values, ", "); got != "kept 0, kept 1, kept 2" {
		t.Errorf("read %q", got)
	}
	if want := (flow.Offsets{0: 8, 1: 4}); !maps.Equal(sink.next, want) || rep.Lag != 0 {
		t.Errorf("stored up to %v with lag %d, want %v and 0", sink.next, rep.Lag, want)
	}

	c.end(open, kgo.TryCommit)
	if _, err := flow.Run(c.ctx(), flow.Config{}, c.feed(c.names.Raw()), nil, sink); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(sink.values[3:], ", "); got != "open 0, open 1" {
		t.Errorf("when the transaction had ended, the next run read %q", got)
	}
}

// S9
func TestABoundedRunOnKafkaStopsAtItsSnapshot(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for i := range 50 {
		c.write(c.names.Raw(), &kgo.Record{Partition: 0, Value: fmt.Append(nil, i)})
	}
	sink := &collector{next: flow.Offsets{}}
	sink.took = func() { c.write(c.names.Raw(), &kgo.Record{Partition: 0, Value: []byte("late")}) }
	rep, err := flow.Run(c.ctx(), flow.Config{BatchRecords: 7}, c.feed(c.names.Raw()), nil, sink)
	if err != nil {
		t.Fatal(err)
	}
	if len(sink.values) != 50 || sink.next[0] != 50 || rep.Lag != 8 {
		t.Errorf("read %d up to %v, lag %d; want 50 up to 50 and a lag of 8", len(sink.values), sink.next, rep.Lag)
	}
}

// S10
func TestOffsetsThatRetentionHasPassedFailLoudly(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for i := range 10 {
		c.write(c.names.Raw(), &kgo.Record{Partition: 0, Value: fmt.Append(nil, i)})
	}
	c.deleteRecords(0, 6)
	sink := &collector{next: flow.Offsets{0: 4}}
	_, err := flow.Run(c.ctx(), flow.Config{}, c.feed(c.names.Raw()), nil, sink)
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(fmt.Sprint(err), "offset 4 to 5 are past") || len(sink.values) != 0 {
		t.Errorf("the run ended with %v after %d records", err, len(sink.values))
	}

	feed := c.feed(c.names.Raw()) // retention that passes after the look is told by the broker
	if err := feed.Start(c.ctx(), flow.Offsets{0: 4}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); err == nil || flow.ClassOf(err) == flow.Usage; {
		ev, pollErr := feed.Poll(100 * time.Millisecond)
		if pollErr != nil {
			if flow.ClassOf(pollErr) != flow.Usage || !strings.Contains(pollErr.Error(), "nothing was skipped") {
				t.Errorf("Poll says %v", pollErr)
			}
			return
		}
		if _, ok := ev.(*flow.Record); ok || time.Now().After(deadline) {
			t.Fatalf("Poll gave %v for an offset that is gone", ev)
		}
	}
}

func (c *cluster) deleteRecords(partition int32, before int64) {
	c.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, before
	req.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: c.names.Raw(), Partitions: []kmsg.DeleteRecordsRequestTopicPartition{p}}}
	answer, err := req.RequestWith(c.ctx(), c.other)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		c.Fatalf("deleting records: %v", err)
	}
}

func TestThePositionsAreCopiedIntoTheConsumerGroup(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(), &kgo.Record{Partition: 2, Value: []byte("a")})
	f, err := NewFeed(c.ctx(), c.cfg, c.names.Raw(), c.names.Group("feed"), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flow.Run(c.ctx(), flow.Config{}, f, nil, &collector{next: flow.Offsets{}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	offsets, err := c.admin.committedOffsets(c.ctx(), c.names.Group("feed"), []flow.Topic{f.Topic()}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := offsets[c.names.Raw()]; len(got) != 1 || got[2].next != 1 {
		t.Errorf("the group's offsets are %v, want 1 for partition 2", got)
	}
}

// The broker takes it, as a batch is compressed.
func TestAValueThatIsTooLargeForAnyUseIsCutAndItsSizeKept(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	large, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(32<<20))
	if err != nil {
		t.Fatal(err)
	}
	c.other.Close()
	c.other = large
	sizes := []int{0, mostValue, mostValue + 1, 12 << 20, 1}
	for _, size := range sizes {
		c.write(c.names.Raw(), &kgo.Record{Key: []byte("k"), Value: make([]byte, size), Headers: []kgo.RecordHeader{{Key: "after", Value: []byte("it")}}})
	}
	for i, r := range c.read(c.names.Raw()) {
		size := sizes[i]
		whole := 0
		if size > mostValue {
			whole = size
		}
		if len(r.Value) != min(size, mostValue) || r.Whole != whole || r.Header("after") != "it" || string(r.Key) != "k" {
			t.Errorf("of %d bytes %d are kept, and the record says it has %d: %v", size, len(r.Value), r.Whole, r.Headers)
		}
	}
}

// The second record has no room beside the first, and librdkafka can't close before it has it back. Not parallel: it looks at all goroutines.
func TestAFeedClosesThatHasReadMoreThanItReturned(t *testing.T) {
	c := newCluster(t)
	c.write(c.names.Raw(), &kgo.Record{Value: []byte("small")}, &kgo.Record{Value: make([]byte, 100<<10)})
	feed, err := NewFeed(c.ctx(), c.cfg, c.names.Raw(), c.names.Group("stream"), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := feed.Start(c.ctx(), flow.Offsets{0: 0}); err != nil {
		t.Fatal(err)
	}
	for ev := flow.Event(nil); ev == nil; {
		if ev, err = feed.Poll(100 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if err := feed.Close(); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		stacks := make([]byte, 1<<20)
		if stacks = stacks[:runtime.Stack(stacks, true)]; !bytes.Contains(stacks, []byte("(*Feed).Close")) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the consumer does not close:\n%s", stacks)
		}
	}
}
