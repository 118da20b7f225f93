package web

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"senmeteo/jobs/query"
	"senmeteo/jobs/retry"
)

// readTimeout bounds one reading of the store and the pipeline.
const readTimeout = 3 * time.Second

// watcher asks the store and the pipeline for all visitors together: at most once per refresh and never
// twice at a time. While somebody listens it continues to ask by itself.
type watcher struct {
	store    query.Reader
	pipeline query.Counter // may be nil
	now      func() time.Time
	refresh  time.Duration
	log      *slog.Logger
	surveyor *surveyor

	ctx    context.Context // ends with stop
	stop   context.CancelFunc
	active sync.WaitGroup // readings and the loop

	mu        sync.Mutex
	current   *snapshot
	checked   time.Time     // when current was read
	reading   chan struct{} // closed at the end of the current reading; nil when there is none
	listeners map[chan *snapshot]bool
	looping   bool
}

func newWatcher(c Config) *watcher {
	ctx, stop := context.WithCancel(context.Background())
	return &watcher{
		store: c.Store, pipeline: c.Pipeline, now: c.Now, refresh: c.Refresh, log: c.Logger, surveyor: newSurveyor(c.Store, c.Now, c.Logger),
		ctx: ctx, stop: stop, listeners: map[chan *snapshot]bool{},
	}
}

// close ends all readings and streams and waits for them.
func (w *watcher) close() {
	w.mu.Lock() // nothing starts after this
	w.stop()
	w.mu.Unlock()
	w.active.Wait()
}

// snapshot returns what is known now, reading it when that is older than the refresh time. It returns
// nil only when ctx or the watcher ends before anything was read.
func (w *watcher) snapshot(ctx context.Context) *snapshot {
	w.mu.Lock()
	if w.current != nil && w.now().Sub(w.checked) < w.refresh {
		defer w.mu.Unlock()
		return w.current
	}
	reading := w.startReading()
	w.mu.Unlock()
	select {
	case <-reading:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.current
}

// startReading starts a reading, or returns the current one. The caller holds the lock.
func (w *watcher) startReading() <-chan struct{} {
	if w.reading != nil {
		return w.reading
	}
	done := make(chan struct{})
	if w.ctx.Err() != nil {
		close(done)
		return done
	}
	w.reading = done
	old := w.current
	w.active.Go(func() {
		defer close(done)
		fresh := w.read(old)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reading = nil
		if fresh == nil {
			return
		}
		w.checked = w.now()
		w.publish(fresh)
	})
	return done
}

// publish makes a snapshot the current one, with what the survey knows now. The caller holds the lock.
func (w *watcher) publish(fresh *snapshot) {
	old := w.current
	w.current = fresh.with(w.surveyor.current())
	if old != nil && old.Version == w.current.Version {
		return
	}
	for listener := range w.listeners {
		select {
		case <-listener: // what it has not received yet is outdated
		default:
		}
		listener <- w.current
	}
}

// survey asks in the background what takes longer, unless it was asked a short time ago. The caller holds the lock.
func (w *watcher) survey() {
	if w.ctx.Err() != nil || !w.surveyor.begin() {
		return
	}
	w.active.Go(func() {
		w.surveyor.run(w.ctx, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.current != nil {
				w.publish(w.current)
			}
		})
	})
}

// visit is snapshot for somebody who looks at the page.
func (w *watcher) visit(ctx context.Context) *snapshot {
	w.mu.Lock()
	w.survey()
	w.mu.Unlock()
	return w.snapshot(ctx)
}

// read asks the store and the pipeline; nil when the watcher ended meanwhile.
func (w *watcher) read(old *snapshot) *snapshot {
	ctx, cancel := context.WithTimeout(w.ctx, readTimeout)
	defer cancel()
	rows, storeErr := w.store.Latest(ctx)
	var stages []query.Stage
	var pipelineErr error
	if w.pipeline != nil {
		stages, pipelineErr = w.pipeline.Stages(ctx)
	}
	if w.ctx.Err() != nil {
		return nil
	}
	fresh := follow(old, w.now(), rows, storeErr, stages, pipelineErr)
	w.report(ctx, old, fresh)
	return fresh
}

// report logs when the store or the pipeline begins to fail and when it answers again, once each.
func (w *watcher) report(ctx context.Context, old, fresh *snapshot) {
	var before snapshot
	if old != nil {
		before = *old
	}
	switch {
	case fresh.down() && !before.down():
		w.log.WarnContext(ctx, "the page can't read the store", "error", fresh.StoreErr)
	case !fresh.down() && before.down():
		w.log.InfoContext(ctx, "the page reads the store again")
	}
	switch {
	case fresh.PipelineErr != nil && before.PipelineErr == nil:
		w.log.WarnContext(ctx, "the page can't read the pipeline's counters", "error", fresh.PipelineErr)
	case fresh.PipelineErr == nil && before.PipelineErr != nil:
		w.log.InfoContext(ctx, "the page reads the pipeline's counters again")
	}
}

// listen returns a channel that gets every snapshot that differs from the one before, the newest only
// for a slow listener; leave ends that. ok is false when there are already limit listeners.
func (w *watcher) listen(limit int) (news <-chan *snapshot, leave func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.listeners) >= limit || w.ctx.Err() != nil {
		return nil, nil, false
	}
	listener := make(chan *snapshot, 1)
	w.listeners[listener] = true
	if !w.looping {
		w.looping = true
		w.active.Go(w.loop)
	}
	return listener, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listeners, listener)
	}, true
}

// soonest is the least time between two readings that changes of the store lead to.
const soonest = 250 * time.Millisecond

// loop reads once per refresh time for as long as somebody listens, and after each change where the store reports them.
func (w *watcher) loop() {
	ticker := time.NewTicker(w.refresh)
	defer ticker.Stop()
	changed := make(chan struct{}, 1)
	following, stop := context.WithCancel(w.ctx)
	var follower sync.WaitGroup
	defer follower.Wait()
	defer stop()
	if store, ok := w.store.(query.Changes); ok {
		follower.Go(func() { w.follow(following, store, changed) })
	}
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-ticker.C:
		case <-changed:
			if retry.Sleep(w.ctx, soonest) != nil {
				return
			}
		}
		w.mu.Lock()
		if len(w.listeners) == 0 {
			w.looping = false
			w.mu.Unlock()
			return
		}
		w.survey()
		reading := w.startReading()
		w.mu.Unlock()
		<-reading
	}
}

// follow notes that the store has changed, until ctx ends. While the store does not report changes, the readings of the loop go on.
func (w *watcher) follow(ctx context.Context, store query.Changes, changed chan<- struct{}) {
	for {
		err := store.Changes(ctx, func() {
			select {
			case changed <- struct{}{}:
			default: // one reading sees all of them
			}
		})
		if ctx.Err() != nil {
			return
		}
		w.log.DebugContext(ctx, "the store does not report its changes; asking it regularly", "error", err)
		if retry.Sleep(ctx, w.refresh) != nil {
			return
		}
	}
}
