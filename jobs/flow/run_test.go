package flow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func mustRun(t *testing.T, cfg flow.Config, f flow.Feed, s flow.Sink) *flow.Report {
	t.Helper()
	rep, err := flow.Run(t.Context(), cfg, f, []flow.Step{&oneEach{}}, s)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return rep
}

func TestARunStoresWhatIsThereAndReportsIt(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 25, 1: 7, 2: 0}), newSink()
	rep := mustRun(t, flow.Config{Job: "to-test", RunID: "r1", BatchRecords: 10}, newFeed(top), sink)
	sink.wantOnce(t, top, flow.Offsets{0: 25, 1: 7})
	want := `{"job":"to-test","run_id":"r1","read":32,"written":32,"duplicates":0,"rejected":0,"rerouted":0,"from":{"0":0,"1":0,"2":0},"to":{"0":25,"1":7,"2":0},"lag":0,"seconds":0,"outcome":"ok"}`
	rep.Seconds = 0
	if got := string(rep.JSON()); got != want {
		t.Errorf("the report is\n%s, want\n%s", got, want)
	}
}

func TestTheReportCountsWhatTheStepsAndTheStoreMadeOfTheRecords(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 20}), newSink()
	rep, err := flow.Run(t.Context(), flow.Config{BatchRecords: 10}, newFeed(top), []flow.Step{sorting{}}, &counting{sink})
	if err != nil {
		t.Fatal(err)
	}
	got := [...]int64{rep.Read, rep.Written, rep.Duplicates, rep.Rejected, rep.Rerouted, rep.Expanded}
	if want := [...]int64{20, 2, 2 * (3 + 20), 2 * (4 + 30), 2 * 5, 2 * 6}; got != want {
		t.Errorf("read, written, duplicates, rejected, rerouted, expanded are %v, want %v", got, want)
	}
}

// sorting makes something of everything of each batch.
type sorting struct{}

func (sorting) Open(int32, int64) {}

func (sorting) Apply(_ context.Context, b *flow.Batch) error {
	b.Duplicates, b.Expanded, b.Rejects, b.Reroutes = 3, 6, make([]flow.Reject, 4), make([]flow.Reroute, 5)
	return nil
}

// counting is a store that counts something of everything of each batch.
type counting struct{ *fakeSink }

func (s *counting) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	_, err := s.fakeSink.Commit(ctx, b)
	return flow.Outcome{Written: 1, Duplicates: 20, Rejected: 30}, err
}

func TestTheReportGivesTheTimeInSecondsToTheMillisecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 1}), newSink()
		sink.before = func(context.Context, *flow.Batch) error {
			time.Sleep(2500*time.Millisecond + 400*time.Microsecond)
			return nil
		}
		if rep := mustRun(t, flow.Config{}, newFeed(top), sink); rep.Seconds < 2.5 || rep.Seconds > 2.6 || rep.Seconds*1000 != float64(int64(rep.Seconds*1000)) {
			t.Errorf("the run took %v s, want 2.5", rep.Seconds)
		}
	})
}

func TestARecordAtTheEndOfTheSnapshotIsLeftToTheNextRun(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 10}), newSink()
	top.mark(0)
	feed := newFeed(top)
	feed.after[1] = func() { top.append(0, 3) } // the first of them is at the end that the run saw
	rep := mustRun(t, flow.Config{}, feed, sink)
	sink.wantOnce(t, top, flow.Offsets{0: 11})
	if rep.Read != 10 || rep.Lag != 3 {
		t.Errorf("read %d, lag %d, want 10 and 3", rep.Read, rep.Lag)
	}
}

func TestPollsWaitLongEnoughToRestAndBrieflyEnoughToNoticeASignal(t *testing.T) {
	feed := newFeed(newTopic(map[int32]int{0: 5}))
	mustRun(t, flow.Config{}, feed, newSink())
	for _, wait := range feed.waits {
		if wait < 10*time.Millisecond || wait > time.Second {
			t.Errorf("a poll waits %v", wait)
		}
	}
}

