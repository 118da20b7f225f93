package es_test

import (
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
)

// BenchmarkCommit commits batches of new observations to the real server, one partition at a time.
func BenchmarkCommit(b *testing.B) {
	const size = 10_000
	x := fresh(b)
	s := opened(b, es.Config{URL: x.url, Prefix: x.prefix, Topic: topic})
	acquire(b, s, -1)
	start, n := int64(0), 0
	for b.Loop() {
		b.StopTimer()
		next := batch(start, n, n+size)
		b.StartTimer()
		commit(b, s, next, flow.Outcome{Written: size})
		start, n = next.End, n+size
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "observations/s")
}
