package e2e_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/test/program"
)

// dailyFile writes daily readings of some stations up to, and not with, a day: a course over the year and anomalies that have a memory.
func dailyFile(t testing.TB, stations []meteo.Station, days int, end time.Time) (path string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("station_id,date,temperature_max_c,temperature_min_c,dew_point_mean_c,humidity_mean_pct,wind_speed_mean_ms,rain_mm\n")
	r := rand.New(rand.NewPCG(3, 5))
	anomalies := make([]float64, len(stations))
	for day := days; day > 0; day-- {
		date := end.AddDate(0, 0, -day)
		year := math.Cos(2 * math.Pi * float64(date.YearDay()) / 365.25)
		common := r.NormFloat64()
		for i, s := range stations {
			anomalies[i] = .7*anomalies[i] + .5*common + .8*r.NormFloat64()
			a := anomalies[i]
			rain := max(0, math.Round(20*(r.NormFloat64()-1-year)))
			fmt.Fprintf(&b, "%s,%s,%.1f,%.1f,%.1f,%.0f,%.1f,%g\n", s.ID, date.Format(time.DateOnly), 33-4*year+a, 22-3*year+a/2, 17-4*year, 55-12*year-2*a, 5+year/2+a/4, rain)
		}
	}
	path = filepath.Join(t.TempDir(), "daily.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readingsOf are the readings that lines of JSON hold, without the time of the fetch.
func readingsOf(t testing.TB, text string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		r := map[string]any{}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if r["station_id"] != nil { // else the report
			delete(r, "fetched_at")
			all = append(all, r)
		}
	}
	return all
}

func TestEveryFormatHoldsWhatForecastsState(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	issue := []string{"forecast", "--in", dailyFile(t, meteo.Stations[:2], 60, day(t, "2026-07-10")), "--issued-at", "2026-07-10T00:00:00Z"}
	texts := func(all []map[string]any) (list []string) {
		for _, r := range all {
			text, _ := json.Marshal(r)
			list = append(list, string(text))
		}
		return list
	}
	want := readingsOf(t, p.Must(t, append(issue, "--dry-run")...).Stdout)
	if len(want) != 2*7 || len(want[0]["quantiles"].(map[string]any)) != 4 || want[0]["rain_probability_pct"] == nil || want[0]["source"] != "forecast-daily" {
		t.Fatalf("%d forecasts, the first is %v", len(want), want[0])
	}
	for _, extension := range []string{"csv", "json", "jsonl", "xlsx", "xml", "yaml", "parquet"} {
		p.Must(t, append(issue, "--out", "a."+extension)...)
		p.Must(t, "convert", "a."+extension, extension+".jsonl")
		if got := readingsOf(t, string(read(t, p.Dir, extension+".jsonl"))); !slices.Equal(texts(got), texts(want)) {
			t.Errorf("%s holds %d forecasts, others than the %d of the screen", extension, len(got), len(want))
		}
	}
}

func day(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestForecastsOfAllStationsTakeLessThan200Megabytes(t *testing.T) {
	end := day(t, "2024-12-31")
	file := dailyFile(t, meteo.Stations[:], 7*365, end)
	r := program.Program{Dir: t.TempDir()}.Must(t, "forecast", "--in", file, "--issued-at", end.Format(time.RFC3339), "--out", "f.jsonl")
	within(t, r, 200*megabyte)
	if n := r.Report(t).Written; int(n) != 7*len(meteo.Stations) {
		t.Errorf("%d forecasts are written, want seven days of each station", n)
	}
}
