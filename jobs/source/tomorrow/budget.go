package tomorrow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"senmeteo/jobs/flow"
)

// Limits say how many calls any second, any hour and any 24 hours may hold.
type Limits struct{ PerSecond, PerHour, PerDay int }

// FreeLimits are those of the free plan (rate-limit headers of recorded answers).
var FreeLimits = Limits{PerSecond: 3, PerHour: 25, PerDay: 500}

// Budget counts the calls made with one key in a Ledger, so that the limits are kept over restarts and by
// overlapping runs.
type Budget struct {
	Ledger Ledger
	Limits Limits
	// Patience is for how long a run waits for calls to be free again instead of giving up: the end of one
	// round must not keep the next, an hour after its begin, from starting.
	Patience time.Duration
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error // such as retry.Sleep
}

// NotDueError reports that the budget has no room for the calls of a run yet.
type NotDueError struct{ Until time.Time }

func (e *NotDueError) Error() string {
	return fmt.Sprintf("the calls that the key allows are used up: the next round is due at %s", e.Until.UTC().Format(time.RFC3339))
}

// secondSlack lengthens the second: on their way calls come closer together.
const secondSlack = 100 * time.Millisecond

// account is what the ledger holds.
type account struct {
	Calls  []time.Time `json:"calls"`  // made or reserved in the last 24 hours, oldest first
	Recent []time.Time `json:"recent"` // made last, as many as a second may hold, oldest first
}

// most is how many calls one run may reserve.
func (b *Budget) most() int { return min(b.Limits.PerHour, b.Limits.PerDay) }

// Reserve sets n calls aside, all or none. It waits up to Patience for room; the error is a *NotDueError when
// there will be none by then. The Reservation must be released.
func (b *Budget) Reserve(ctx context.Context, n int) (*Reservation, error) {
	r := &Reservation{budget: b}
	for {
		var until time.Time
		err := b.change(ctx, func(l *account, now time.Time) {
			r.left = 0
			if until = l.free(n, now, b.Limits); until.After(now) {
				return
			}
			for range n {
				l.Calls = append(l.Calls, now)
			}
			r.stamp, r.left = now, n
		})
		if err != nil || r.left == n {
			return r, err
		}
		wait := until.Sub(b.Now())
		if wait > b.Patience {
			return nil, &NotDueError{Until: until}
		}
		if err := b.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// free is when n more calls fit into the hour and the day; now or earlier when they do already.
func (l *account) free(n int, now time.Time, limits Limits) time.Time {
	until := now
	for _, window := range []struct {
		limit int
		long  time.Duration
	}{{limits.PerHour, time.Hour}, {limits.PerDay, 24 * time.Hour}} {
		if i := len(l.Calls) - 1 - (window.limit - n); i >= 0 && i < len(l.Calls) {
			if end := l.Calls[i].Add(window.long); end.After(until) {
				until = end
			}
		}
	}
	return until
}

// change reads the account, changes and writes it in one step. change may be called more than once: it must set what it
// finds out each time.
func (b *Budget) change(ctx context.Context, change func(*account, time.Time)) error {
	return b.Ledger.Change(ctx, func(text []byte) ([]byte, error) {
		var l account
		if text != nil {
			if err := json.Unmarshal(text, &l); err != nil {
				return nil, flow.Fail(flow.BadInput, "reading the budget of calls: %w: delete it; up to an hour's calls may then be refused", err)
			}
		}
		now := b.Now().UTC().Truncate(time.Microsecond)
		l.tidy(now, b.Limits)
		change(&l, now)
		slices.SortFunc(l.Calls, time.Time.Compare)
		return json.Marshal(&l)
	})
}

// tidy forgets calls older than a day. Calls in the future, of a clock that was set back, count as made now.
func (l *account) tidy(now time.Time, limits Limits) {
	for _, calls := range []*[]time.Time{&l.Calls, &l.Recent} {
		*calls = slices.DeleteFunc(*calls, func(at time.Time) bool { return !at.After(now.Add(-24 * time.Hour)) })
		for i, at := range *calls {
			if at.After(now.Add(time.Minute)) {
				(*calls)[i] = now
			}
		}
		slices.SortFunc(*calls, time.Time.Compare)
	}
	if over := len(l.Recent) - limits.PerSecond; over > 0 {
		l.Recent = l.Recent[over:]
	}
}
