package metrics

import (
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// What counting adds to a commit of `stream`, of 4,000 observations of which each hundredth failed a check.
func BenchmarkCountingABatch(b *testing.B) {
	batch := &flow.Batch{End: 4000, Observations: make([]meteo.Observation, 4000)}
	for i := range batch.Observations {
		if i%100 == 0 {
			batch.Observations[i] = observation(meteo.Failure{Subject: "rain_mm", Rule: "range"})
		}
	}
	for _, checks := range []bool{true, false} {
		b.Run(map[bool]string{true: "with checks", false: "without"}[checks], func(b *testing.B) {
			s := New("1.2").Stage(Job{Name: "stream", Bounds: topic, Checks: checks})
			b.ReportAllocs()
			for b.Loop() {
				s.committed(batch, 0)
			}
		})
	}
}
