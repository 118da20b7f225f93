package flow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/flow"
)

// fencedAt lets another run acquire partition 0 when it is at an offset.
func fencedAt(offset int64) func(context.Context, *flow.Batch) error {
	return func(_ context.Context, b *flow.Batch) error {
		if b.Partition == 0 && b.Start >= offset {
			return fmt.Errorf("partition 0: %w", flow.ErrFenced)
		}
		return nil
	}
}

func TestABoundedRunThatIsFencedFinishesItsOtherPartitionsAndReportsWhatItStored(t *testing.T) {
	for _, committers := range []int{1, 2} {
		top, sink := newTopic(map[int32]int{0: 50, 1: 50, 2: 50}), newSink()
		sink.before = fencedAt(20)
		rep, err := flow.Run(t.Context(), flow.Config{BatchRecords: 10, Committers: committers}, newFeed(top), []flow.Step{&oneEach{}}, sink)
		if !errors.Is(err, flow.ErrFenced) || flow.ClassOf(err) != flow.TryLater {
			t.Errorf("Run returned %v, want fenced", err)
		}
		if rep.Read != 120 || rep.To[0] != 20 || rep.Outcome != "try_later" {
			t.Errorf("the report: read %d, partition 0 to %d, %q", rep.Read, rep.To[0], rep.Outcome)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 20, 1: 50, 2: 50})
	}
}

func TestAPartitionThatWasLostIsNotAcquiredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 50, 1: 50}), newSink()
		top.open[0] = 45 // what is hidden there is the other run's, too
		doubted := false
		sink.before = fencedAt(20)
		sink.after = func(b *flow.Batch) error {
			if b.Partition == 1 && !doubted {
				doubted = true
				return flow.ErrRestart
			}
			return nil
		}
		feed := newFeed(top)
		feed.after[1] = func() { top.mu.Lock(); clear(top.open); top.mu.Unlock() }
		_, err := flow.Run(t.Context(), flow.Config{BatchRecords: 10}, feed, nil, sink)
		if !errors.Is(err, flow.ErrFenced) {
			t.Errorf("Run returned %v, want fenced", err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 20, 1: 50})
		acquired := map[int32]int{}
		for _, p := range sink.acquired {
			acquired[p]++
		}
		if acquired[0] != 1 || acquired[1] != 2 {
			t.Errorf("the partitions were acquired %v times, want the first once and the second twice", acquired)
		}
	})
}

func TestARunThatFollowsEndsAtOnceWhenItIsFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 50, 1: 50}), newSink()
		sink.before = fencedAt(20)
		feed := newFeed(top)
		rep, err := follow(t, flow.Config{BatchRecords: 10}, feed, sink, func(func()) { feed.next = []func(){func() { feed.assign(0, 1) }} })
		if !errors.Is(err, flow.ErrFenced) || rep.To[0] != 20 || rep.To[1] == 50 {
			t.Errorf("Run returned %v after %v, want fenced before the second partition's end", err, rep.To)
		}
	})
}

func TestOfTwoRunsThatStartTogetherOneStoresWhatTheOtherLoses(t *testing.T) {
	bothFenced := 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			top, sink := newTopic(map[int32]int{0: 50, 1: 50, 2: 50, 3: 50}), newSink()
			var mu sync.Mutex
			sink.before = func(context.Context, *flow.Batch) error {
				mu.Lock()
				pause := time.Second + time.Duration(random.IntN(1000))*time.Millisecond
				mu.Unlock()
				time.Sleep(pause)
				return nil
			}
			var reports [2]*flow.Report
			var errs [2]error
			var both sync.WaitGroup
			for i := range reports {
				both.Go(func() {
					cfg := flow.Config{BatchRecords: 10 + 5*i, Committers: 2}
					reports[i], errs[i] = flow.Run(t.Context(), cfg, newFeed(top), []flow.Step{&oneEach{}}, sink)
				})
			}
			both.Wait()
			sink.wantOnce(t, top, flow.Offsets{0: 50, 1: 50, 2: 50, 3: 50})
			fenced := 0
			for _, err := range errs {
				if errors.Is(err, flow.ErrFenced) {
					fenced++
				} else if err != nil {
					t.Errorf("seed %d: Run returned %v", seed, err)
				}
			}
			if fenced == 0 || reports[0].Read+reports[1].Read != 200 {
				t.Errorf("seed %d: %d runs were fenced, and they count %d and %d records, want 200 in all", seed, fenced, reports[0].Read, reports[1].Read)
			}
			if fenced == 2 {
				bothFenced++
			}
		})
	}
	if bothFenced == 0 {
		t.Error("it never happened that each lost a partition to the other")
	}
}
