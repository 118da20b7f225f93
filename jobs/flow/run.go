package flow

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"senmeteo/jobs/retry"
)

// Config bounds a run. The zero value of a field means its default.
type Config struct {
	Job          string
	RunID        string
	Follow       bool          // go on until the context ends, instead of to the ends seen at the start
	SkipLost     bool          // go on without records that retention deleted before they were stored
	MaxRecords   int64         // stop after this many records; 0: no limit
	BatchRecords int           // records of one commit at the most (10,000)
	BatchBytes   int           // bytes of one commit at the most (8 MiB); twice as much waits to be submitted, and two more batches than Committers to be stored
	Linger       time.Duration // when following: how long a record waits for its batch to fill, and up to 500 ms while commits are slow (100 ms)
	Committers   int           // partitions worked on at the same time (1)
	Grace        time.Duration // how long a commit may go on after the context has ended (4 s)
	Logger       *slog.Logger
	Progress     func(Report) // called after each commit with the report so far, by several goroutines with several committers; may be nil
	Alive        func()       // called whenever the run makes progress or finds nothing to do, by several goroutines; may be nil
}

func (c *Config) setDefaults() {
	defaultTo(&c.BatchRecords, 10_000)
	defaultTo(&c.BatchBytes, 8<<20)
	defaultTo(&c.Linger, 100*time.Millisecond)
	defaultTo(&c.Committers, 1)
	defaultTo(&c.Grace, 4*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Progress == nil {
		c.Progress = func(Report) {}
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

// Run moves batches from the feed through the steps into the sink: every job is this loop.
//
// A bounded run resumes where the store says, reads each partition up to the end that it had at the start,
// and returns. A run that follows goes on until ctx ends. The report is valid also when the error is not nil.
//
// A bounded run that is fenced on a partition leaves it to the other run, finishes the rest and then returns the ErrFenced: two that
// start together acquire some partitions from each other, and between them store everything. One that follows returns at once.
func Run(ctx context.Context, cfg Config, feed Feed, steps []Step, sink Sink) (*Report, error) {
	cfg.setDefaults()
	r := &runner{
		cfg: &cfg, feed: feed, steps: steps, sink: sink, progress: newProgress(cfg.Job, cfg.RunID),
		ends: Offsets{}, hidden: Offsets{},
	}
	began := time.Now()
	err := r.run(ctx)
	if class := ClassOf(err); err != nil && ctx.Err() != nil && (class == Interrupted || class == Unavailable) {
		err = r.interrupted(ctx) // a call that was cut short is not a server's fault
	}
	return r.progress.conclude(time.Since(began), err), err
}

// runner is one call of Run. It plans, repeats passes and answers the consumer group; only the goroutine that polls uses it.
type runner struct {
	cfg      *Config
	feed     Feed
	steps    []Step
	sink     Sink
	progress *progress

	ends    Offsets // the partitions at work, each with the offset to stop before
	hidden  Offsets // the partitions where an open transaction hid records at the start, each with its High then
	current *pass   // the pass at work
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
	if err := r.progress.fencedBy(); err != nil {
		return err
	}
	return r.measureLag(ctx)
}

// plan compares what is stored with what the topic holds and sets the partitions with work.
func (r *runner) plan(stored Offsets, bounds map[int32]Bounds) error {
	for _, p := range slices.Sorted(maps.Keys(bounds)) {
		b := bounds[p]
		next, err := startingOffset(r.cfg, p, storedOr(stored, p), b)
		if err != nil {
			return err
		}
		r.progress.planned(p, next)
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
			return Fail(Usage, "partition %d is stored up to offset %d, but the topic has no such partition: it was recreated; see --new-topic", p, next)
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

// startingOffset returns where the next batch of a partition starts: at the offset that the store gives, or at the first record kept
// when the store has never had this partition (-1). It fails when records in between are gone, unless the run may go on without them.
func startingOffset(cfg *Config, p int32, next int64, b Bounds) (int64, error) {
	if next < 0 {
		return b.First, nil
	}
	if next < b.First && cfg.SkipLost {
		cfg.Logger.Warn("going on without records that are past the topic's retention", "partition", p, "from", next, "to", b.First-1)
		return next, nil
	}
	if next < b.First {
		return 0, Fail(Usage, "partition %d: the records from offset %d to %d are past the topic's retention and were never stored; fetch that time again, and let this job go on without them by --skip-lost", p, next, b.First-1)
	}
	if next > b.High {
		return 0, Fail(Usage, "partition %d is stored up to offset %d, but the topic ends at %d: it was truncated or recreated; see --new-topic", p, next, b.High)
	}
	return next, nil
}

// maxInDoubt is how many commits in a row may have no known outcome before a run gives up.
const maxInDoubt = 6

// passes repeats the pass over the partitions at work while commits end in doubt, each time from the offsets that the store gives.
func (r *runner) passes(ctx context.Context) error {
	restarts := retry.Policy{
		First: 200 * time.Millisecond, Longest: time.Minute, Attempts: maxInDoubt,
		Before: func(err error, _ time.Duration) {
			r.cfg.Logger.Warn("acquiring the partitions again, from what the store holds", "because", err)
		},
	}.Start()
	for {
		before := r.progress.next()
		err := r.pass(ctx)
		if !errors.Is(err, ErrRestart) {
			return err
		}
		if !maps.Equal(before, r.progress.next()) {
			restarts.Progress()
		}
		if !restarts.Wait(ctx, err) {
			if ctx.Err() != nil {
				return r.interrupted(ctx)
			}
			return Fail(Unavailable, "giving up after %d commits in a row without an answer; nothing is lost, run it again: %w", maxInDoubt, err)
		}
	}
}

// pass reads the partitions at work once, from the offsets that the store gives.
func (r *runner) pass(ctx context.Context) error {
	passCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.current = &pass{
		cfg: r.cfg, feed: r.feed, steps: r.steps, sink: r.sink, progress: r.progress, ends: r.ends,
		ctx: passCtx, parts: map[int32]*part{},
		pool: &committers{cfg: r.cfg, steps: r.steps, sink: r.sink, mark: r.feed.Mark, progress: r.progress, cancel: cancel},
	}
	r.current.pool.start(ctx)
	err := r.current.run()
	if failure := r.current.pool.stop(); failure != nil {
		return failure // it came first and ended the reading
	}
	if ctx.Err() != nil && (err != nil || !r.current.reached) {
		return r.interrupted(ctx)
	}
	return err
}

// readHidden reads what an open transaction hid at the start and which has ended since: acquiring a partition ends the
// transaction that a killed run left open, which may have written into another partition too.
func (r *runner) readHidden(ctx context.Context) error {
	if len(r.hidden) == 0 || r.cfg.Follow || ctx.Err() != nil {
		return nil
	}
	bounds, err := r.feed.Bounds(ctx)
	if err != nil {
		return err
	}
	clear(r.ends)
	stored := r.progress.next()
	for p, high := range r.hidden {
		if end := min(high, bounds[p].End); stored[p] < end && !r.progress.isLost(p) {
			r.ends[p] = end
		}
	}
	if len(r.ends) == 0 {
		return nil
	}
	return r.passes(ctx)
}

// Assigned implements Group.
func (r *runner) Assigned(partitions []int32) (Offsets, error) {
	for _, p := range partitions {
		r.ends[p] = noEnd
	}
	r.cfg.Logger.Info("partitions assigned", "partitions", partitions)
	return r.current.acquire(partitions)
}

// Revoked implements Group: it waits for the commits under way and drops what was only read.
func (r *runner) Revoked(partitions []int32) {
	r.cfg.Logger.Info("partitions revoked", "partitions", partitions)
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
	r.progress.measureLag(bounds)
	return nil
}
