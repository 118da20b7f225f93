package verify

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/backtest"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/meteo"
)

// store holds what was measured, and what was forecast of it.
type store struct{ measured, forecast []meteo.Observation }

func each(all []meteo.Observation, wanted func(*meteo.Observation) bool, do func(*meteo.Observation) error) error {
	for _, o := range all {
		if wanted(&o) {
			if err := do(&o); err != nil {
				return err
			}
		}
	}
	return nil
}

// Measured implements query.ForecastReader.
func (s *store) Measured(_ context.Context, until time.Time, _ []meteo.Variable, do func(*meteo.Observation) error) error {
	return each(s.measured, func(o *meteo.Observation) bool { return !o.ObservedAt.After(until) }, do)
}

// Forecasts implements query.ForecastReader.
func (s *store) Forecasts(_ context.Context, source string, from, to time.Time, do func(*meteo.Observation) error) error {
	return each(s.forecast, func(o *meteo.Observation) bool {
		return o.Source == source && !o.IssuedAt.Before(from) && o.IssuedAt.Before(to)
	}, do)
}

// replay issues the forecast of each day of [from, to) from what was measured before it.
func (s *store) replay(t *testing.T, from, to time.Time) {
	t.Helper()
	for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
		source := issue.Source{IssuedAt: at, Now: func() time.Time { return at }, Read: func(ctx context.Context, until time.Time, add func(*meteo.Observation) error) error {
			return issue.Measured(ctx, s, until, add)
		}}
		err := source.Fetch(t.Context(), func(item *flow.Item) error {
			s.forecast = append(s.forecast, meteo.Observation{Reading: item.Reading})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// days are daily observations of two stations, whose weather has memory and no other order.
func days(from, to time.Time) (all []meteo.Observation) {
	for i, station := range []meteo.Station{meteo.Stations[0], meteo.Stations[8]} {
		state, noise := 0.0, uint64(17+i)
		random := func() float64 {
			noise = noise*6364136223846793005 + 1442695040888963407
			return float64(noise>>40)/(1<<23) - 1
		}
		for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
			state = 0.7*state + random()
			o := meteo.Observation{Reading: meteo.NewReading(station, at.AddDate(0, 0, 1), "file", meteo.Observed)}
			season := 3 * math.Cos(2*math.Pi*float64(at.YearDay())/365)
			o.Values[meteo.TemperatureMax], o.Values[meteo.TemperatureMin] = 33+season+2*state, 23+season+state
			o.Values[meteo.HumidityMean], o.Values[meteo.WindSpeedMean], o.Values[meteo.DewPointMean] = 60-4*state, 4+state/2, 18-season
			o.Values[meteo.Rain], o.IntervalS = max(0, 9*state-6), 86400
			all = append(all, o)
		}
	}
	return all
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// Forecasts that were issued day by day are those that the backtest makes of the same days, across a 1 January at which all is trained from the start.
func TestStoredForecastsGetTheScoresOfTheBacktest(t *testing.T) {
	s := &store{measured: days(date("2023-06-01"), date("2027-01-15"))}
	from, to := date("2026-12-24"), date("2027-01-10")
	s.replay(t, from, to)
	cfg := backtest.Config{From: from, To: to, Leads: []int{1, 7}}
	got, err := Of(t.Context(), s, cfg, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	c := forecast.NewCollector()
	for i := range s.measured {
		c.Add(&s.measured[i])
	}
	want, err := backtest.Run(t.Context(), c.Days(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Values) != len(want.Values) || len(got.Values) != 3*2*len(forecast.Targets) || len(got.Rain) != len(want.Rain) || got.From != want.From || got.To != want.To {
		t.Fatalf("%d and %d scores, want %d and %d", len(got.Values), len(got.Rain), len(want.Values), len(want.Rain))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 0.004 } // they are stored with two decimals
	for i, w := range want.Values {
		g := got.Values[i]
		if g.Variable != w.Variable || g.Lead != w.Lead || g.Station != w.Station || g.N != w.N || g.N < 10 || !near(g.MAE, w.MAE) || !near(g.CRPS, w.CRPS) ||
			math.Abs(g.Coverage90-w.Coverage90) > 0.05 || !near(g.Against["persistence"].MAE, w.Against["persistence"].MAE) || !near(g.Against["climatology"].MAE, w.Against["climatology"].MAE) {
			t.Errorf("got  %+v\nwant %+v", g, w)
		}
	}
	for i, w := range want.Rain {
		if g := got.Rain[i]; g.N != w.N || !near(g.Brier, w.Brier) {
			t.Errorf("got  %+v\nwant %+v", g, w)
		}
	}
}

func TestDaysThatAreNotObservedAreLeftOut(t *testing.T) {
	s := &store{measured: days(date("2026-06-01"), date("2026-08-10"))}
	s.replay(t, date("2026-08-01"), date("2026-08-10"))
	n := func(cfg backtest.Config, now string) string {
		t.Helper()
		cfg.Leads = []int{1, 7}
		r, err := Of(t.Context(), s, cfg, date(now).Add(13*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var counts []string
		for _, v := range r.Values {
			if v.Station == "" && v.Variable == "temperature_max_c" {
				counts = append(counts, fmt.Sprint(v.Lead, ":", v.N))
			}
		}
		slices.Sort(counts)
		return r.From + " " + strings.Join(counts, " ")
	}
	for name, c := range map[string]struct {
		cfg       backtest.Config
		now, want string
	}{
		"by itself, the last month":          {backtest.Config{}, "2026-08-20", "2026-07-21 1:18 7:6"},
		"before the day is over":             {backtest.Config{}, "2026-08-09", "2026-07-10 1:16 7:4"},
		"up to a day":                        {backtest.Config{To: date("2026-08-02")}, "2026-08-20", "2026-07-03 1:2"},
		"from a day on":                      {backtest.Config{From: date("2026-08-03")}, "2026-08-20", "2026-08-03 1:14 7:2"},
		"long after":                         {backtest.Config{}, "2026-12-20", "2026-11-20 "},
		"issued within one day, to the next": {backtest.Config{From: date("2026-08-03"), To: date("2026-08-04")}, "2026-08-20", "2026-08-03 1:2"},
	} {
		if got := n(c.cfg, c.now); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestWithoutForecastsItSaysWhatToDo(t *testing.T) {
	r, err := Of(t.Context(), &store{}, backtest.Config{Leads: []int{1}}, date("2026-08-20"))
	if err != nil {
		t.Fatal(err)
	}
	var people, programs bytes.Buffer
	if err := Print(r, &people, false); err != nil || people.String() != "No forecast from 2026-07-21 on has been stored whose day is over: run `senmeteo forecast` each day.\n" {
		t.Errorf("got %q, %v", people.String(), err)
	}
	if err := Print(r, &programs, true); err != nil || !strings.Contains(programs.String(), `"values":[]`) {
		t.Errorf("got %q, %v", programs.String(), err)
	}
	r.Rain = append(r.Rain, score.Rain{Lead: 1, Months: "all", N: 1})
	people.Reset()
	if err := Print(r, &people, false); err != nil || !strings.Contains(people.String(), "Brier") {
		t.Errorf("got %q, %v", people.String(), err)
	}
}
