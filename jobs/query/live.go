package query

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"
)

// LatestReader answers with the newest observations alone.
type LatestReader interface {
	// Latest is that of Reader; Rain24 may be unknown.
	Latest(ctx context.Context) ([]Latest, error)
}

// Changes is a store that reports when something new was stored.
type Changes interface {
	// Changes calls changed after each change, or several of them, until ctx ends or the store fails, and returns why. Those that were
	// made before the call don't count.
	Changes(ctx context.Context, changed func()) error
}

// Live is a Reader whose newest observations come from a store that has them at once, and all else from one that has the past.
type Live struct {
	Newest  LatestReader
	History Reader
	Logger  *slog.Logger

	mu      sync.Mutex
	failing bool // Newest did not answer the last time
}

// newestTimeout leaves History time to answer in the place of Newest.
const newestTimeout = time.Second

// Latest implements Reader. Rain24 is that of History, where the newest observation of its is of the same source and kind; it ends at
// that one, which may be a little older. While Newest does not answer, all is that of History.
func (l *Live) Latest(ctx context.Context) ([]Latest, error) {
	newest, err := l.latest(ctx)
	l.report(ctx, err)
	if err != nil {
		return l.History.Latest(ctx)
	}
	past, err := l.History.Latest(ctx)
	if err != nil {
		return newest, nil // without the rain
	}
	byStation := make(map[string]*Latest, len(past))
	for i := range past {
		byStation[past[i].StationID] = &past[i]
	}
	for i := range newest {
		row := &newest[i]
		if p := byStation[row.StationID]; p != nil && p.Source == row.Source && p.Kind == row.Kind {
			row.Rain24 = p.Rain24
		}
	}
	return newest, nil
}

func (l *Live) latest(ctx context.Context) ([]Latest, error) {
	ctx, cancel := context.WithTimeout(ctx, newestTimeout)
	defer cancel()
	return l.Newest.Latest(ctx)
}

// report logs when Newest begins to fail and when it answers again, once each.
func (l *Live) report(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	failing := err != nil && !errors.Is(err, ErrEmpty) && ctx.Err() == nil
	switch {
	case failing && !l.failing:
		l.Logger.WarnContext(ctx, "the store of the newest observations does not answer; they are read from the other one", "error", err)
	case !failing && l.failing && err == nil:
		l.Logger.InfoContext(ctx, "the store of the newest observations answers again")
	}
	l.failing = failing
}

// Series implements Reader.
func (l *Live) Series(ctx context.Context, q SeriesQuery) ([]Line, error) {
	return l.History.Series(ctx, q)
}

// Changes implements Changes by Newest.
func (l *Live) Changes(ctx context.Context, changed func()) error {
	if c, ok := l.Newest.(Changes); ok {
		return c.Changes(ctx, changed)
	}
	<-ctx.Done()
	return ctx.Err()
}

// Nothing is an Accumulation of which nothing is known.
func Nothing() Accumulation { return Accumulation{MM: math.NaN()} }