func TestABoundedRunStopsAtItsSnapshotThoughTheProducerGoesOn(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 20}), newSink()
	feed := newFeed(top)
	for i := 1; i < 40; i++ {
		feed.after[i] = func() { top.append(0, 3) }
	}
	rep := mustRun(t, flow.Config{BatchRecords: 7}, feed, sink)
	sink.wantOnce(t, top, flow.Offsets{0: 20})
	if rep.Read != 20 || rep.Lag == 0 {
		t.Errorf("read %d, lag %d: want 20 and the lag of what came meanwhile", rep.Read, rep.Lag)
	}
}

// A worker that follows commits, up to an end that comes later than the bounded run's, while that one takes the partition over.
func TestARivalThatCameFurtherThanTheSnapshotIsNotATopicThatWasTruncated(t *testing.T) {
	for _, further := range []int{0, 5} {
		top, sink := newTopic(map[int32]int{0: 20, 1: 20}), newSink()
		feed, rivalAt := newFeed(top), int64(20+further)
		rep := mustRun(t, flow.Config{}, feed, &overtaken{sink, func() { top.append(0, further); sink.next[0] = rivalAt }})
		sink.wantOnce(t, top, flow.Offsets{1: 20})
		if rep.Read != 20 || rep.To[0] != rivalAt || rep.Lag != 0 {
			t.Errorf("read %d, partition 0 to %d, lag %d: want the 20 of partition 1, and partition 0 left to the rival at %d", rep.Read, rep.To[0], rep.Lag, rivalAt)
		}
		if _, read := feed.pos[0]; read {
			t.Errorf("partition 0 is read, though the rival is at %d", rivalAt)
		}
	}
}

// overtaken is a sink whose partition 0 a rival moves on while it is taken over.
type overtaken struct {
	*fakeSink
	rival func()
}

func (s *overtaken) Acquire(ctx context.Context, p int32) (int64, error) {
	if p == 0 {
		s.mu.Lock()
		s.rival()
		s.mu.Unlock()
	}
	return s.fakeSink.Acquire(ctx, p)
}

func TestMarkersAtTheEndOfAPartitionDoNotHoldTheRunUp(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 5, 1: 0}), newSink()
	top.mark(0)
	top.mark(0)
	top.mark(1)
	rep := mustRun(t, flow.Config{}, newFeed(top), sink)
	sink.wantOnce(t, top, flow.Offsets{0: 7, 1: 1})
	if rep.Lag != 0 {
		t.Errorf("the lag is %d, want 0", rep.Lag)
	}
	again := newFeed(top)
	mustRun(t, flow.Config{}, again, sink)
	if again.polls != 0 {
		t.Errorf("the next run polls %d times for markers that it has passed", again.polls)
	}
}

func TestARunWithNothingToDoOpensNothing(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 5}), newSink()
	mustRun(t, flow.Config{}, newFeed(top), sink)
	sink.acquired = nil
	feed := newFeed(top)
	rep := mustRun(t, flow.Config{}, feed, sink)
	if len(sink.acquired) != 0 || feed.polls != 0 {
		t.Errorf("acquired %v, polled %d times; want nothing", sink.acquired, feed.polls)
	}
	if rep.Outcome != "nothing" || rep.To[0] != 5 {
		t.Errorf("the report says %q up to %v", rep.Outcome, rep.To)
	}
}

func TestMaxRecordsIsExactAcrossBatchesPartitionsAndRuns(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 100, 1: 100}), newSink()
	for done := int64(0); done < 200; {
		want := min(37, 200-done)
		rep := mustRun(t, flow.Config{MaxRecords: 37, BatchRecords: 10}, newFeed(top), sink)
		if rep.Read != want {
			t.Fatalf("a run read %d records, want %d", rep.Read, want)
		}
		done += rep.Read
	}
	sink.wantOnce(t, top, flow.Offsets{0: 100, 1: 100})
}

