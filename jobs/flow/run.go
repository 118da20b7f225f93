package flow

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"senmeteo/jobs/retry"
)

// Config bounds a run. The zero value of a field means its default.
type Config struct {
	Job          string
	RunID        string
	Follow       bool          // go on until the context ends, instead of to the ends seen at the start
	SkipLost     bool          // go on without records that retention took before they were stored
	MaxRecords   int64         // stop after this many records; 0: no limit
	BatchRecords int           // records of one commit at the most (10,000)
	BatchBytes   int           // bytes of one commit at the most (8 MiB); twice as much waits in memory
	Linger       time.Duration // when following: how long a record waits for its batch to fill (500 ms)
	Committers   int           // partitions committed at the same time (1)
	Grace        time.Duration // how long a commit may go on after the context has ended (4 s)
	Logger       *slog.Logger
	Progress     func(Report) // told after each commit, by several goroutines when there are several committers; nil: nobody
	Alive        func()       // called all the time as long as the run gets on or finds nothing to do, by several goroutines too; nil: nobody
}

func (c *Config) setDefaults() {
	defaultTo(&c.BatchRecords, 10_000)
	defaultTo(&c.BatchBytes, 8<<20)
	defaultTo(&c.Linger, 500*time.Millisecond)
	defaultTo(&c.Committers, 1)
	defaultTo(&c.Grace, 4*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Alive == nil {
		c.Alive = func() {}
	}
}

func defaultTo[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

const (
	maxRestarts = 5                // passes in a row that end in doubt without a commit between them, the first not counted
	heartbeat   = 20 * time.Second // a silent container can lose its log stream
)

// Run moves batches from the feed through the steps into the sink: every job is this loop.
//
// A bounded run resumes where the store says, reads each partition up to the end that it had at the start,
// and returns. A run that follows goes on until ctx ends. The report is right also when the error is not nil.
//
// A bounded run that is fenced on a partition leaves it to the other run, finishes the rest and then returns the ErrFenced: two that
// start together take some partitions from each other, and between them store everything. One that follows returns at once.
func Run(ctx context.Context, cfg Config, feed Feed, steps []Step, sink Sink) (*Report, error) {
	cfg.setDefaults()
	r := &runner{
		cfg: cfg, feed: feed, steps: steps, sink: sink, report: NewReport(cfg.Job, cfg.RunID),
		ends: Offsets{}, hidden: Offsets{}, doubts: map[int32]tally{}, lost: map[int32]bool{},
	}
	began := time.Now()
	err := r.run(ctx)
	if class := ClassOf(err); err != nil && ctx.Err() != nil && (class == Interrupted || class == Unavailable) {
		err = r.interrupted(ctx) // a call that was cut short is no server's fault
	}
	r.report.Took(time.Since(began))
	r.report.Conclude(err)
	return r.report, err
}

// runner is one call of Run.
type runner struct {
	cfg   Config
	feed  Feed
	steps []Step
	sink  Sink

	ends    Offsets // the partitions at work, each with the offset to stop before
	hidden  Offsets // the partitions where an open transaction hid records at the start, each with its High then
	current *pass   // the pass at work; only the goroutine that polls touches it

	mu     sync.Mutex // guards what follows, which committers and the heartbeat share
	report *Report
	doubts map[int32]tally // of each partition the batch whose commit ended in doubt
	lost   map[int32]bool  // the partitions that other runs took over from a bounded run
	fenced error           // the first ErrFenced of these
}

// noEnd is the end of a partition that is followed.
const noEnd = int64(^uint64(0) >> 1)

func (r *runner) run(ctx context.Context) error {
	stored, err := r.sink.Resume(ctx)
	if err != nil {
		return err
	}
	bounds, err := r.feed.Bounds(ctx)
	if err != nil {
		return err
	}
	if err := r.plan(stored, bounds); err != nil {
		return err
	}
	if len(r.ends) == 0 && !r.cfg.Follow {
		return nil
	}
	stop := r.startHeartbeat()
	defer stop()
	if r.cfg.Follow {
		clear(r.ends)
		if err := r.feed.Follow(ctx, r); err != nil {
			return err
		}
	}
	if err := r.passes(ctx); err != nil {
		return err
	}
	if err := r.readHidden(ctx); err != nil {
		return err
	}
	if r.fenced != nil {
		return r.fenced
	}
	return r.measureLag(ctx)
}

// readHidden reads what an open transaction hid at the start when it has ended meanwhile: taking a partition over
// ends the one that a killed run left open, which may have written into another partition too.
func (r *runner) readHidden(ctx context.Context) error {
	if len(r.hidden) == 0 || r.cfg.Follow || ctx.Err() != nil {
		return nil
	}
	bounds, err := r.feed.Bounds(ctx)
	if err != nil {
		return err
	}
	clear(r.ends)
	for p, high := range r.hidden {
		if end := min(high, bounds[p].End); r.report.To[p] < end && !r.isLost(p) {
			r.ends[p] = end
		}
	}
	if len(r.ends) == 0 {
		return nil
	}
	return r.passes(ctx)
}

// doubt keeps what a commit would come to until the store says whether it is there.
func (r *runner) doubt(partition int32, t tally) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubts[partition] = t
}

// lose leaves a partition to the run that took it over.
func (r *runner) lose(partition int32, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost[partition] = true
	if r.fenced == nil {
		r.fenced = err
	}
}

func (r *runner) isLost(partition int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost[partition]
}

// plan compares what is stored with what the topic holds and notes the partitions with work.
func (r *runner) plan(stored Offsets, bounds map[int32]Bounds) error {
	for _, p := range slices.Sorted(maps.Keys(bounds)) {
		b := bounds[p]
		next, err := r.startingOffset(p, storedOr(stored, p), b)
		if err != nil {
			return err
		}
		r.report.From[p], r.report.To[p] = next, next
		if b.High > b.End {
			r.hidden[p] = b.High
			r.cfg.Logger.Warn("an open transaction hides records; they are read when it has ended",
				"partition", p, "last_stable_offset", b.End, "high_watermark", b.High)
		}
		if next < b.End {
			r.ends[p] = b.End
		}
	}
	for p, next := range stored {
		if _, ok := bounds[p]; !ok {
			return Fail(Usage, "partition %d is stored up to offset %d, but the topic has no such partition: it was made again; see --new-topic", p, next)
		}
	}
	return nil
}

func storedOr(stored Offsets, p int32) int64 {
	if next, ok := stored[p]; ok {
		return next
	}
	return -1
}

// startingOffset is where the next batch starts: where the store says, or for a store without this partition (-1) at the
// first record kept. It fails when records in between are gone, unless the run may go on without them.
func (r *runner) startingOffset(p int32, next int64, b Bounds) (int64, error) {
	switch {
	case next < 0:
		return b.First, nil
	case next < b.First && r.cfg.SkipLost:
		r.cfg.Logger.Warn("going on without records that are past the topic's retention", "partition", p, "from", next, "to", b.First-1)
		return next, nil
	case next < b.First:
		return 0, Fail(Usage, "partition %d: the records from offset %d to %d are past the topic's retention and were never stored; fetch that time again, and let this job go on without them by --skip-lost", p, next, b.First-1)
	case next > b.High:
		return 0, Fail(Usage, "partition %d is stored up to offset %d, but the topic ends at %d: it was cut off or made again; see --new-topic", p, next, b.High)
	}
	return next, nil
}

// passes repeats the pass over the partitions at work as long as commits end in doubt, each time from what the store says.
func (r *runner) passes(ctx context.Context) error {
	restarts := retry.Policy{
		First: 200 * time.Millisecond, Longest: time.Minute, Attempts: maxRestarts + 1,
		Before: func(err error, _ time.Duration) {
			r.cfg.Logger.Warn("acquiring the partitions again, from what the store holds", "because", err)
		},
	}.Start()
	for {
		before := r.snapshot().To
		err := r.pass(ctx)
		switch {
		case !errors.Is(err, ErrRestart):
			return err
		case !maps.Equal(before, r.snapshot().To):
			restarts.Progress()
		}
		switch {
		case restarts.Wait(ctx, err):
		case ctx.Err() != nil:
			return r.interrupted(ctx)
		default:
			return Fail(Unavailable, "giving up after %d commits in a row without an answer; nothing is lost, run it again: %w", maxRestarts+1, err)
		}
	}
}

// Assigned implements Group.
func (r *runner) Assigned(partitions []int32) (Offsets, error) {
	for _, p := range partitions {
		r.ends[p] = noEnd
	}
	return r.current.take(partitions)
}

// Revoked implements Group: what is being committed is waited for, what is only read is dropped.
func (r *runner) Revoked(partitions []int32) {
	r.current.pool.drain()
	for _, p := range partitions {
		r.current.drop(p)
		delete(r.ends, p)
		r.sink.Release(p)
	}
}

// interrupted turns the end of the context into the run's result.
func (r *runner) interrupted(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Fail(TryLater, "the time allowed (--timeout) is over; what was read so far is stored, run it again for the rest")
	}
	if r.cfg.Follow {
		return nil
	}
	return Fail(Interrupted, "stopped by a signal before the end; nothing is lost, run it again for the rest")
}

// measureLag counts what arrived while the run was at work. A run that was told to stop has no time for it.
func (r *runner) measureLag(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	bounds, err := r.feed.Bounds(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, b := range bounds {
		r.report.Lag += max(0, b.End-r.report.To[p])
	}
	return nil
}

// snapshot is a copy of the report that nobody else writes to.
func (r *runner) snapshot() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := *r.report
	s.From, s.To = maps.Clone(s.From), maps.Clone(s.To)
	return s
}

// startHeartbeat logs where the run is until the function it returns has been called.
func (r *runner) startHeartbeat() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				s := r.snapshot()
				r.cfg.Logger.Info("at work", "read", s.Read, "written", s.Written, "duplicates", s.Duplicates, "rejected", s.Rejected)
			}
		}
	}()
	return func() { close(done); <-ended }
}
