package review

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/retry"
)

// Topics are the clean topic, which a Job reads, and the raw one, to which its verdicts go.
type Topics interface {
	// Bounds returns what each partition of the clean topic holds.
	Bounds(ctx context.Context) (map[int32]flow.Bounds, error)
	// Committed returns how far each partition was reviewed; one that never was is absent.
	Committed(ctx context.Context) (flow.Offsets, error)
	// At returns the offset of the first record of a partition that arrived at t or later; its end when there is none.
	At(ctx context.Context, partition int32, t time.Time) (int64, error)
	// Read calls each with the records of a partition from one offset up to another. Different partitions may be read at the same time.
	Read(ctx context.Context, partition int32, from, end int64, each func(*flow.Record) error) error
	// Send makes verdicts durable: the observations with the failures that were found.
	Send(ctx context.Context, verdicts []*meteo.Observation) error
	// Commit notes how far partitions were reviewed.
	Commit(ctx context.Context, next flow.Offsets) error
}

// Config bounds a Job.
type Config struct {
	RunID    string
	Follow   bool              // go on until the context ends, instead of to the ends that the topic has at the start
	Pause    time.Duration     // when following: how long it waits for more records
	Logger   *slog.Logger      // nil: none
	Progress func(flow.Report) // called after each commit with the report so far; may be nil
	Alive    func()            // called whenever the job makes progress or finds nothing to do; may be nil
}

// What is read again before the first record that was not reviewed, so that it is judged by what came before: as much as the rules
// remember, and a day for what arrived late.
const lookBack = (historyDays + 1) * 24 * time.Hour

// newestDays is where the first review of a partition begins, before now: verdicts on what arrived earlier would come too late, since `stream`
// has forgotten it.
const newestDays = 48 * time.Hour

// verdictsEvery is how many records are reviewed between two commits.
const verdictsEvery = 20_000

// job is one call of Run.
type job struct {
	cfg      Config
	topics   Topics
	reviewer *Reviewer
	next     flow.Offsets // of each partition, what is reviewed next
	report   *flow.Report
	began    time.Time
}

// Run reviews what the clean topic holds and was not reviewed, and sends the verdicts. It is at least once: offsets are committed after their
// verdicts are durable, and `stream` drops what comes twice. The report is valid also when the error is not nil.
func Run(ctx context.Context, cfg Config, topics Topics) (*flow.Report, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	j := &job{cfg: cfg, topics: topics, reviewer: New(), next: flow.Offsets{}, report: flow.NewReport("review", cfg.RunID), began: time.Now()}
	err := j.run(ctx)
	if err != nil && ctx.Err() != nil {
		err = interrupted(ctx, cfg.Follow)
	}
	j.report.Took(time.Since(j.began))
	j.report.Conclude(err)
	return j.report, err
}

// interrupted turns the end of the context into the job's result.
func interrupted(ctx context.Context, follow bool) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return flow.Fail(flow.TryLater, "the time allowed (--timeout) is over; run it again for what was not reviewed")
	case follow:
		return nil
	}
	return flow.Fail(flow.Interrupted, "stopped by a signal before the end; nothing is lost, run it again for the rest")
}

func (j *job) run(ctx context.Context) error {
	ends, err := j.plan(ctx)
	if err != nil {
		return err
	}
	if len(ends) > 0 || j.cfg.Follow {
		from, err := j.lookBack(ctx, ends)
		if err != nil {
			return err
		}
		if err := j.round(ctx, from, ends); err != nil {
			return err
		}
	}
	for j.cfg.Follow {
		if err := retry.Sleep(ctx, j.cfg.Pause); err != nil {
			return err
		}
		j.alive()
		ends, err := j.ends(ctx)
		if err != nil {
			return err
		}
		if err := j.round(ctx, maps.Clone(j.next), ends); err != nil {
			return err
		}
	}
	return nil
}