func TestMaxRecordsCountsARecordOnceThoughItsCommitIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 100}), newSink()
		n := 0
		sink.before = func(context.Context, *flow.Batch) error {
			if n++; n == 2 {
				return flow.ErrRestart
			}
			return nil
		}
		rep := mustRun(t, flow.Config{MaxRecords: 37, BatchRecords: 10}, newFeed(top), sink)
		if rep.Read != 37 {
			t.Errorf("the run read %d records, want 37", rep.Read)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 37})
	})
}

func TestWhatTheStoreAndTheTopicDisagreeAboutFailsLoudly(t *testing.T) {
	cases := []struct {
		name   string
		change func(*topic, *fakeSink)
		says   string
	}{
		{"retention has passed the stored offset", func(top *topic, s *fakeSink) { top.first[0] = 8; s.next[0] = 5 }, "5 to 7 are past the topic's retention"},
		{"retention has passed the first offset of all", func(top *topic, s *fakeSink) { top.first[0] = 8; s.next[0] = 0 }, "0 to 7 are past the topic's retention"},
		{"the topic is shorter than what is stored", func(_ *topic, s *fakeSink) { s.next[0] = 50 }, "the topic ends at 20"},
		{"the topic lacks a stored partition", func(_ *topic, s *fakeSink) { s.next[9] = 5 }, "has no such partition"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 20}), newSink()
			c.change(top, sink)
			rep, err := flow.Run(t.Context(), flow.Config{}, newFeed(top), nil, sink)
			if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Run returned %v, want a usage failure that says %q", err, c.says)
			}
			if len(sink.values) != 0 || rep.Outcome != "usage" {
				t.Errorf("it stored %d records and reports %q", len(sink.values), rep.Outcome)
			}
		})
	}
}

func TestRetentionBeforeTheFirstRunIsNotAFailure(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 20}), newSink()
	top.first[0] = 8
	if rep := mustRun(t, flow.Config{}, newFeed(top), sink); rep.Read != 12 || rep.From[0] != 8 {
		t.Errorf("read %d from %d, want 12 from 8", rep.Read, rep.From[0])
	}
}

func TestWarningsAreOfWhatIsNotAsItShouldBe(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*topic, *fakeSink)
		says   string
	}{
		{"all is well", func(*topic, *fakeSink) {}, ""},
		{"a transaction is open", func(top *topic, _ *fakeSink) { top.open[0] = 4 }, "partition=0 last_stable_offset=4 high_watermark=20"},
		{"records are lost", func(top *topic, s *fakeSink) { top.first[0], s.next[0] = 8, 5 }, "partition=0 from=5 to=7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 20}), newSink()
			test.change(top, sink)
			var log strings.Builder
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			mustRun(t, flow.Config{SkipLost: true, Logger: logger}, newFeed(top), sink)
			if got := log.String(); (got != "") != (test.says != "") || !strings.Contains(got, test.says) {
				t.Errorf("it warns %q, want %q in it", got, test.says)
			}
		})
	}
}

func TestNothingIsLostWhenRetentionEndsAtTheStoredOffset(t *testing.T) {
	for _, skip := range []bool{false, true} {
		top, sink := newTopic(map[int32]int{0: 20}), newSink()
		top.first[0], sink.next[0] = 8, 8
		var log strings.Builder
		rep := mustRun(t, flow.Config{SkipLost: skip, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}, newFeed(top), sink)
		if rep.Read != 12 || log.Len() > 0 {
			t.Errorf("skipping lost records: %v: read %d, want 12, and warned %q", skip, rep.Read, log.String())
		}
	}
}

