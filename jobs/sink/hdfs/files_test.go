package hdfs

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

func TestEveryFieldComesBackFromTheLake(t *testing.T) {
	l, _ := localLake(t, &clock{})
	full := flowtest.Observation(0, 0, 1)
	for v := range full.Values {
		full.Values[v] = 1.0 / 3
	}
	full.Values[meteo.Humidity], full.IntervalS = 100, 600
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	full.Original, full.Quality = &before, meteo.Suspect
	full.QC = []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	forecast := flowtest.Observation(0, 1, 3)
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, forecast.ObservedAt.Add(-6*time.Hour)
	forecast.ID = forecast.Identity.ID()
	bare := flowtest.Observation(0, 2, 1)
	bare.Latitude, bare.Longitude, bare.ElevationM = math.NaN(), math.NaN(), math.NaN()
	want := []meteo.Observation{full, forecast, bare}
	fill(t, l, 0, 0, want)
	compare := func(when string) {
		t.Helper()
		got := seen(t, l)
		for i := range want {
			if text := string(want[i].AppendJSON(nil)); i >= len(got) || string(got[i].AppendJSON(nil)) != text {
				t.Errorf("%s the lake holds\n%v, want as row %d\n%s", when, got, i, text)
			}
		}
	}
	compare("before compaction")
	compact(t, l, 1)
	compare("after compaction")
}
