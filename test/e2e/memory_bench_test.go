//go:build bench

// It takes minutes: `make bench` runs it.

package e2e_test

import "testing"

// TestBenchmarkMemory measures the jobs with a million records.
func TestBenchmarkMemory(t *testing.T) {
	p := newPipeline(t)
	fetch, stream := p.sendMonths(t, 17)
	t.Run("fetch to Kafka", func(t *testing.T) { fetch.within(t, 150*megabyte) })
	t.Run("stream that comes to remember a million ids", func(t *testing.T) {
		got := stream.report(t).Written
		if got < 1_000_000 {
			t.Errorf("%d observations, want a million", got)
		}
		stream.within(t, 250*megabyte*got/1_000_000)
	})
	t.Run("stream that starts with a million ids to remember", func(t *testing.T) {
		again := p.must(t, "fetch", "generate", "--from", "2024-01-01", "--to", "2024-01-02")
		r := p.must(t, "stream")
		if report := r.report(t); report.Duplicates != again.report(t).Written {
			t.Errorf("%d duplicates, want %d", report.Duplicates, again.report(t).Written)
		}
		r.within(t, 250*megabyte)
	})
	t.Run("to-pg", func(t *testing.T) { p.must(t, "to-pg").within(t, 250*megabyte) })
	t.Run("to-hdfs", func(t *testing.T) { p.must(t, "to-hdfs").within(t, 500*megabyte) })
	t.Run("reconcile", func(t *testing.T) {
		p.books(t)
		p.must(t, "reconcile").within(t, 500*megabyte)
	})
}