// plan finds what is to be reviewed: it sets next, and returns the ends of the partitions that hold more.
func (j *job) plan(ctx context.Context) (flow.Offsets, error) {
	committed, err := j.topics.Committed(ctx)
	if err != nil {
		return nil, err
	}
	bounds, err := j.topics.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	for p, b := range bounds {
		next, known := committed[p]
		if !known {
			if next, err = j.topics.At(ctx, p, time.Now().Add(-newestDays)); err != nil {
				return nil, err
			}
		}
		if known && next < b.First {
			j.cfg.Logger.Warn("retention took records before they were reviewed", "partition", p, "records", b.First-next)
		}
		j.next[p] = min(max(next, b.First), b.End)
	}
	j.report.From, j.report.To = maps.Clone(j.next), maps.Clone(j.next)
	return j.endsOf(bounds), nil
}

// ends returns the ends of the partitions that hold more than was reviewed.
func (j *job) ends(ctx context.Context) (flow.Offsets, error) {
	bounds, err := j.topics.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	return j.endsOf(bounds), nil
}

func (j *job) endsOf(bounds map[int32]flow.Bounds) flow.Offsets {
	ends := flow.Offsets{}
	for p, b := range bounds {
		if j.next[p] < b.End {
			ends[p] = b.End
		}
	}
	return ends
}

// lookBack returns where each partition is to be read from, so that its first record that was not reviewed is judged as if all were read.
func (j *job) lookBack(ctx context.Context, ends flow.Offsets) (flow.Offsets, error) {
	first := time.Now()
	var mu sync.Mutex // of first
	group, reading := errgroup.WithContext(ctx)
	for p, end := range ends {
		group.Go(func() error {
			err := j.topics.Read(reading, p, j.next[p], end, func(r *flow.Record) error {
				mu.Lock()
				defer mu.Unlock()
				if r.Time.Before(first) {
					first = r.Time
				}
				return errEnough
			})
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	from := flow.Offsets{}
	for p := range j.next {
		at, err := j.topics.At(ctx, p, first.Add(-lookBack))
		if err != nil {
			return nil, err
		}
		from[p] = min(at, j.next[p])
	}
	return from, nil
}

// round reads the partitions from some offsets to the ends of those that hold more, and to the next offset of the others. What is before
// the next offset is only learned from.
func (j *job) round(ctx context.Context, from, ends flow.Offsets) error {
	until := maps.Clone(j.next)
	maps.Copy(until, ends)
	merged := merge(ctx, j.topics, from, until)
	defer merged.stop()
	reviewed := 0
	for {
		item, err := merged.next()
		if err != nil {
			return err
		}
		if item == nil {
			break
		}
		if item.offset < j.next[item.partition] {
			j.reviewer.Learn(&item.observation)
			continue
		}
		j.take(item)
		if reviewed++; reviewed%verdictsEvery == 0 {
			if err := j.commit(ctx); err != nil {
				return err
			}
		}
	}
	maps.Copy(j.next, ends) // past the marks of transactions, too
	return j.commit(ctx)
}

// take reviews a record.
func (j *job) take(item *item) {
	j.next[item.partition] = item.offset + 1
	j.report.Read++
	if item.err != nil {
		j.report.Rejected++
		return
	}
	if !item.skip {
		j.reviewer.Add(&item.observation)
	}
}

// commit sends the verdicts that are due and then notes how far the partitions were reviewed.
func (j *job) commit(ctx context.Context) error {
	verdicts := j.reviewer.Verdicts()
	observations := make([]*meteo.Observation, len(verdicts))
	for i := range verdicts {
		observations[i] = &verdicts[i].Observation
	}
	if len(observations) > 0 {
		if err := j.topics.Send(ctx, observations); err != nil {
			return fmt.Errorf("sending %d verdicts: %w", len(observations), err)
		}
	}
	moved := flow.Offsets{}
	for p, next := range j.next {
		if next != j.report.To[p] {
			moved[p] = next
		}
	}
	if len(moved) > 0 {
		if err := j.topics.Commit(ctx, moved); err != nil {
			return err
		}
	}
	j.report.Written += int64(len(observations))
	maps.Copy(j.report.To, moved)
	j.alive()
	if j.cfg.Progress != nil {
		report := *j.report
		report.From, report.To = maps.Clone(report.From), maps.Clone(report.To)
		j.cfg.Progress(report)
	}
	return nil
}

func (j *job) alive() {
	if j.cfg.Alive != nil {
		j.cfg.Alive()
	}
}

// partitionsOf returns the partitions of offsets in their order.
func partitionsOf(offsets flow.Offsets) []int32 { return slices.Sorted(maps.Keys(offsets)) }
