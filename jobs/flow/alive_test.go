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
