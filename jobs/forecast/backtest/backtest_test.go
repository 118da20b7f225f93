package backtest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

// table is a file of daily readings of two stations from 2015 on: a course over the year, and an anomaly of which 0.8 is left the next day.
func table(days int) string {
	var b strings.Builder
	b.WriteString("station_id,latitude,longitude,date,temperature_max_c,temperature_min_c,humidity_mean_pct,wind_speed_mean_ms,rain_mm\n")
	r := rand.New(rand.NewPCG(3, 5))
	anomaly := 0.0
	for t := range days {
		date := time.Date(2015, 1, 1+t, 0, 0, 0, 0, time.UTC)
		year := math.Cos(2 * math.Pi * float64(date.YearDay()) / 365.25)
		anomaly = .8*anomaly + r.NormFloat64()
		rain := 0
		if year+r.NormFloat64()/2 < -.5 {
			rain = 7
		}
		for i, id := range []string{"SN-DK", "SN-ZG-01"} {
			fmt.Fprintf(&b, "%s,%d,-17,%s,%.1f,%.1f,%.0f,%.1f,%d\n", id, 12+i, date.Format(time.DateOnly), 32-4*year+anomaly, 22-3*year+anomaly, 60-10*year, 5+year/2+r.NormFloat64()/2, rain)
		}
	}
	return b.String()
}

func read(t *testing.T, text string) []forecast.Day {
	t.Helper()
	path := filepath.Join(t.TempDir(), "daily.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return readFile(t, path)
}

func readFile(t *testing.T, path string) []forecast.Day {
	t.Helper()
	c := forecast.NewCollector()
	_, err := ReadFile(t.Context(), path, file.Options{
		Formats: []format.Format{csv.Format()},
		Options: shape.Options{Defaults: shape.Defaults{Source: "file", Kind: meteo.Observed, FetchedAt: time.Now()}},
	}, func(o *meteo.Observation) error { c.Add(o); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return c.Days()
}

func run(t *testing.T, days []forecast.Day, c Config) *score.Report {
	t.Helper()
	r, err := Run(t.Context(), days, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAFileIsScored(t *testing.T) {
	days := read(t, table(4*365+30))
	if len(days) != 2*(4*365+30) {
		t.Fatalf("got %d days", len(days))
	}
	r := run(t, days, Config{Leads: []int{1, 7}})
	if r.From != "2017-01-01" || r.To != "2019-01-30" || strings.Join(r.Stations, " ") != "SN-DK SN-ZG-01" {
		t.Errorf("got %s to %s of %v", r.From, r.To, r.Stations)
	}
	first := r.Values[0]
	if first.Variable != "temperature_max_c" || first.Lead != 1 || first.Station != "" || first.N != 2*(2*365+29) {
		t.Errorf("got %+v", first)
	}
	if first.MAE > .95 || first.MAE < .7 { // the mean size of what can't be known is 0.8
		t.Errorf("it misses by %v", first.MAE)
	}
	if g := first.Against["climatology"].Gain; !(g.Low > .2) {
		t.Errorf("the gain over the climatology is %v", g)
	}
	for _, v := range r.Values {
		if v.Lead == 7 && v.N >= first.N {
			t.Errorf("days after the end are scored: %+v", v)
		}
	}
}

func TestStationsOfOtherCountriesAreScored(t *testing.T) {
	days := read(t, strings.ReplaceAll(table(3*365), "SN-DK,12,-17", "Changi,1.4,104"))
	r := run(t, days, Config{Leads: []int{1}})
	if strings.Join(r.Stations, " ") != "Changi SN-ZG-01" || r.Values[1].Station != "Changi" || r.Values[1].MAE > .95 {
		t.Errorf("got %v, %+v", r.Stations, r.Values[1])
	}
}

func TestWhatComesLaterDoesNotChangeAScore(t *testing.T) {
	days := read(t, table(4*365))
	c := Config{From: day("2017-01-01"), To: day("2017-03-01"), Leads: []int{1, 3}}
	want := run(t, days, c)
	for i := range days {
		if !days[i].Date.Before(c.To) {
			for v := range days[i].Values {
				days[i].Values[v] *= 3
			}
		}
	}
	got := run(t, days, c)
	for i := range want.Values {
		if got.Values[i].MAE != want.Values[i].MAE || got.Values[i].CRPS != want.Values[i].CRPS || got.Values[i].Against["damped_persistence"] != want.Values[i].Against["damped_persistence"] {
			t.Errorf("got %+v, want %+v", got.Values[i], want.Values[i])
		}
	}
}

func TestTheModelsOfAYearAreTrainedBeforeIt(t *testing.T) {
	days := read(t, table(4*365))
	whole := run(t, days, Config{From: day("2017-01-01"), To: day("2019-01-01"), Leads: []int{1}}).Values[0]
	first := run(t, days, Config{From: day("2017-01-01"), To: day("2018-01-01"), Leads: []int{1}}).Values[0]
	second := run(t, days, Config{From: day("2018-01-01"), To: day("2019-01-01"), Leads: []int{1}}).Values[0]
	sum := (first.MAE*float64(first.N) + second.MAE*float64(second.N)) / float64(whole.N)
	if whole.N != first.N+second.N || math.Abs(whole.MAE-sum) > 1e-3 {
		t.Errorf("%v of both years, %v of each", whole.MAE, sum)
	}
}

func TestWhatCantBeScoredIsRefused(t *testing.T) {
	days := read(t, table(365))
	var failure *flow.Failure
	if _, err := Run(t.Context(), days, Config{Leads: []int{1}}); !errors.As(err, &failure) || !strings.Contains(err.Error(), "longer file") {
		t.Errorf("of one year: %v", err)
	}
	if _, err := Run(t.Context(), nil, Config{Leads: []int{1}}); err == nil {
		t.Error("of nothing: no error")
	}
	for name, c := range map[string]Config{
		"no lead":        {},
		"a lead of 0":    {Leads: []int{0}},
		"a lead of 8":    {Leads: []int{8}},
		"a lead twice":   {Leads: []int{1, 1}},
		"an empty span":  {Leads: []int{1}, From: day("2020-01-01"), To: day("2020-01-01")},
		"a span in past": {Leads: []int{1}, From: day("2020-01-02"), To: day("2020-01-01")},
	} {
		if c.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := (&Config{Leads: []int{1, 7}, From: day("2020-01-01"), To: day("2020-01-02")}).Check(); err != nil {
		t.Error(err)
	}
}