func TestLostRecordsAreGoneWithoutOnlyWhenTheUserSaysSo(t *testing.T) {
	for _, first := range []int64{8, 20} { // 20: nothing is left
		top, sink := newTopic(map[int32]int{0: 20}), newSink()
		top.first[0] = first
		sink.next[0] = 5
		rep := mustRun(t, flow.Config{SkipLost: true}, newFeed(top), sink)
		if rep.Read != 20-first || rep.From[0] != 5 || rep.To[0] != 20 || sink.next[0] != 20 {
			t.Errorf("first kept %d: read %d from %d to %d, stored up to %d", first, rep.Read, rep.From[0], rep.To[0], sink.next[0])
		}
	}
}

func TestAPartitionThatCantBeReadOnHoldsNoOtherUp(t *testing.T) {
	for _, at := range []int64{0, 7, 19} {
		top, sink := newTopic(map[int32]int{0: 20, 1: 20, 2: 20}), newSink()
		feed := newFeed(top)
		feed.broken = flow.Offsets{0: at}
		for range 2 { // the second run has nothing to add and says the same
			_, err := flow.Run(t.Context(), flow.Config{BatchRecords: 5}, feed, nil, sink)
			if flow.ClassOf(err) != flow.BadInput || !strings.Contains(fmt.Sprint(err), fmt.Sprintf("offset %d on", at)) {
				t.Errorf("Run returned %v", err)
			}
			want := flow.Offsets{1: 20, 2: 20}
			if at > 0 {
				want[0] = at
			}
			sink.wantOnce(t, top, want)
		}
	}
}

func TestACommitInDoubtIsSettledByTheStore(t *testing.T) {
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored: %v", stored), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				top, sink := newTopic(map[int32]int{0: 50, 1: 50}), newSink()
				n := 0
				doubt := func() error {
					if n++; n == 3 || n == 6 || n == 7 {
						return fmt.Errorf("no answer: %w", flow.ErrRestart)
					}
					return nil
				}
				if stored {
					sink.after = func(*flow.Batch) error { return doubt() }
				} else {
					sink.before = func(context.Context, *flow.Batch) error { return doubt() }
				}
				step := &oneEach{opened: map[int32][]int64{}}
				rep, err := flow.Run(t.Context(), flow.Config{BatchRecords: 10}, newFeed(top), []flow.Step{step}, sink)
				if err != nil {
					t.Fatal(err)
				}
				sink.wantOnce(t, top, flow.Offsets{0: 50, 1: 50})
				if rep.Read != 100 || rep.Written != 100 {
					t.Errorf("the report counts %d read and %d written, want 100 of each", rep.Read, rep.Written)
				}
				if len(step.opened[0]) < 2 {
					t.Errorf("the steps were opened at %v: they must forget what was not committed", step.opened)
				}
			})
		})
	}
}

func TestRestartsInARowAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 5}), newSink()
		n, began := 0, time.Now()
		sink.before = func(context.Context, *flow.Batch) error { n++; return flow.ErrRestart }
		_, err := flow.Run(t.Context(), flow.Config{}, newFeed(top), nil, sink)
		if flow.ClassOf(err) != flow.Unavailable || n != 6 {
			t.Errorf("after %d tries Run returned %v (%v), want unavailable after 6", n, err, flow.ClassOf(err))
		}
		if took, want := time.Since(began), (200+400+800+1600+3200)*time.Millisecond; took < want || took > want+100*time.Millisecond {
			t.Errorf("the tries took %v, want pauses that double from 200 ms: %v", took, want)
		}
	})
}

func TestTwoMoreBatchesAreReadWhileOneIsCommittedAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 100}), newSink()
		feed := newFeed(top)
		var read []int
		sink.before = func(context.Context, *flow.Batch) error {
			time.Sleep(time.Second)
			synctest.Wait()
			read = append(read, int(feed.pos[0]))
			return nil
		}
		mustRun(t, flow.Config{BatchRecords: 10}, feed, sink)
		// One is committed, one is stepped, and one waits for its steps.
		if read[0] != 30 || read[1] != 40 {
			t.Errorf("while batches were committed, %v records had been read; want 30, 40, ...", read)
		}
	})
}

