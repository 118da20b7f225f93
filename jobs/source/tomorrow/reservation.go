package tomorrow

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Reservation is calls of a Budget that were set aside for one run.
type Reservation struct {
	budget *Budget
	stamp  time.Time // when the calls were set aside
	left   int
}

// Call waits until one of the calls that were set aside may be made and counts it.
func (r *Reservation) Call(ctx context.Context) error {
	if r.left == 0 {
		return errNothingLeft
	}
	r.left--
	return r.budget.spend(ctx, r.stamp)
}

// Extra waits until one more call may be made, beside those that were set aside, and counts it. The error is a
// *NotDueError when none is free.
func (r *Reservation) Extra(ctx context.Context) error {
	more, err := r.budget.Reserve(ctx, 1)
	if err != nil {
		return err
	}
	return more.Call(ctx)
}

// errNothingLeft is a caller that asks more often than it has said.
var errNothingLeft = errors.New("all calls that were set aside are made")

// spend moves a call that was set aside at a time to when the limit of a second lets it be made, and waits for that.
func (b *Budget) spend(ctx context.Context, stamp time.Time) error {
	var slot, now time.Time
	err := b.change(ctx, func(l *account, at time.Time) {
		slot, now = at, at
		if n := b.Limits.PerSecond; len(l.Recent) >= n {
			if next := l.Recent[len(l.Recent)-n].Add(time.Second + secondSlack); next.After(slot) {
				slot = next
			}
		}
		l.Recent = append(l.Recent, slot)
		l.take(stamp)
		l.Calls = append(l.Calls, slot)
	})
	if err != nil {
		return err
	}
	if slot.After(now) {
		return b.Sleep(ctx, slot.Sub(now))
	}
	return ctx.Err()
}

// Release gives back the calls that were not made.
func (r *Reservation) Release(ctx context.Context) error {
	if r.left == 0 {
		return nil
	}
	err := r.budget.change(ctx, func(l *account, _ time.Time) {
		for range r.left {
			l.take(r.stamp)
		}
	})
	if err == nil {
		r.left = 0
	}
	return err
}

// take removes one call that was set aside at a time.
func (l *account) take(stamp time.Time) {
	if i := slices.IndexFunc(l.Calls, stamp.Equal); i >= 0 {
		l.Calls = slices.Delete(l.Calls, i, i+1)
	}
}
