package flow_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/flow"
)

func TestARunShowsThatItLivesWhileItWaitsForRecordsButNotWhileACommitHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last atomic.Int64
		since := func() time.Duration { return time.Since(time.Unix(0, last.Load())) }
		top, sink := newTopic(map[int32]int{0: 0}), newSink()
		feed := newFeed(top)
		sink.before = func(context.Context, *flow.Batch) error {
			if since() > time.Second {
				t.Errorf("no heartbeat for %s while there was nothing to do", since())
			}
			time.Sleep(10 * time.Second)
			if since() < 9*time.Second {
				t.Errorf("a heartbeat %s ago while the commit hung for 10 s", since())
			}
			return nil
		}
		alive := func() { last.Store(time.Now().UnixNano()) }
		_, err := follow(t, flow.Config{Alive: alive}, feed, sink, func(cancel func()) {
			feed.next = []func(){func() { feed.assign(0) }}
			time.AfterFunc(5*time.Second, func() { top.append(0, 3) })
			time.AfterFunc(20*time.Second, func() {
				if since() > time.Second {
					t.Errorf("no heartbeat for %s after the commit", since())
				}
				cancel()
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		sink.wantOnce(t, top, flow.Offsets{0: 3})
	})
}

func TestARunShowsThatItLivesOnceInAHundredRecords(t *testing.T) {
	looks := 0
	top := newTopic(map[int32]int{0: 1000})
	mustRun(t, flow.Config{BatchRecords: 2000, Alive: func() { looks++ }}, newFeed(top), newSink())
	if looks < 10 || looks > 20 {
		t.Errorf("a run of 1,000 records and one batch showed %d times that it lives, want 10 and a few", looks)
	}
}
