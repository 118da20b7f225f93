package faults_test

import (
	"os"
	"path/filepath"
	"testing"

	"senmeteo/test/program"
)

// S4. A run sleeps in the middle of a transaction, with the offset in it. A rival finishes what there is, and the sleeper wakes
// up fenced, also when it has slept for longer than the broker lets a transaction be open.
func TestS4StreamSleepsInATransactionWhileARivalFinishes(t *testing.T) {
	for name, expires := range map[string]bool{"which is still open": false, "which the broker has ended": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeat(t, func(t *testing.T, round int) {
				s := newScenario(t)
				s.sendDay(t, round)
				sleeper := s.withBriefTransactions(t, expires).sleeper(t, "stream.before-commit:3", "stream", "--batch-records", "40")
				if expires {
					program.Until(t, func() bool { return s.hasTransaction(t, "CompleteAbort") })
				} else if !s.hasTransaction(t, "Ongoing") {
					t.Error("no transaction is open")
				}
				s.settle(t)
				expect(t, wake(t, sleeper), 75)
				s.balance(t)
			})
		})
	}
}

// S4, without a rival: the run that has slept for too long takes its partition up again.
func TestS4StreamSleepsLongerThanItsTransactionMayLastAndGoesOn(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		sleeper := s.withBriefTransactions(t, true).sleeper(t, "stream.before-commit:3", "stream", "--batch-records", "40")
		program.Until(t, func() bool { return s.hasTransaction(t, "CompleteAbort") })
		expect(t, wake(t, sleeper), 0)
		s.recovers(t)
	})
}

// withBriefTransactions is the scenario with a program whose transactions the broker ends after 3 seconds, if that is wanted.
func (s *scenario) withBriefTransactions(t testing.TB, wanted bool) *scenario {
	t.Helper()
	if !wanted {
		return s
	}
	settings := filepath.Join(t.TempDir(), "kafka.properties")
	if err := os.WriteFile(settings, []byte("transaction.timeout.ms=3000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	brief := *s
	brief.Program = s.With("SENMETEO_KAFKA_CONFIG", settings)
	return &brief
}
