// Package retry repeats what may succeed later, with pauses that grow.
//
// It differs from the well-known libraries in what it counts and returns: patience is measured from the last progress, and the
// result is always the last error of the operation, never that of a context or a timer.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Sleep pauses for d. It returns the context's error when the context ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Policy says how often, and for how long, something is tried.
type Policy struct {
	First    time.Duration // the pause after the first attempt; each later pause is twice as long as the one before
	Longest  time.Duration // of all pauses; zero: all are as long as the first
	Jitter   bool          // cut each pause at random to between its half and its whole, so that several processes do not come back together
	Attempts int           // give up after so many attempts without progress; zero: no limit
	Patience time.Duration // give up rather than pause past this time since the start or the last progress; zero: no limit

	// Before is called before each pause with the error that leads to it. It may be nil.
	Before func(err error, pause time.Duration)
}

// Do calls op until it succeeds, fails with an error that is not retryable, or the policy gives up or the context ends. It
// returns op's last error: whether the context has ended is for the caller to see.
func (p Policy) Do(ctx context.Context, op func() error, retryable func(error) bool) error {
	backoff := p.Start()
	for {
		err := op()
		if err == nil || !retryable(err) || !backoff.Wait(ctx, err) {
			return err
		}
	}
}

// Start returns the pauses of one operation, for loops that Do does not fit.
func (p Policy) Start() *Backoff {
	b := &Backoff{policy: p}
	b.Progress()
	return b
}

// Backoff is one operation that is tried by a Policy. One goroutine may use it at a time.
type Backoff struct {
	policy   Policy
	since    time.Time // the start or the last progress
	attempts int       // failed since then
	pause    time.Duration
}

// Progress notes that a part of the operation succeeded: attempts, patience and pauses start again.
func (b *Backoff) Progress() {
	b.since, b.attempts, b.pause = time.Now(), 0, b.policy.First
}

// Wait pauses after an attempt that failed with err. It returns false when there is to be no further attempt: the policy gives
// up, which it does without a pause, or the context has ended.
func (b *Backoff) Wait(ctx context.Context, err error) bool {
	b.attempts++
	pause := b.pause
	if b.policy.Jitter {
		pause = pause/2 + rand.N(pause/2+1)
	}
	switch {
	case ctx.Err() != nil,
		b.policy.Attempts > 0 && b.attempts >= b.policy.Attempts,
		b.policy.Patience > 0 && time.Since(b.since)+pause > b.policy.Patience:
		return false
	}
	if b.policy.Before != nil {
		b.policy.Before(err, pause)
	}
	b.pause = min(2*b.pause, max(b.policy.First, b.policy.Longest))
	return Sleep(ctx, pause) == nil
}
