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

	"senmeteo/jobs/forecast/score"

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
			rain := max(0, math.Round(15*(r.NormFloat64()-1.5-year)))
			fmt.Fprintf(&b, "%s,%s,%.1f,%.1f,%.1f,%.0f,%.1f,%g\n", s.ID, date.Format(time.DateOnly), 30-2*year+.8*a, 22-2*year+a/2, 18-2*year, 72-4*year-1.2*a, 4+year/2+a/4, rain)
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

// replayed stores a file of days and what is forecast of each day of [from, to), and returns the scores of both.
func (p pipeline) replayed(t *testing.T, file string, from, to time.Time) (stored, backtest score.Report) {
	t.Helper()
	p.Must(t, "fetch", "file", file)
	p.settle(t)
	if flagged := p.Psql(t, "SELECT station_id, observed_at, qc FROM meteo.observation WHERE quality <> 'good' ORDER BY 2 LIMIT 3"); flagged[0] != "" {
		t.Fatalf("some of the days are not good, so that the store's forecasts know less: %s", flagged)
	}
	for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
		p.Must(t, "forecast", "--issued-at", at.Format(time.RFC3339))
	}
	p.settle(t)
	window := []string{"--from", from.Format(time.DateOnly), "--to", to.Format(time.DateOnly), "--leads", "1,7", "--json"}
	for args, into := range map[string]*score.Report{"verify": &stored, "forecast backtest --in " + file: &backtest} {
		if err := json.Unmarshal([]byte(p.Must(t, append(strings.Fields(args), window...)...).Stdout), into); err != nil {
			t.Fatal(err)
		}
	}
	return stored, backtest
}

// sameScores compares scores of forecasts that were stored, with two decimals, with those of the backtest.
func sameScores(t *testing.T, stored, backtest score.Report, least int) {
	t.Helper()
	if len(stored.Values) != len(backtest.Values) || len(stored.Values) == 0 || len(stored.Rain) != len(backtest.Rain) {
		t.Fatalf("%d and %d scores of what is stored, %d and %d of the backtest", len(stored.Values), len(stored.Rain), len(backtest.Values), len(backtest.Rain))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 0.006 }
	for i, want := range backtest.Values {
		got := stored.Values[i]
		if got.Variable != want.Variable || got.Lead != want.Lead || got.Station != want.Station || got.N != want.N || got.N < least ||
			!near(got.MAE, want.MAE) || !near(got.CRPS, want.CRPS) || !near(got.Bias, want.Bias) || !near(got.Against["damped_persistence"].MAE, want.Against["damped_persistence"].MAE) {
			t.Errorf("stored   %+v\nbacktest %+v", got, want)
		}
	}
	for i, want := range backtest.Rain {
		if got := stored.Rain[i]; got.N != want.N || !near(got.Brier, want.Brier) {
			t.Errorf("stored   %+v\nbacktest %+v", got, want)
		}
	}
}

// Across a 1 January, at which all is trained from the start.
func TestForecastsThatWereIssuedDayByDayGetTheScoresOfTheBacktest(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	stored, backtest := p.replayed(t, dailyFile(t, meteo.Stations[:2], 1150, day(t, "2026-01-12")), day(t, "2025-12-26"), day(t, "2026-01-12"))
	sameScores(t, stored, backtest, 8)
	p.ledger(t)
}

// On two cores, as docs/forecasts.md says: with each more there is more garbage that is not collected yet.
func TestForecastsOfAllStationsTakeLessThan200Megabytes(t *testing.T) {
	end := day(t, "2024-12-31")
	file := dailyFile(t, meteo.Stations[:], 7*365, end)
	r := program.Program{Dir: t.TempDir()}.With("GOMAXPROCS", "2").Must(t, "forecast", "--in", file, "--issued-at", end.Format(time.RFC3339), "--out", "f.jsonl")
	within(t, r, 200*megabyte)
	if n := r.Report(t).Written; int(n) != 7*len(meteo.Stations) {
		t.Errorf("%d forecasts are written, want seven days of each station", n)
	}
}
