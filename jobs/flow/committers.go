package flow

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// committers commit batches, those of one partition in their order. While they commit, the
// next batches are read: one being committed and one waiting per committer, no more.
type committers struct {
	*runner
	queues   []chan *Batch
	cancel   context.CancelCauseFunc // ends the pass
	commits  context.Context         // outlives the run's context by Config.Grace
	release  func()
	working  sync.WaitGroup // the goroutines
	pending  sync.WaitGroup // the batches
	busy     atomic.Int32   // commits under way
	inFlight int64          // records handed over and not yet counted in the report; guarded by runner.mu

	failing sync.Mutex
	err     error // the first failure
}

func startCommitters(ctx context.Context, cancel context.CancelCauseFunc, r *runner) *committers {
	commits, end := context.WithCancel(context.WithoutCancel(ctx))
	stopWatch := context.AfterFunc(ctx, func() {
		t := time.NewTimer(r.cfg.Grace)
		defer t.Stop()
		select {
		case <-t.C:
		case <-commits.Done():
		}
		end()
	})
	c := &committers{runner: r, cancel: cancel, commits: commits, release: func() { stopWatch(); end() }}
	for range r.cfg.Committers {
		queue := make(chan *Batch)
		c.queues = append(c.queues, queue)
		c.working.Go(func() {
			for b := range queue {
				c.commit(b)
				c.pending.Done()
			}
		})
	}
	return c
}

// submit hands a batch over. It waits until a committer is free; when the context ends first, the batch is abandoned.
func (c *committers) submit(ctx context.Context, b *Batch) {
	c.count(int64(len(b.Records)))
	c.pending.Add(1)
	select {
	case c.queues[int(b.Partition)%len(c.queues)] <- b:
	case <-ctx.Done():
		c.pending.Done()
		c.count(-int64(len(b.Records)))
	}
}

// idle tells whether nothing is being committed.
func (c *committers) idle() bool { return c.busy.Load() == 0 }

func (c *committers) count(n int64) {
	c.mu.Lock()
	c.inFlight += n
	c.mu.Unlock()
}

// drain waits until everything handed over is committed or has failed.
func (c *committers) drain() { c.pending.Wait() }

// stop waits for the commits under way and returns the first failure.
func (c *committers) stop() error {
	for _, q := range c.queues {
		close(q)
	}
	c.working.Wait()
	c.release()
	return c.failure()
}

func (c *committers) failure() error {
	c.failing.Lock()
	defer c.failing.Unlock()
	return c.err
}

func (c *committers) commit(b *Batch) {
	t := tallyOf(b)
	if c.failure() != nil || c.isLost(b.Partition) {
		c.count(-t.read)
		return // what comes after a failure is read again from the store's offset
	}
	c.busy.Add(1)
	out, err := c.sink.Commit(c.commits, b)
	c.busy.Add(-1)
	c.cfg.Alive()
	if err != nil {
		c.count(-t.read)
		if errors.Is(err, ErrFenced) && !c.cfg.Follow {
			c.cfg.Logger.Warn("another run took a partition over; going on with the others", "partition", b.Partition, "because", err)
			c.lose(b.Partition, err)
			return
		}
		if errors.Is(err, ErrRestart) {
			c.doubt(b.Partition, t)
		}
		c.failing.Lock()
		if c.err == nil {
			c.err = err
		}
		c.failing.Unlock()
		c.cancel(err)
		return
	}
	c.feed.Mark(b.Partition, t.end)
	c.mu.Lock()
	c.inFlight -= t.read
	c.report.add(t, out)
	c.report.To[b.Partition] = t.end
	c.mu.Unlock()
	if c.cfg.Progress != nil {
		c.cfg.Progress(c.snapshot())
	}
}
