package pg_test

import (
	"testing"
	"time"

	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// BenchmarkCommit stores batches of four stations, each of 5,000 later observations with eleven values.
func BenchmarkCommit(b *testing.B) {
	const stations, each = 4, 5_000
	store := fresh(b).Open(b)
	b.ReportAllocs()
	round, next := 0, int64(0)
	for b.Loop() {
		b.StopTimer()
		var all []meteo.Observation
		for n := range each {
			for _, station := range meteo.Stations[:stations] {
				at := noon.Add(time.Duration(round*each+n) * time.Minute)
				o := meteo.Observation{Reading: meteo.NewReading(station, at, "generate", meteo.Observed), Revision: 1, Quality: meteo.Good}
				o.FetchedAt, o.IntervalS = at, 60
				for v := range 11 {
					o.Values[v] = float64(n+v) / 10
				}
				o.ID = o.Identity.ID()
				all = append(all, o)
			}
		}
		batch := flowtest.Batch(1, next, all...)
		round, next = round+1, batch.End
		b.StartTimer()
		if _, err := store.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*stations*each), "µs/row")
}
