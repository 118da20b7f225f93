package es

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// The waits between tries: they double from the first to the longest, and each is cut by chance to between its half and its whole,
// so that several writers do not come back at the same moment.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// backoff spaces the tries of something that may succeed later, and gives up when it has not for the configured patience.
type backoff struct {
	patience time.Duration
	clock    func() time.Time
	log      *slog.Logger
	since    time.Time // of the last success
	next     time.Duration
}

func newBackoff(cfg Config) *backoff {
	b := &backoff{patience: cfg.Patience, clock: cfg.Clock, log: cfg.Logger}
	b.progress()
	return b
}

// progress notes that something succeeded: patience is whole again.
func (b *backoff) progress() { b.since, b.next = b.clock(), firstWait }

// wait waits before the next try. It returns the reason when patience is over, and the context's error when that has ended.
func (b *backoff) wait(ctx context.Context, reason error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	pause := b.next/2 + rand.N(b.next/2)
	if b.clock().Add(pause).Sub(b.since) > b.patience {
		return reason
	}
	b.log.Warn("Elasticsearch can't do it now; trying again", "reason", oneLine(reason.Error()), "wait", pause.Round(time.Millisecond).String())
	b.next = min(2*b.next, longestWait)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
