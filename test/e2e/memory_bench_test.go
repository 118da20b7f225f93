//go:build bench

// It takes minutes: `make bench` runs it.

package e2e_test

import "testing"

// TestBenchmarkMemory measures the jobs with a million records.
func TestBenchmarkMemory(t *testing.T) {
	p := newPipeline(t)
	fetch, stream := p.sendMonths(t, 17)
	t.Run("fetch to Kafka", func(t *testing.T) { within(t, fetch, 150*megabyte) })
	t.Run("stream that comes to remember a million ids", func(t *testing.T) {
		got := stream.Report(t).Written
		if got < 1_000_000 {
			t.Errorf("%d observations, want a million", got)
		}
		within(t, stream, 250*megabyte*got/1_000_000)
	})
	t.Run("stream that starts with a million ids to remember", func(t *testing.T) {
		again := p.Must(t, "fetch", "generate", "--from", "2024-01-01", "--to", "2024-01-02")
		r := p.Must(t, "stream")
		if report := r.Report(t); report.Duplicates != again.Report(t).Written {
			t.Errorf("%d duplicates, want %d", report.Duplicates, again.Report(t).Written)
		}
		within(t, r, 250*megabyte)
	})
	t.Run("to-pg", func(t *testing.T) { within(t, p.Must(t, "to-pg"), 250*megabyte) })
	t.Run("to-hdfs", func(t *testing.T) { within(t, p.Must(t, "to-hdfs"), 500*megabyte) })
	t.Run("reconcile", func(t *testing.T) {
		p.ledger(t)
		within(t, p.Must(t, "reconcile"), 500*megabyte)
	})
}
