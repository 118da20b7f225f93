package kafka

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/test/servers"
)

// cluster is the shared Kafka with topics of the test's own. What the test writes it writes with franz-go, another client.
type cluster struct {
	testing.TB
	cfg   Config
	names Names
	admin *Admin
	other *kgo.Client
}

const testPartitions = flowtest.Partitions

func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{TB: t, cfg: Config{Brokers: servers.Brokers(t)}, names: Names{Prefix: servers.TopicPrefix(t)}}
	var err error
	if c.admin, err = NewAdmin(c.cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.admin.Close)
	c.makeTopics()
	c.other, err = kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(2<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.other.Close)
	return c
}

func (c *cluster) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	c.Cleanup(cancel)
	return ctx
}

func (c *cluster) makeTopics() {
	c.Helper()
	if _, err := c.admin.EnsureTopics(c.ctx(), c.names, testPartitions, 1); err != nil {
		c.Fatal(err)
	}
}

// write appends records to a topic and returns the offset of the last.
func (c *cluster) write(topic string, records ...*kgo.Record) int64 {
	c.Helper()
	for _, r := range records {
		r.Topic = topic
	}
	if err := c.other.ProduceSync(c.ctx(), records...).FirstErr(); err != nil {
		c.Fatalf("writing to %s: %v", topic, err)
	}
	return records[len(records)-1].Offset
}

// reading makes the n-th raw record of a station, in the partition it belongs to.
func reading(station string, n int, temperature float64) *kgo.Record {
	s, _ := meteo.StationByID(station)
	o := meteo.Observation{Reading: meteo.NewReading(s, time.Date(2026, 1, 15, 0, 10*n, 0, 0, time.UTC), "generate", meteo.Observed)}
	o.FetchedAt = o.ObservedAt
	o.Values[meteo.Temperature] = temperature
	return &kgo.Record{Key: []byte(station), Value: o.AppendJSON(nil), Partition: Partition(station, testPartitions)}
}

// readings makes n readings of each main station.
func readings(n int) []*kgo.Record {
	var out []*kgo.Record
	for i := range n {
		for _, s := range meteo.Stations {
			out = append(out, reading(s.ID, i, 25+float64(i%10)/10))
		}
	}
	return out
}

// read returns the committed records of a topic, partition by partition.
func (c *cluster) read(topic string) []flow.Record {
	c.Helper()
	h, err := NewHistory(c.ctx(), c.cfg, c.admin, topic)
	if err != nil {
		c.Fatal(err)
	}
	var out []flow.Record
	defer func() { _ = h.Close() }()
	for p := range int32(testPartitions) {
		err := h.Since(c.ctx(), p, time.Time{}, func(r *flow.Record) error { out = append(out, *r); return nil })
		if err != nil {
			c.Fatal(err)
		}
	}
	return out
}

// rows counts the committed observations of the clean topic by id and revision.
func (c *cluster) rows() map[string]int {
	c.Helper()
	out, decoder := map[string]int{}, shape.NewDecoder()
	for _, r := range c.read(c.names.Clean()) {
		o, err := decoder.Observation(r.Value)
		if err != nil {
			c.Fatalf("the clean topic holds %q: %v", r.Value, err)
		}
		if o.Identity.ID() != o.ID || header(r.Headers, HeaderID) != o.ID.String() || header(r.Headers, HeaderDate) != o.ObservedAt.Format(time.DateOnly) {
			c.Errorf("the headers %v do not fit %s", r.Headers, r.Value)
		}
		out[fmt.Sprintf("%s/%d", o.ID, o.Revision)]++
	}
	return out
}

// stream is one run of the job.
type stream struct {
	feed *Feed
	sink *StreamSink
	step *clean.Step
	past *History
}

func (c *cluster) openStream(change func(*StreamSinkConfig)) (*stream, error) {
	ctx := c.ctx()
	feed, err := NewFeed(ctx, c.cfg, c.names.Raw(), c.names.Group("stream"), false)
	if err != nil {
		return nil, err
	}
	cfg := StreamSinkConfig{Config: c.cfg, Names: c.names, RunID: "test"}
	if change != nil {
		change(&cfg)
	}
	sink, err := NewStreamSink(ctx, cfg, feed.Admin())
	if err != nil {
		return nil, err
	}
	history, err := NewHistory(ctx, c.cfg, feed.Admin(), c.names.Clean())
	if err != nil {
		return nil, err
	}
	history.Patience = LongestTransaction
	step := clean.New(clean.Config{MaxBytes: MaxRawBytes, History: history, Partition: func(s string) int32 { return Partition(s, testPartitions) }})
	return &stream{feed, sink, step, history}, nil
}

func (s *stream) close(t testing.TB) {
	if err := s.past.Close(); err != nil {
		t.Error(err)
	}
	if err := s.sink.Close(); err != nil {
		t.Error(err)
	}
	if err := s.feed.Close(); err != nil {
		t.Error(err)
	}
}

// stream runs the job once to the end.
func (c *cluster) stream() *flow.Report {
	c.Helper()
	rep, err := c.tryStream(c.ctx(), flow.Config{}, nil)
	if err != nil {
		c.Fatalf("stream: %v", err)
	}
	return rep
}

func (c *cluster) tryStream(ctx context.Context, cfg flow.Config, change func(*StreamSinkConfig)) (*flow.Report, error) {
	c.Helper()
	s, err := c.openStream(change)
	if err != nil {
		return nil, err
	}
	defer s.close(c)
	cfg.Job = "stream"
	return flow.Run(ctx, cfg, s.feed, []flow.Step{s.step}, s.sink)
}

// ledger adds the partitions' ledgers up.
func (c *cluster) ledger() Ledger {
	c.Helper()
	positions, err := c.admin.StreamPositions(c.ctx(), c.names, true)
	if err != nil {
		c.Fatal(err)
	}
	var sum Ledger
	for p, pos := range positions {
		l := pos.Ledger
		if !l.Balances() {
			c.Errorf("the ledger of partition %d does not balance: %+v", p, l)
		}
		sum.Read += l.Read
		sum.Expanded += l.Expanded
		sum.Clean += l.Clean
		sum.Duplicates += l.Duplicates
		sum.Dead += l.Dead
		sum.Rerouted += l.Rerouted
	}
	return sum
}

// wantOnce fails unless the clean topic holds n observations, each once, and the ledger agrees.
func (c *cluster) wantOnce(n int) {
	c.Helper()
	rows := c.rows()
	for row, count := range rows {
		if count != 1 {
			c.Errorf("%s is in the clean topic %d times", row, count)
		}
	}
	if l := c.ledger(); len(rows) != n || l.Clean != int64(n) {
		c.Errorf("the clean topic holds %d observations and the ledger counts %d, want %d", len(rows), l.Clean, n)
	}
}
