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
	cfg      *Config
	sink     Sink
	mark     func(partition int32, next int64) // Feed.Mark
	progress *progress

	queues  []chan *Batch
	cancel  context.CancelCauseFunc // ends the pass
	commits context.Context         // outlives the run's context by Config.Grace
	release func()                  // frees commits
	working sync.WaitGroup          // the goroutines
	pending sync.WaitGroup          // the batches
	busy    atomic.Int32            // commits under way

	mu      sync.Mutex
	failure error // the first
}

func startCommitters(ctx context.Context, cancel context.CancelCauseFunc, cfg *Config, sink Sink, mark func(int32, int64), p *progress) *committers {
	c := &committers{cfg: cfg, sink: sink, mark: mark, progress: p, cancel: cancel}
	c.commits, c.release = withGrace(ctx, cfg.Grace)
	for range cfg.Committers {
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

// submit gives a batch to its partition's committer. It waits until that one is free; when the context ends first, the batch is abandoned.
func (c *committers) submit(ctx context.Context, b *Batch) {
	c.progress.submitted(int64(len(b.Records)))
	c.pending.Add(1)
	queue := c.queues[int(b.Partition)%len(c.queues)]
	select {
	case queue <- b:
	case <-ctx.Done():
		c.pending.Done()
		c.progress.abandoned(int64(len(b.Records)))
	}
}

// idle reports whether nothing is being committed.
func (c *committers) idle() bool { return c.busy.Load() == 0 }

// drain waits until every batch that was submitted is committed or has failed.
func (c *committers) drain() { c.pending.Wait() }

// stop waits for the commits under way and returns the first failure.
func (c *committers) stop() error {
	for _, q := range c.queues {
		close(q)
	}
	c.working.Wait()
	c.release()
	return c.failed()
}

func (c *committers) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

func (c *committers) commit(b *Batch) {
	t := tallyOf(b)
	if c.failed() != nil || c.progress.isLost(b.Partition) {
		c.progress.abandoned(t.read)
		return // what comes after a failure is read again from the store's offset
	}
	c.busy.Add(1)
	out, err := c.sink.Commit(c.commits, b)
	c.busy.Add(-1)
	c.cfg.Alive()
	if err != nil {
		c.progress.abandoned(t.read)
		c.fail(b.Partition, t, err)
		return
	}
	c.mark(b.Partition, t.end)
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil {
		c.failure = err
	}
	c.cancel(err)
}
