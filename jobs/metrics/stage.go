package metrics

import (
	"context"
	"maps"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Job describes a job that is to be counted.
type Job struct {
	Name   string // "stream"
	Topic  string // that it reads
	Checks bool   // count the checks that its observations failed: of the job that checks them alone
	// Bounds asks what the topic's partitions hold; it is called by several goroutines.
	Bounds func(context.Context) (map[int32]flow.Bounds, error)
}

// Stage counts one job of this process, from Registry.Stage to Close. Several goroutines may use it.
type Stage struct {
	job    Job
	all    *stages
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	asking sync.RWMutex // held while Bounds is asked

	mu       sync.Mutex
	report   flow.Report
	stored   flow.Offsets // of the partitions that this process has acquired
	failures map[meteo.Failure]int64
	last     time.Time // of the last commit
}

// Stage begins to count a job.
func (r *Registry) Stage(job Job) *Stage {
	s := &Stage{job: job, all: r.stages, stored: flow.Offsets{}, failures: map[meteo.Failure]int64{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	r.stages.add(s)
	return s
}

// Close ends the counting. After it Bounds is not called any more.
func (s *Stage) Close() {
	s.all.remove(s)
	s.cancel()
	s.asking.Lock() // waits for a question under way
	defer s.asking.Unlock()
}

// Progress takes over a report: flow.Config.Progress. Of several that come at the same time the one that is furthest counts.
func (s *Stage) Progress(r flow.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Read >= s.report.Read {
		s.report = r
	}
}

// Sink returns a sink that notes what is acquired, released and committed through it.
func (s *Stage) Sink(of flow.Sink) flow.Sink { return sink{of, s} }

type sink struct {
	flow.Sink
	stage *Stage
}

// Acquire implements flow.Sink.
func (s sink) Acquire(ctx context.Context, partition int32) (int64, error) {
	next, err := s.Sink.Acquire(ctx, partition)
	if err == nil {
		s.stage.acquired(partition, next)
	}
	return next, err
}

// Commit implements flow.Sink.
func (s sink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	began := time.Now()
	out, err := s.Sink.Commit(ctx, b)
	if err == nil {
		s.stage.committed(b, time.Since(began))
	}
	return out, err
}

// Release implements flow.Sink.
func (s sink) Release(partition int32) {
	s.Sink.Release(partition)
	s.stage.released(partition)
}

func (s *Stage) acquired(partition int32, next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored[partition] = next
}

func (s *Stage) released(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stored, partition)
}

func (s *Stage) committed(b *flow.Batch, took time.Duration) {
	s.all.commits.WithLabelValues(s.job.Name).Observe(took.Seconds())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored[b.Partition], s.last = b.End, time.Now()
	if !s.job.Checks {
		return
	}
	for i := range b.Observations {
		for _, f := range b.Observations[i].QC {
			s.failures[f]++
		}
	}
}

// lag returns how many offsets of each partition of this process are not stored yet.
func (s *Stage) lag() (map[int32]int64, error) {
	s.asking.RLock()
	defer s.asking.RUnlock()
	ctx, cancel := context.WithTimeout(s.ctx, askTimeout)
	defer cancel()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.Lock()
	stored := maps.Clone(s.stored) // before the bounds: a commit in between is lag that is gone
	s.mu.Unlock()
	bounds, err := s.job.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	lag := map[int32]int64{}
	for partition, next := range stored {
		if b, ok := bounds[partition]; ok {
			lag[partition] = max(0, b.End-max(next, b.First))
		}
	}
	return lag, nil
}
