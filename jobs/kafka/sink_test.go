package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// conformance is a cluster as flowtest sees a store.
type conformance struct {
	*cluster
	alone bool // StreamSinkConfig.Alone
}

func (s conformance) Open(t testing.TB) flow.Sink {
	t.Helper()
	sink, err := NewStreamSink(s.ctx(), StreamSinkConfig{Config: s.cfg, Names: s.names, RunID: "test", Alone: s.alone}, s.admin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	return &faulty{StreamSink: sink}
}

func (s conformance) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	positions, err := s.admin.StreamPositions(s.ctx(), s.names, true)
	if err != nil {
		t.Fatal(err)
	}
	out := flowtest.Stored{Next: flow.Offsets{}}
	for p, pos := range positions {
		out.Next[p] = pos.Next
	}
	for _, r := range s.read(s.names.Clean()) {
		var row map[string]any
		if err := json.Unmarshal(r.Value, &row); err != nil {
			t.Fatalf("the clean topic holds %q: %v", r.Value, err)
		}
		date, _, _ := strings.Cut(fmt.Sprint(row["observed_at"]), "T")
		if string(r.Key) != row["station_id"] || header(r.Headers, HeaderID) != row["id"] || header(r.Headers, HeaderDate) != date {
			t.Errorf("the key %q and the headers %v do not fit %s", r.Key, r.Headers, r.Value)
		}
		out.Rows = append(out.Rows, flowtest.MakeRow(row))
	}
	return out
}

// breakdown is how far a commit gets before its process dies or its connection breaks.
type breakdown string

const (
	afterProduce     breakdown = "the process dies when the records are written"
	afterSendOffsets breakdown = "the process dies when the offset is in the transaction"
	afterCommit      breakdown = "the answer to the commit is lost"
	lateCommit       breakdown = "the commit is held back until the next transaction has begun"
)

var breakdowns = []breakdown{afterProduce, afterSendOffsets, afterCommit, lateCommit}

// faulty is a sink whose next commit goes wrong. Its producer stays as it is: neither closed nor told to abort.
type faulty struct {
	*StreamSink
	next breakdown
	held *partitionWriter // with a commit that is held back
}

func (f *faulty) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	if f.next != "" {
		point := f.next
		f.next = ""
		return flow.Outcome{}, f.crash(ctx, b, point)
	}
	if f.held == nil {
		return f.StreamSink.Commit(ctx, b)
	}
	held := f.held
	f.held = nil
	w, err := f.writerFor(ctx, b)
	if err != nil {
		return flow.Outcome{}, err
	}
	if err := f.begin(ctx, w, b); err != nil {
		return flow.Outcome{}, err
	}
	if err := held.producer.commit(ctx); !errors.Is(err, flow.ErrFenced) {
		return flow.Outcome{}, fmt.Errorf("a commit that was held back was not fenced but answered: %w", err)
	}
	ledger := w.ledger.Add(b)
	if err := f.sendOffsets(ctx, w.producer, b.Partition, b.End, ledger); err != nil {
		return flow.Outcome{}, err
	}
	w.next, w.ledger = b.End, ledger
	return flow.Outcome{Written: int64(len(b.Observations))}, w.producer.commit(ctx)
}

// begin begins a transaction and puts the batch into it.
func (f *faulty) begin(ctx context.Context, w *partitionWriter, b *flow.Batch) error {
	if err := w.producer.begin(); err != nil {
		return err
	}
	if err := f.fill(ctx, w.producer, b); err != nil {
		return err
	}
	return w.producer.flush(ctx)
}

// crash does a commit up to a point and forgets the producer.
func (f *faulty) crash(ctx context.Context, b *flow.Batch, point breakdown) error {
	w, err := f.writerFor(ctx, b)
	if err != nil {
		return err
	}
	if point == afterCommit {
		if err := f.transaction(ctx, w.producer, b, w.ledger.Add(b)); err != nil {
			return err
		}
	} else {
		if err := f.begin(ctx, w, b); err != nil {
			return err
		}
		if point != afterProduce {
			if err := f.sendOffsets(ctx, w.producer, b.Partition, b.End, w.ledger.Add(b)); err != nil {
				return err
			}
		}
	}
	f.mu.Lock()
	delete(f.writers, b.Partition)
	f.mu.Unlock()
	if point == lateCommit {
		f.held = w
	}
	return fmt.Errorf("%s: %w", point, flow.ErrRestart)
}

