package score_test

import (
	"os"
	"testing"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/score"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
	"senmeteo/jobs/source/generate"
)

// TestTheScoresOfMeasuredReadings holds the figures of docs/quality-control.md for the file that SENMETEO_TEN_MINUTES names: temperature, humidity,
// wind in knots and rain every ten minutes, of stations of any country.
func TestTheScoresOfMeasuredReadings(t *testing.T) {
	path := os.Getenv("SENMETEO_TEN_MINUTES")
	if path == "" {
		t.Skip("SENMETEO_TEN_MINUTES names no file of measured readings every ten minutes: make quality-scores TEN_MINUTES=readings.csv.gz")
	}
	scored := func(share float64, seed uint64) *score.Score {
		now := time.Now().UTC()
		from, err := file.Open(path, file.Options{Formats: []format.Format{csv.Format()}, Options: shape.Options{
			Defaults: shape.Defaults{Source: "file", Kind: meteo.Observed, FetchedAt: now},
			Units:    []shape.Assignment{{Name: meteo.WindSpeed.String(), Value: "kt"}},
		}, AnyStation: true, Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close() //nolint:errcheck // read only
		s, err := score.Of(t.Context(), from, score.Config{Unsaid: now, Inject: share, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %.3f false alarms a station-month", seed, s.FalseAlarms.PerStationMonth)
		return s
	}
	for _, m := range scored(0, 0).FalseAlarms.ByMonth {
		if m.PerStationMonth > 1 {
			t.Errorf("%s: %.3f false alarms a station-month without defects", m.Month, m.PerStationMonth)
		}
	}
	sum := map[generate.Defect]*score.Row{}
	for seed := range uint64(6) {
		for _, r := range scored(0.02, seed+1).Defects {
			if all := sum[r.Defect]; all == nil {
				sum[r.Defect] = &score.Row{}
			}
			if all := sum[r.Defect]; r.Variable != "" || r.Defect.Expect() != generate.ExpectFlag && r.Defect != generate.Missing {
				all.Cases, all.Found = all.Cases+r.Cases, all.Found+r.Found
				all.Alarms, all.Right = all.Alarms+r.Alarms, all.Right+r.Right
			}
		}
	}
	least := map[generate.Defect]float64{generate.Stuck: 0.95, generate.Drift: 0, generate.SlowDrift: 0}
	for d, r := range sum {
		want, ok := least[d]
		if !ok {
			want = 0.98
		}
		recall, precision := float64(r.Found)/float64(r.Cases), float64(r.Right)/float64(max(r.Alarms, 1))
		t.Logf("%s: %d cases, recall %.3f, precision %.3f", d, r.Cases, recall, precision)
		if recall < want || precision < want {
			t.Errorf("%s: recall %.3f, precision %.3f, want %.2f", d, recall, precision, want)
		}
	}
}
