package tomorrow_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/tomorrow"
)

// clock is a time that only waits move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func newBudget(t *testing.T, c *clock) *tomorrow.Budget {
	t.Helper()
	return &tomorrow.Budget{Ledger: &tomorrow.FileLedger{Path: filepath.Join(t.TempDir(), "budget.json")}, Limits: tomorrow.FreeLimits, Patience: time.Minute, Now: c.time, Sleep: c.sleep}
}

func round(t *testing.T, b *tomorrow.Budget, n int) {
	t.Helper()
	r, err := b.Reserve(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if err := r.Call(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestASecondRoundInTheHourIsNotDue(t *testing.T) {
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b := newBudget(t, c)
	round(t, b, 14)
	c.advance(30 * time.Minute)
	again := *b // a restart: only the file is the same
	_, err := again.Reserve(t.Context(), 14)
	var notDue *tomorrow.NotDueError
	if !errors.As(err, &notDue) || notDue.Until.Before(c.time().Add(29*time.Minute)) || notDue.Until.After(c.time().Add(31*time.Minute)) {
		t.Errorf("got %v", err)
	}
}

func TestARoundEveryHourIsAlwaysDue(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := &clock{now: start}
	b := newBudget(t, c)
	for hour := range 30 {
		c.advance(start.Add(time.Duration(hour) * time.Hour).Sub(c.time()))
		round(t, b, 14)
		if late := c.time().Sub(start.Add(time.Duration(hour) * time.Hour)); late > time.Minute {
			t.Fatalf("round %d ended after %s", hour, late)
		}
	}
}

func TestCallsThatWereNotMadeAreGivenBack(t *testing.T) {
	b := newBudget(t, &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	for range 3 {
		r, err := b.Reserve(t.Context(), 14)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunsThatOverlapShareTheHour(t *testing.T) {
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b := newBudget(t, c)
	b.Patience = 0
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 8 {
		run := *b
		wg.Go(func() {
			for range 10 {
				if _, err := run.Reserve(t.Context(), 1); err == nil {
					mu.Lock()
					got++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if got != 25 {
		t.Errorf("8 runs got %d calls, want 25", got)
	}
}

func TestAClockThatWasSetBackDoesNotBlockForLonger(t *testing.T) {
	c := &clock{now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	b := newBudget(t, c)
	round(t, b, 25)
	c.advance(-30 * 24 * time.Hour)
	if _, err := b.Reserve(t.Context(), 1); err == nil {
		t.Error("a call was given although 25 were made")
	}
	c.advance(61 * time.Minute)
	if _, err := b.Reserve(t.Context(), 14); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestAnUnusableFileSaysWhatToDo(t *testing.T) {
	b := newBudget(t, &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	path := filepath.Join(t.TempDir(), "budget.json")
	b.Ledger = &tomorrow.FileLedger{Path: path}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reserve(t.Context(), 1); flow.ClassOf(err) != flow.BadInput || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a damaged file gave %v", err)
	}
	b.Ledger = &tomorrow.FileLedger{Path: filepath.Join(path, "none", "budget.json")}
	if _, err := b.Reserve(t.Context(), 1); flow.ClassOf(err) != flow.CantWrite {
		t.Errorf("a folder that does not exist gave %v", err)
	}
}

func TestTheNameOfTheFileDoesNotGiveTheKeyAway(t *testing.T) {
	a, b := tomorrow.FileLedgerIn("d", "first-key").Path, tomorrow.FileLedgerIn("d", "second-key").Path
	if a == b || strings.Contains(a, "first") || filepath.Dir(a) != "d" {
		t.Errorf("got %s and %s", a, b)
	}
}