func TestTransactionsKeepTheContractOfSinks(t *testing.T) { // as runs that follow do
	flowtest.TestSink(t, harness(false))
}

func TestTransactionsOfRunsThatAreAloneKeepTheContractOfSinks(t *testing.T) { // as bounded runs do
	h := harness(true)
	h.Huge = 100 // how much one transaction holds has nothing to do with it
	flowtest.TestSink(t, h)
}

func harness(alone bool) flowtest.Harness {
	h := flowtest.Harness{Parallel: true, New: func(t testing.TB) flowtest.Store { return conformance{newCluster(t), alone} }}
	for _, c := range breakdowns {
		h.Faults = append(h.Faults, flowtest.Fault{Name: string(c), Arm: func(_ testing.TB, s flow.Sink) { s.(*faulty).next = c }})
	}
	return h
}

// crashing is the job's sink with a crash at its n-th commit.
type crashing struct {
	*faulty
	n     int
	point breakdown
}

var errKilled = errors.New("killed")

func (c *crashing) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	c.n--
	if c.n == 0 {
		if err := c.crash(ctx, b, c.point); !errors.Is(err, flow.ErrRestart) {
			return flow.Outcome{}, err
		}
		return flow.Outcome{}, errKilled
	}
	return c.faulty.Commit(ctx, b)
}

// S1: whatever was under way, the next run settles it and the clean topic has everything once.
func TestARunAfterAKilledOneLeavesEverythingOnce(t *testing.T) {
	for _, point := range breakdowns[:3] {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			records := readings(30)
			c.write(c.names.Raw(), records...)
			wrong := reading("SN-DK", 1000, 20) // to be rerouted, maybe by the transaction that stays open
			wrong.Partition = (wrong.Partition + 1) % testPartitions
			c.write(c.names.Raw(), wrong)
			for kill := range 4 {
				s, err := c.openStream(nil)
				if err != nil {
					t.Fatal(err)
				}
				sink := &crashing{&faulty{StreamSink: s.sink}, kill + 1, point}
				_, err = flow.Run(c.ctx(), flow.Config{BatchRecords: 25}, s.feed, []flow.Step{s.step}, sink)
				if !errors.Is(err, errKilled) {
					t.Fatalf("the run was to be killed, and returned %v", err)
				}
				s.close(t)
			}
			c.stream()
			c.stream() // the rerouted record arrives after the first one's snapshot
			c.wantOnce(len(records) + 1)
		})
	}
}

func TestATransactionThatCantBeFilledCommitsNoOffset(t *testing.T) {
	c := newCluster(t)
	store := conformance{c, false}
	sink := store.Open(t)
	if _, err := sink.Acquire(c.ctx(), 0); err != nil {
		t.Fatal(err)
	}
	good := flow.Batch{Partition: 0, Start: 0, End: 5}
	if _, err := sink.Commit(c.ctx(), &good); err != nil {
		t.Fatal(err)
	}
	s := meteo.Stations[0]
	o := meteo.Observation{Reading: meteo.NewReading(s, time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), "generate", meteo.Observed)}
	bad := flow.Batch{
		Partition: 0, Start: 5, End: 9, Observations: []meteo.Observation{o}, Origin: []int{0},
		Reroutes: []flow.Reroute{{Partition: testPartitions + 90, Key: []byte(s.ID), Value: []byte("{}")}}, // the topic has no such partition
	}
	if _, err := sink.Commit(c.ctx(), &bad); err == nil {
		t.Fatal("a record for a partition that is not there was committed")
	}
	if next, err := sink.Acquire(c.ctx(), 0); err != nil || next != 5 {
		t.Errorf("the partition goes on at %d (%v), want 5", next, err)
	}
	if got := store.Stored(t); len(got.Rows) != 0 {
		t.Errorf("the clean topic shows %d observations of a transaction that failed", len(got.Rows))
	}
}
