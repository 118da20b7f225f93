package flow_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/flow"
)

func TestASignalInTheMiddleOfACommitLetsItEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 50}), newSink()
		ctx, cancel := context.WithCancel(t.Context())
		sink.before = func(ctx context.Context, b *flow.Batch) error {
			if b.Start == 10 {
				cancel()
				time.Sleep(3 * time.Second)
				return ctx.Err()
			}
			return nil
		}
		rep, err := flow.Run(ctx, flow.Config{BatchRecords: 10}, newFeed(top), nil, sink)
		if flow.ClassOf(err) != flow.Interrupted {
			t.Errorf("Run returned %v, want interrupted", err)
		}
		if rep.To[0] < 20 {
			t.Errorf("the batch that was being committed was given up: stored to %d", rep.To[0])
		}
		sink.wantOnce(t, top, flow.Offsets{0: rep.To[0]})
	})
}

func TestASignalDuringTheLastCommitLeavesARunThatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 20}), newSink()
		ctx, cancel := context.WithCancel(t.Context())
		sink.before = func(context.Context, *flow.Batch) error {
			time.Sleep(time.Second)
			cancel()
			time.Sleep(time.Second)
			return nil
		}
		rep, err := flow.Run(ctx, flow.Config{}, newFeed(top), nil, sink)
		if err != nil || rep.Outcome != "ok" {
			t.Errorf("Run returned %v and reports %q, want ok", err, rep.Outcome)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 20})
	})
}

func TestACommitThatHangsAfterASignalIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top, sink := newTopic(map[int32]int{0: 50}), newSink()
		ctx, cancel := context.WithCancel(t.Context())
		sink.before = func(ctx context.Context, _ *flow.Batch) error {
			cancel()
			<-ctx.Done()
			return fmt.Errorf("no answer: %w", flow.ErrRestart)
		}
		began := time.Now()
		_, err := flow.Run(ctx, flow.Config{}, newFeed(top), nil, sink)
		if took := time.Since(began); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("the run took %v, want the grace of 4 s", took)
		}
		if flow.ClassOf(err) != flow.Interrupted {
			t.Errorf("Run returned %v, want interrupted", err)
		}
	})
}

// The last batch may be ready at the very moment when the signal comes: a run that gives it up must not call itself done.
func TestASignalBeforeTheLastBatchIsHandedOverIsNotSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := map[int32]int{0: 40, 1: 10}
		top, sink := newTopic(full), newSink()
		ctx, cancel := context.WithCancel(t.Context())
		sink.before = func(context.Context, *flow.Batch) error {
			time.Sleep(time.Second) // the last batch waits for those before it
			cancel()
			time.Sleep(time.Second)
			return nil
		}
		for _, cfg := range []flow.Config{{BatchRecords: 10}, {BatchRecords: 10, MaxRecords: 40}, {BatchRecords: 11, MaxRecords: 40}, {BatchRecords: 11, MaxRecords: 35}} {
			rep, err := flow.Run(ctx, cfg, newFeed(top), nil, sink)
			if err == nil {
				t.Errorf("%+v: stored to %d of 40, and Run returned no error", cfg, rep.To[0])
			}
			sink.wantOnce(t, top, flow.Offsets{0: rep.To[0]})
			top, sink.next, sink.values = newTopic(full), flow.Offsets{}, nil
			ctx, cancel = context.WithCancel(t.Context())
		}
		cancel()
	})
}

func TestASignalWhileTheLastBatchIsCommittedLeavesTheRunDone(t *testing.T) {
	for _, cfg := range []flow.Config{{}, {MaxRecords: 20}, {MaxRecords: 15}} {
		synctest.Test(t, func(t *testing.T) {
			top, sink := newTopic(map[int32]int{0: 20}), newSink()
			ctx, cancel := context.WithCancel(t.Context())
			sink.before = func(context.Context, *flow.Batch) error {
				time.Sleep(time.Second) // by then everything is handed over
				cancel()
				return nil
			}
			rep, err := flow.Run(ctx, cfg, newFeed(top), nil, sink)
			if want := cmp.Or(cfg.MaxRecords, 20); err != nil || rep.To[0] != want {
				t.Errorf("%+v: stored to %d of %d (%v)", cfg, rep.To[0], want, err)
			}
		})
	}
}

func TestAServersRefusalIsReportedThoughASignalCameToo(t *testing.T) {
	for _, follow := range []bool{false, true} {
		top, sink := newTopic(map[int32]int{0: 20}), newSink()
		ctx, cancel := context.WithCancel(t.Context())
		full := flow.Fail(flow.CantWrite, "no room")
		sink.before = func(context.Context, *flow.Batch) error { cancel(); return full }
		feed := newFeed(top)
		feed.next = []func(){func() {
			if follow {
				feed.assign(0)
			}
		}}
		_, err := flow.Run(ctx, flow.Config{Follow: follow, Linger: time.Millisecond}, feed, nil, sink)
		if !errors.Is(err, full) {
			t.Errorf("following: %v: Run returned %v, want %v", follow, err, full)
		}
	}
}

func TestACallThatASignalCutShortIsNotAnError(t *testing.T) {
	for _, follow := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := flow.Run(ctx, flow.Config{Follow: follow}, newFeed(newTopic(map[int32]int{0: 20})), nil, newSink())
		switch {
		case follow && err != nil:
			t.Errorf("following, Run returned %v", err)
		case !follow && (flow.ClassOf(err) != flow.Interrupted || !strings.Contains(err.Error(), "run it again")):
			t.Errorf("Run returned %v, want interrupted with what to do next", err)
		}
	}
}

func TestATimeoutIsToldApartFromASignal(t *testing.T) {
	top, sink := newTopic(map[int32]int{0: 20}), newSink()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	_, err := flow.Run(ctx, flow.Config{}, newFeed(top), nil, sink)
	if flow.ClassOf(err) != flow.TryLater || !strings.Contains(err.Error(), "--timeout") {
		t.Errorf("Run returned %v, want try later because of --timeout", err)
	}
}
