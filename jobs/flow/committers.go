package flow

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// committers apply the steps to batches and commit them, those of one partition in their order. While they commit, the next batches are
// stepped and read: one more than there are committers is submitted at a time. A partition has no committer of its own: the batches that
// are submitted of it share one, and the next ones come to whichever has least to do.
type committers struct {
	cfg      *Config
	steps    []Step
	sink     Sink
	mark     func(partition int32, next int64) // Feed.Mark
	progress *progress

	queues      []*queue
	places      chan struct{} // of batches that are submitted
	spares      spares
	cancel      context.CancelCauseFunc // ends the pass
	commits     context.Context         // outlives the run's context by Config.Grace
	release     func()                  // frees commits
	stepping    context.Context         // ends with commits, or at the first failure
	endStepping context.CancelFunc
	working     sync.WaitGroup // the goroutines
	pending     sync.WaitGroup // the batches
	busy        atomic.Int32   // steps and commits under way

	mu       sync.Mutex
	failure  error                 // the first
	mean     time.Duration         // how long commits take: see took
	assigned map[int32]*assignment // of each partition of which batches are submitted
}

// queue is the way of batches to the steps and the sink, one after the other.
type queue struct {
	batches chan *Batch // has room for all that may be submitted
	records int         // in those that are submitted
}

// assignment is the queue of a partition, and how many of its batches are submitted.
type assignment struct {
	queue   *queue
	batches int
}

// start starts as many committers as the configuration says. The run's context is the parent of the pass's.
func (c *committers) start(run context.Context) {
	c.commits, c.release = withGrace(run, c.cfg.Grace)
	c.stepping, c.endStepping = context.WithCancel(c.commits)
	c.places = make(chan struct{}, c.cfg.Committers+1)
	c.spares.most, c.spares.largest = c.cfg.Committers+1, 2*c.cfg.BatchRecords
	c.assigned = map[int32]*assignment{}
	for range c.cfg.Committers {
		q, stepped := &queue{batches: make(chan *Batch, cap(c.places))}, make(chan *Batch)
		c.queues = append(c.queues, q)
		c.working.Go(func() {
			defer close(stepped)
			for b := range q.batches {
				n := len(b.Records)
				if c.apply(b) {
					stepped <- b
					continue
				}
				c.progress.abandoned(int64(n))
				c.done(b.Partition, n)
			}
		})
		c.working.Go(func() {
			for b := range stepped {
				n := len(b.Records)
				c.commit(b)
				c.done(b.Partition, n)
			}
		})
	}
}

// withGrace returns a context that ends when ctx has ended and the grace after it is over.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, func()) {
	extended, end := context.WithCancel(context.WithoutCancel(ctx))
	stopWatch := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
		case <-extended.Done():
		}
		end()
	})
	return extended, func() { stopWatch(); end() }
}

// submit gives a batch to a committer. It waits for a place; when the context ends first, the batch is abandoned.
func (c *committers) submit(ctx context.Context, b *Batch) {
	c.progress.submitted(int64(len(b.Records)))
	select {
	case c.places <- struct{}{}:
	case <-ctx.Done():
		c.progress.abandoned(int64(len(b.Records)))
		return
	}
	c.enqueue(b)
}

// offer gives a batch to a committer, as submit does, but only where there is a place. It reports whether it did.
func (c *committers) offer(b *Batch) bool {
	select {
	case c.places <- struct{}{}:
	default:
		return false
	}
	c.progress.submitted(int64(len(b.Records)))
	c.enqueue(b)
	return true
}

// enqueue gives a batch that has a place to a committer.
func (c *committers) enqueue(b *Batch) {
	c.pending.Add(1)
	c.queueOf(b).batches <- b
}

// queueOf returns the queue of a batch: that of the batches of its partition that are submitted, or the one with the fewest records.
func (c *committers) queueOf(b *Batch) *queue {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.assigned[b.Partition]
	if a == nil {
		a = &assignment{queue: slices.MinFunc(c.queues, func(x, y *queue) int { return x.records - y.records })}
		c.assigned[b.Partition] = a
	}
	a.batches++
	a.queue.records += len(b.Records)
	return a.queue
}

// done notes that a batch of so many records that was submitted is committed or abandoned.
func (c *committers) done(partition int32, records int) {
	c.mu.Lock()
	a := c.assigned[partition]
	a.queue.records -= records
	if a.batches--; a.batches == 0 {
		delete(c.assigned, partition)
	}
	c.mu.Unlock()
	<-c.places
	c.pending.Done()
}

// took notes how long a commit took. What is usual is a mean in which each commit counts for an eighth, so that a single slow one does
// not delay those after it.
func (c *committers) took(commit time.Duration) {
	const weight = 8
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mean == 0 {
		c.mean = commit
	}
	c.mean += (commit - c.mean) / weight
}

// usual returns how long a commit usually takes; 0 before the first.
func (c *committers) usual() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mean
}

// idle reports whether nothing is being worked on.
func (c *committers) idle() bool { return c.busy.Load() == 0 }

// drain waits until every batch that was submitted is committed or has failed.
func (c *committers) drain() { c.pending.Wait() }

// stop waits for the steps and commits under way and returns the first failure.
func (c *committers) stop() error {
	for _, q := range c.queues {
		close(q.batches)
	}
	c.working.Wait()
	c.endStepping()
	c.release()
	return c.failed()
}

func (c *committers) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

// obsolete reports whether a batch is not to be stored: what comes after a failure is read again from the store's offset.
func (c *committers) obsolete(b *Batch) bool {
	return c.failed() != nil || c.progress.isLost(b.Partition)
}

// apply applies the steps to a batch. It reports false when the batch is not to be committed.
func (c *committers) apply(b *Batch) bool {
	if c.obsolete(b) {
		return false
	}
	c.busy.Add(1)
	defer c.busy.Add(-1)
	c.spares.equip(b)
	for _, s := range c.steps {
		if err := s.Apply(c.stepping, b); err != nil {
			c.end(err)
			return false
		}
	}
	return true
}

func (c *committers) commit(b *Batch) {
	t := tallyOf(b)
	if c.obsolete(b) {
		c.progress.abandoned(t.read)
		return
	}
	c.busy.Add(1)
	began := time.Now()
	out, err := c.sink.Commit(c.commits, b)
	c.took(time.Since(began))
	c.busy.Add(-1)
	c.cfg.Alive()
	if err != nil {
		c.progress.abandoned(t.read)
		c.fail(b.Partition, t, err)
		return
	}
	c.mark(b.Partition, t.end)
	c.spares.keep(b)
	c.progress.committed(b.Partition, t, out)
	c.cfg.Progress(c.progress.snapshot())
}

// fail ends the pass after a commit that failed. A bounded run that is fenced only leaves the partition.
func (c *committers) fail(partition int32, t tally, err error) {
	if errors.Is(err, ErrFenced) && !c.cfg.Follow {
		c.cfg.Logger.Warn("another run acquired a partition; going on with the others", "partition", partition, "because", err)
		c.progress.leave(partition, err)
		return
	}
	if errors.Is(err, ErrRestart) {
		c.progress.doubted(partition, t)
	}
	c.end(err)
}

// end ends the pass after a failure.
func (c *committers) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil {
		c.failure = err
	}
	c.cancel(err)
	c.endStepping()
}
