package retry

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var errLater = errors.New("later")

func later(err error) bool { return errors.Is(err, errLater) }

// pausesOf runs an operation that never succeeds and returns its pauses in milliseconds.
func pausesOf(t *testing.T, p Policy) (pauses []int64) {
	t.Helper()
	p.Before = func(err error, pause time.Duration) {
		if !errors.Is(err, errLater) {
			t.Errorf("the pause is for %v", err)
		}
		pauses = append(pauses, pause.Milliseconds())
	}
	attempts := 0
	err := p.Do(t.Context(), func() error { attempts++; return errLater }, later)
	if !errors.Is(err, errLater) {
		t.Errorf("giving up returns %v, want the operation's error", err)
	}
	if attempts != len(pauses)+1 {
		t.Errorf("%d attempts with %d pauses: the last one gives up without a pause", attempts, len(pauses))
	}
	return pauses
}

func TestPausesDoubleUpToTheLongestUntilThePolicyGivesUp(t *testing.T) {
	ms := time.Millisecond
	for _, test := range []struct {
		name   string
		policy Policy
		want   []int64
	}{
		{"by attempts", Policy{First: 100 * ms, Longest: 500 * ms, Attempts: 6}, []int64{100, 200, 400, 500, 500}},
		{"by patience", Policy{First: 100 * ms, Longest: time.Hour, Patience: 700 * ms}, []int64{100, 200, 400}},
		{"by patience that ends within a pause", Policy{First: 100 * ms, Longest: time.Hour, Patience: 699 * ms}, []int64{100, 200}},
		{"all alike without a longest", Policy{First: 100 * ms, Attempts: 4}, []int64{100, 100, 100}},
		{"a single attempt", Policy{First: 100 * ms, Attempts: 1}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, total := time.Now(), int64(0)
				got := pausesOf(t, test.policy)
				if !slices.Equal(got, test.want) {
					t.Errorf("the pauses are %v, want %v", got, test.want)
				}
				for _, pause := range got {
					total += pause
				}
				if took := time.Since(began).Milliseconds(); took != total {
					t.Errorf("it took %d ms, want the %d ms of its pauses", took, total)
				}
			})
		})
	}
}

func TestJitterCutsAPauseToBetweenItsHalfAndItsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := pausesOf(t, Policy{First: time.Second, Jitter: true, Attempts: 500})
		if shortest, longest := slices.Min(got), slices.Max(got); shortest < 500 || shortest > 600 || longest > 1000 || longest < 900 {
			t.Errorf("the pauses are between %d and %d ms, want them spread from 500 to 1000", shortest, longest)
		}
	})
}

func TestProgressStartsAttemptsPatienceAndPausesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pauses []int64
		b := Policy{
			First: time.Second, Longest: time.Minute, Attempts: 3, Patience: 4 * time.Second,
			Before: func(_ error, pause time.Duration) { pauses = append(pauses, pause.Milliseconds()) },
		}.Start()
		for range 2 {
			for b.Wait(t.Context(), errLater) {
			}
			b.Progress()
		}
		if want := []int64{1000, 2000, 1000, 2000}; !slices.Equal(pauses, want) {
			t.Errorf("the pauses are %v, want %v", pauses, want)
		}
	})
}

func TestAnOperationEndsWithItsFirstSuccessOrErrorThatIsNotRetryable(t *testing.T) {
	final := errors.New("final")
	for _, want := range []error{nil, final} {
		synctest.Test(t, func(t *testing.T) {
			results := []error{errLater, errLater, want, errLater}
			err := Policy{First: time.Second}.Do(t.Context(), func() (err error) {
				err, results = results[0], results[1:]
				return err
			}, later)
			if !errors.Is(err, want) || len(results) != 1 {
				t.Errorf("it ended with %v and %d results left, want %v and 1", err, len(results), want)
			}
		})
	}
}

func TestAContextThatEndsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began, attempts := time.Now(), 0
		err := Policy{First: 2 * time.Second}.Do(ctx, func() error { attempts++; return errLater }, later)
		if took := time.Since(began); !errors.Is(err, errLater) || took != 5*time.Second || attempts != 3 {
			t.Errorf("it ended after %v and %d attempts with %v, want 5s, 3 and the operation's error", took, attempts, err)
		}
		if (Policy{First: time.Second, Before: func(error, time.Duration) { t.Error("a pause is announced after the end") }}).Start().Wait(ctx, errLater) {
			t.Error("there is a further attempt after the context's end")
		}
		if err := Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("sleeping returns %v, want the context's error", err)
		}
		if err := Sleep(t.Context(), time.Hour); err != nil {
			t.Errorf("sleeping returns %v", err)
		}
	})
}
