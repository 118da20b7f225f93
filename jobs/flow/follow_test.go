package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/flow"
)

// follow runs until the feed's last action cancels.
func follow(t *testing.T, cfg flow.Config, feed *fakeFeed, sink flow.Sink, act func(cancel func())) (*flow.Report, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	act(cancel)
	cfg.Follow = true
	return flow.Run(ctx, cfg, feed, []flow.Step{&oneEach{}}, sink)
}

func TestFollowingReadsWhatComesUntilTheSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 5, 1: 5}), newSink()
		feed := newFeed(top)
		rep, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0, 1) },
				func() { top.append(0, 3); time.Sleep(time.Second) },
				func() { top.append(1, 4); top.mark(1); time.Sleep(time.Second) },
				func() { time.Sleep(time.Second) },
				func() { time.Sleep(time.Second) },
				cancel,
			}
		})
		if err != nil {
			t.Fatalf("a run that follows and is told to stop returned %v", err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 8, 1: 10})
		if rep.Read != 17 || rep.Outcome != "ok" {
			t.Errorf("read %d, %q", rep.Read, rep.Outcome)
		}
	})
}

func TestFollowingLeavesItToTheGroupWhichPartitionsAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := newFeed(newTopic(map[int32]int{0: 5}))
		if _, err := follow(t, flow.Config{}, feed, newSink(), func(cancel func()) { feed.next = []func(){cancel} }); err != nil {
			t.Fatal(err)
		}
		if feed.start != 0 {
			t.Errorf("Start was called %d times, which would end the subscription", feed.start)
		}
	})
}

func TestFollowingLogsWhichPartitionsAreItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		feed := newFeed(newTopic(map[int32]int{0: 5, 1: 5}))
		cfg := flow.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		if _, err := follow(t, cfg, feed, newSink(), func(cancel func()) {
			feed.next = []func(){func() { feed.assign(0, 1) }, func() { feed.revoke(0, 1) }, func() { feed.assign(1) }, cancel}
		}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"partitions assigned" partitions="[0 1]"`, `"partitions revoked" partitions="[0 1]"`, `"partitions assigned" partitions=[1]`} {
			if _, rest, found := strings.Cut(log.String(), want); !found {
				t.Errorf("no %s in\n%s", want, log.String())
			} else {
				log.Reset()
				log.WriteString(rest)
			}
		}
	})
}

func TestARecordThatIsFollowedIsCommittedExactlyAfterTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 0}), newSink()
		var began time.Time
		var waited time.Duration
		sink.before = func(context.Context, *flow.Batch) error { waited = time.Since(began); return nil }
		feed := newFeed(top)
		_, err := follow(t, flow.Config{Linger: 300 * time.Millisecond}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0) },
				func() { began = time.Now(); top.append(0, 1) },
			}
			time.AfterFunc(time.Second, cancel)
		})
		if err != nil || waited != 300*time.Millisecond {
			t.Errorf("the record waited %v (%v), want 300ms", waited, err)
		}
	})
}

func TestARecordWaitsATenthOfASecondForItsBatchUnlessTheUserSaysOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 1}), newSink()
		began, feed := time.Now(), newFeed(top)
		var waited time.Duration
		sink.before = func(context.Context, *flow.Batch) error { waited = time.Since(began); return nil }
		_, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
			feed.next = []func(){func() { feed.assign(0) }}
			time.AfterFunc(time.Second, cancel)
		})
		if err != nil || waited != 100*time.Millisecond {
			t.Errorf("the record waited %v (%v), want 100ms", waited, err)
		}
	})
}

func TestARecordWaitsLongerForItsBatchWhileCommitsTakeLong(t *testing.T) {
	for commit, want := range map[time.Duration]time.Duration{
		50 * time.Millisecond: 100 * time.Millisecond, 75 * time.Millisecond: 150 * time.Millisecond, time.Second: 500 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 1}), newSink()
			var arrived time.Time
			var waited time.Duration
			sink.before = func(context.Context, *flow.Batch) error {
				waited = time.Since(arrived)
				time.Sleep(commit)
				return nil
			}
			feed := newFeed(top)
			_, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
				feed.next = []func(){
					func() { feed.assign(0) },
					func() { time.Sleep(3 * time.Second) },
					func() { time.Sleep(3 * time.Second) }, // the first record is committed
					func() { arrived = time.Now(); top.append(0, 1) },
				}
				time.AfterFunc(10*time.Second, cancel)
			})
			if err != nil || waited != want {
				t.Errorf("after a commit of %v a record waited %v (%v), want %v", commit, waited, err, want)
			}
		})
	}
}

func TestASlowCommitAmongQuickOnesDelaysNoRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 1}), newSink()
		began := time.Now()
		var waited time.Duration // of the last record, which comes after five seconds
		commits := 0
		sink.before = func(context.Context, *flow.Batch) error {
			waited = time.Since(began) - 5*time.Second
			if commits++; commits == 5 {
				time.Sleep(300 * time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
			return nil
		}
		feed := newFeed(top)
		_, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
			feed.next = []func(){func() { feed.assign(0) }}
			for n := range 5 {
				time.AfterFunc(time.Duration(n+1)*time.Second, func() { top.append(0, 1) })
			}
			time.AfterFunc(20*time.Second, cancel)
		})
		if linger := 100 * time.Millisecond; err != nil || commits != 6 || waited < linger || waited > linger+2*time.Millisecond { // of a poll
			t.Errorf("after %d commits, the fifth of which was slow, a record waited %v (%v), want %v", commits-1, waited, err, linger)
		}
	})
}

func TestAMarkerIsCommittedWithTheRecordsAfterIt(t *testing.T) {
	for after, want := range map[time.Duration][]string{
		300 * time.Millisecond: {"0[0,3)", "0[3,6)"},           // the marker is 3
		700 * time.Millisecond: {"0[0,3)", "0[3,4)", "0[4,6)"}, // it has waited for half a second
	} {
		synctest.Test(t, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 3}), newSink()
			feed := newFeed(top)
			_, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
				feed.next = []func(){func() { feed.assign(0) }}
				time.AfterFunc(200*time.Millisecond, func() { top.mark(0) })
				time.AfterFunc(200*time.Millisecond+after, func() { top.append(0, 2) })
				time.AfterFunc(5*time.Second, cancel)
			})
			if err != nil || !slices.Equal(sink.batches, want) {
				t.Errorf("records %v after a marker: the commits are %v (%v), want %v", after, sink.batches, err, want)
			}
		})
	}
}

func TestABatchThatIsDueFillsOnWhileItsCommitterIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 1, 1: 0}), newSink()
		sink.before = func(_ context.Context, b *flow.Batch) error {
			if b.Partition == 0 {
				time.Sleep(2 * time.Second)
			}
			return nil
		}
		feed := newFeed(top)
		_, err := follow(t, flow.Config{}, feed, sink, func(cancel func()) {
			feed.next = []func(){func() { feed.assign(0, 1) }}
			for n := range 8 { // while the commit of the first partition goes on
				time.AfterFunc(time.Duration(200+200*n)*time.Millisecond, func() { top.append(1, 1) })
			}
			time.AfterFunc(5*time.Second, cancel)
		})
		if want := []string{"0[0,1)", "1[0,1)", "1[1,8)"}; err != nil || !slices.Equal(sink.batches, want) {
			t.Errorf("the commits are %v (%v), want %v: one batch is ready beside the commit, and the next one fills", sink.batches, err, want)
		}
	})
}

func TestTheWaitForABatchCountsFromItsFirstRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 0}), newSink()
		var first time.Time
		var waited []time.Duration
		sink.before = func(context.Context, *flow.Batch) error { waited = append(waited, time.Since(first)); return nil }
		feed := newFeed(top)
		_, err := follow(t, flow.Config{Linger: 300 * time.Millisecond}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0) },
				func() { first = time.Now(); top.append(0, 1) },
				func() { time.Sleep(100 * time.Millisecond); top.append(0, 1) },
				func() { time.Sleep(100 * time.Millisecond); top.append(0, 1) },
			}
			time.AfterFunc(time.Second, cancel)
		})
		if err != nil || !slices.Equal(waited, []time.Duration{300 * time.Millisecond}) || !slices.Equal(sink.batches, []string{"0[0,3)"}) {
			t.Errorf("the batches %v waited %v (%v), want one of all three after 300ms", sink.batches, waited, err)
		}
	})
}

func TestABatchWaitsForTheCommitsOfAllPartitionsByAllCommitters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 1, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0}), newSink()
		var arrived time.Time
		var waited time.Duration
		sink.before = func(context.Context, *flow.Batch) error {
			waited = time.Since(arrived)
			time.Sleep(20 * time.Millisecond)
			return nil
		}
		feed := newFeed(top)
		_, err := follow(t, flow.Config{Committers: 2}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0, 1, 2, 3, 4, 5) },
				func() { time.Sleep(3 * time.Second) },
				func() { time.Sleep(3 * time.Second) }, // the first record is committed
				func() { arrived = time.Now(); top.append(0, 1) },
			}
			time.AfterFunc(10*time.Second, cancel)
		})
		if want := 120 * time.Millisecond; err != nil || waited != want { // twice 6 commits of 20 ms, two at a time
			t.Errorf("the record waited %v (%v), want %v", waited, err, want)
		}
	})
}

func TestTheLargestBatchIsCommittedWhenTheBytesOfTwoWait(t *testing.T) {
	for waiting, want := range map[int][]string{5: nil, 6: {"0[0,2)"}} {
		synctest.Test(t, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 2, 1: 1, 2: 1, 3: 1, 4: waiting - 5}), newSink()
			feed := newFeed(top)
			cfg := flow.Config{BatchBytes: 3 * top.logs[0][0].Size(), Linger: time.Hour}
			_, err := follow(t, cfg, feed, sink, func(cancel func()) {
				feed.next = []func(){func() { feed.assign(0, 1, 2, 3, 4) }}
				time.AfterFunc(time.Second, cancel)
			})
			if err != nil || !slices.Equal(sink.batches, want) {
				t.Errorf("%d records wait, each a third of a batch: %v are committed (%v), want %v", waiting, sink.batches, err, want)
			}
		})
	}
}

func TestAStepThatFailsEndsARunThatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 5}), newSink()
		feed := newFeed(top)
		feed.next = []func(){func() { feed.assign(0) }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		failed := flow.Fail(flow.CantWrite, "no room")
		_, err := flow.Run(ctx, flow.Config{Follow: true}, feed, []flow.Step{&oneEach{err: failed}}, sink)
		if !errors.Is(err, failed) {
			t.Errorf("Run returned %v, want %v", err, failed)
		}
	})
}

func TestFollowingEndsWhenAPartitionCantBeReadOnAndTheOthersAreAtTheirEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 10, 1: 50, 2: 0}), newSink()
		top.mark(2)
		feed := newFeed(top)
		feed.broken = flow.Offsets{0: 7}
		_, err := follow(t, flow.Config{BatchRecords: 4}, feed, sink, func(func()) {
			feed.next = []func(){func() { feed.assign(0, 1, 2) }}
			feed.after[20] = func() { top.append(1, 5) } // after the error: for the next run
		})
		if flow.ClassOf(err) != flow.BadInput {
			t.Fatalf("the run returned %v", err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 7, 1: 50, 2: 1})
	})
}

func TestAMarkerAfterTheLastRecordMovesTheOffsetToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 10}), newSink()
		feed := newFeed(top)
		_, err := follow(t, flow.Config{BatchRecords: 10}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0) },
				func() { top.mark(0) },
				func() { time.Sleep(2 * time.Second) },
				func() { time.Sleep(2 * time.Second) },
				cancel,
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 11})
	})
}

func TestARevokeWaitsForTheCommitUnderWayAndDropsWhatIsOnlyRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 25, 1: 25}), newSink()
		committing := 0
		sink.before = func(context.Context, *flow.Batch) error {
			committing++
			time.Sleep(time.Second)
			committing--
			return nil
		}
		feed := newFeed(top)
		_, err := follow(t, flow.Config{BatchRecords: 10, Linger: time.Hour}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0, 1) },
				func() {
					feed.revoke(0)
					if committing != 0 {
						t.Error("the partition was given up while a commit was under way")
					}
					if sink.next[0] != 20 || !slices.Contains(sink.released, 0) {
						t.Errorf("given up at %d, released %v; want 20 and 0 in it", sink.next[0], sink.released)
					}
					sink.next[0] = 25 // the other member's work
				},
				func() { feed.assign(0) },
				func() { top.append(0, 10) },
				cancel,
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if sink.next[0] != 35 {
			t.Errorf("the partition that came back is at %d, want 35: it goes on from the store's offset", sink.next[0])
		}
	})
}

// Two members share a store; partitions wander between them while records come.
func TestPartitionsThatWanderBetweenMembersLoseAndDoubleNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, store := newTopic(map[int32]int{0: 100, 1: 100}), newSink()
		store.before = func(context.Context, *flow.Batch) error { time.Sleep(70 * time.Millisecond); return nil }
		a, b := newFeed(top), newFeed(top)
		ctx, cancel := context.WithCancel(t.Context())
		// As a broker does, one member gives a partition up before another takes it.
		for i := range 20 {
			from, to := a, b
			if i%2 == 1 {
				from, to = b, a
			}
			moved := make(chan struct{})
			from.next = append(from.next, func() { from.revoke(0); top.append(0, 5); close(moved) })
			to.next = append(to.next, func() { <-moved; to.assign(0) })
		}
		a.next = append([]func(){func() { a.assign(0, 1) }}, a.next...)
		results := make(chan error, 2)
		for _, feed := range []*fakeFeed{a, b} {
			go func() {
				_, err := flow.Run(ctx, flow.Config{Follow: true, BatchRecords: 7, Linger: 20 * time.Millisecond}, feed, []flow.Step{&oneEach{}}, store)
				results <- err
			}()
		}
		time.Sleep(time.Minute)
		cancel()
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		store.wantOnce(t, top, flow.Offsets{0: 200, 1: 100})
	})
}

func TestADoubtWhileFollowingAcquiresThePartitionsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 30}), newSink()
		n := 0
		sink.after = func(*flow.Batch) error {
			if n++; n == 2 {
				return fmt.Errorf("no answer: %w", flow.ErrRestart)
			}
			return nil
		}
		feed := newFeed(top)
		rep, err := follow(t, flow.Config{BatchRecords: 10}, feed, sink, func(cancel func()) {
			feed.next = []func(){
				func() { feed.assign(0) },
				func() { time.Sleep(time.Second) },
				func() { top.append(0, 5) },
				func() { time.Sleep(time.Second) },
				func() { time.Sleep(time.Second) },
				cancel,
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 35})
		if rep.Read != 35 {
			t.Errorf("the report counts %d, want 35", rep.Read)
		}
	})
}