func TestPartitionsAreCommittedSideBySideAndEachInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 60, 1: 60, 2: 60, 3: 60}), newSink()
		sink.before = func(context.Context, *flow.Batch) error { time.Sleep(time.Second); return nil }
		rep := mustRun(t, flow.Config{BatchRecords: 10, Committers: 3}, newFeed(top), sink)
		sink.wantOnce(t, top, flow.Offsets{0: 60, 1: 60, 2: 60, 3: 60})
		if sink.mostBusy < 2 || sink.mostBusy > 3 || rep.Read != 240 {
			t.Errorf("%d commits at the same time, %d records; want 2 or 3, and 240", sink.mostBusy, rep.Read)
		}
	})
}

func TestNoCommitterIsIdleWhileAnotherHasTwoPartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 30, 1: 0, 2: 30, 3: 0}), newSink()
		sink.before = func(context.Context, *flow.Batch) error { time.Sleep(time.Second); return nil }
		began := time.Now()
		mustRun(t, flow.Config{BatchRecords: 10, Committers: 2}, newFeed(top), sink)
		sink.wantOnce(t, top, flow.Offsets{0: 30, 2: 30})
		if took := time.Since(began); took > 4*time.Second { // the first partition is read to its end before the other
			t.Errorf("six commits of a second took %v by two committers, want 4 s at the most", took)
		}
	})
}

func TestABatchEndsWithTheRecordThatFillsIt(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 9}), newSink()
	mustRun(t, flow.Config{BatchBytes: 3 * top.logs[0][0].Size()}, newFeed(top), sink)
	if want := []string{"0[0,3)", "0[3,6)", "0[6,9)"}; !slices.Equal(sink.batches, want) {
		t.Errorf("the batches are %v, want %v", sink.batches, want)
	}
}

func TestABoundedRunEndsWithItsLastRecord(t *testing.T) {
	feed := newFeed(newTopic(map[int32]int{0: 5}))
	if mustRun(t, flow.Config{}, feed, newSink()); feed.polls != 5 {
		t.Errorf("it polls %d times for 5 records", feed.polls)
	}
}

func TestMemoryIsBoundedByBytesWhateverTheNumberOfPartitions(t *testing.T) {
	parts := map[int32]int{}
	for p := range int32(50) {
		parts[p] = 100
	}
	top, sink := newTopic(parts), newSink()
	feed := &roundRobin{fakeFeed: newFeed(top)}
	var most atomic.Int64
	sink.before = func(_ context.Context, b *flow.Batch) error {
		size := 0
		for i := range b.Records {
			size += b.Records[i].Size()
		}
		most.Store(max(most.Load(), int64(size)))
		return nil
	}
	rep := mustRun(t, flow.Config{BatchBytes: 10_000}, feed, sink)
	if rep.Read != 5000 || most.Load() > 10_200 {
		t.Errorf("read %d, the largest batch has %d bytes", rep.Read, most.Load())
	}
	if feed.most > 21_000+2*10_200 {
		t.Errorf("%d bytes were read and not committed, want at most two batches waiting and two under way", feed.most)
	}
}

// roundRobin reads one record of each partition in turn and measures what the run holds.
type roundRobin struct {
	*fakeFeed
	turn int32
	held int
	most int
	mu   sync.Mutex
	done map[int32]int64
}

func (f *roundRobin) Poll(time.Duration) (flow.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range 50 {
		f.turn = (f.turn + 1) % 50
		if o := f.pos[f.turn]; o < 100 {
			f.pos[f.turn]++
			rec := *f.topic.logs[f.turn][o]
			f.held += rec.Size()
			f.most = max(f.most, f.held)
			return &rec, nil
		}
	}
	return nil, nil
}

func (f *roundRobin) Mark(p int32, next int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		f.done = map[int32]int64{}
	}
	for o := f.done[p]; o < next; o++ {
		f.held -= f.topic.logs[p][o].Size()
	}
	f.done[p] = next
}

func TestWhatAnOpenTransactionHidIsReadWhenTakingOverEndsIt(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 10, 1: 10}), newSink()
	top.open[1] = 4
	acquire := &endsTransactions{fakeSink: sink, topic: top}
	rep := mustRun(t, flow.Config{}, newFeed(top), acquire)
	sink.wantOnce(t, top, flow.Offsets{0: 10, 1: 10})
	if rep.Read != 20 || rep.Lag != 0 {
		t.Errorf("read %d, lag %d", rep.Read, rep.Lag)
	}
}

// endsTransactions ends what a killed run left open when its partition 0 is taken over.
type endsTransactions struct {
	*fakeSink
	topic *topic
}

func (s *endsTransactions) Acquire(ctx context.Context, p int32) (int64, error) {
	next, err := s.fakeSink.Acquire(ctx, p)
	if p == 1 { // after the ends were planned
		s.topic.mu.Lock()
		clear(s.topic.open)
		s.topic.mu.Unlock()
	}
	return next, err
}

func TestARunStopsAtTheLastStableOffsetOfATransactionThatStaysOpen(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 10}), newSink()
	top.open[0] = 4
	rep := mustRun(t, flow.Config{}, newFeed(top), sink)
	sink.wantOnce(t, top, flow.Offsets{0: 4})
	if rep.Read != 4 || len(sink.acquired) != 1 {
		t.Errorf("read %d, acquired %v, want 4 and partition 0 once", rep.Read, sink.acquired)
	}
}

func TestTheSlicesOfBatchesThatAreStoredServeLaterOnes(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 500}), newSink()
	records, observations := map[*flow.Record]bool{}, map[*meteo.Observation]bool{}
	sink.before = func(_ context.Context, b *flow.Batch) error {
		records[&b.Records[0]] = true
		observations[&b.Observations[0]] = true
		if len(b.Observations) != 10 || len(b.Origin) != 10 || b.Origin[9] != 9 {
			t.Errorf("a batch of %d records has %d observations, of %v", len(b.Records), len(b.Observations), b.Origin)
		}
		return nil
	}
	mustRun(t, flow.Config{BatchRecords: 10}, newFeed(top), sink)
	sink.wantOnce(t, top, flow.Offsets{0: 500})
	if len(records) > 25 || len(observations) > 10 { // an array grows a few times, and few batches are under way
		t.Errorf("50 batches had %d arrays of records and %d of observations", len(records), len(observations))
	}
}

// manyEach is a step that makes many observations of the first record, as one value with arrays of hours does.
type manyEach struct{ many int }

func (*manyEach) Open(int32, int64) {}

func (s *manyEach) Apply(_ context.Context, b *flow.Batch) error {
	for i := range b.Records {
		for range max(1, s.many) {
			b.Observations, b.Origin = append(b.Observations, meteo.Observation{}), append(b.Origin, i)
		}
		s.many = 0
	}
	return nil
}

func TestTheSlicesOfABatchThatGrewFarBeyondItsRecordsAreNotKept(t *testing.T) {
	largest := 0
	sink := newSink()
	sink.before = func(_ context.Context, b *flow.Batch) error {
		if b.Start > 0 {
			largest = max(largest, cap(b.Observations))
		}
		return nil
	}
	top := newTopic(map[int32]int{0: 100})
	if _, err := flow.Run(t.Context(), flow.Config{BatchRecords: 10}, newFeed(top), []flow.Step{&manyEach{1000}}, sink); err != nil {
		t.Fatal(err)
	}
	if largest > 100 {
		t.Errorf("a later batch of 10 records has room for %d observations", largest)
	}
}
