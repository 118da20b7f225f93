package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

// lags are measures of a lag, one a minute, the last one now.
func lags(of ...int64) []query.Measure {
	var all []query.Measure
	for i, lag := range of {
		all = append(all, query.Measure{At: now.Add(time.Duration(i-len(of)+1) * time.Minute), Lag: lag})
	}
	return all
}

func judged(trails ...query.Trail) []string {
	var all []string
	for _, c := range (Limits{Lag: 1000, Dead: 0.05}).Judge(now, trails) {
		all = append(all, c.Kind+" "+c.Subject+": "+c.Message)
	}
	return all
}

func TestAJobLagsWhenItsLagGrowsOverThreeLooks(t *testing.T) {
	second := lags(1100, 1200, 1300)
	second[1].At = second[2].At.Add(-apart + 1)
	third := lags(1100, 1200, 1300)
	third[1].At = third[2].At.Add(-apart)
	for name, c := range map[string]struct {
		measures []query.Measure
		open     []string
		lags     bool
	}{
		"it grows":                             {lags(1, 2, 1001), nil, true},
		"it grows, and is not above the limit": {lags(1, 2, 1000), nil, false},
		"it grew before":                       {lags(1, 2, 3000, 2000), nil, false},
		"it stays":                             {lags(2000, 3000, 3000), nil, false},
		"it grew from a look at which it had stayed": {lags(2000, 2000, 3000), nil, false},
		"it fell before it grew":                     {lags(9000, 2000, 3000, 4000), nil, true},
		"two looks":                                  {lags(2000, 3000), nil, false},
		"one look":                                   {lags(2000), nil, false},
		"two of three looks are of the same moment":  {second, nil, false},
		"looks are just far enough apart":            {third, nil, true},
		"the incident is open, and it falls":         {lags(9000, 8000, 1001), []string{Lag}, true},
		"the incident is open, and it is over":       {lags(9000, 8000, 1000), []string{Lag}, false},
		"another incident is open":                   {lags(9000, 8000, 1001), []string{DeadLetters}, false},
	} {
		want := []string(nil)
		if c.lags {
			want = []string{fmt.Sprintf("lag to-pg: to-pg lags: %d records wait, and their number grows", c.measures[len(c.measures)-1].Lag)}
		}
		if got := judged(query.Trail{Job: "to-pg", Open: c.open, Measures: c.measures}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// counted are measures of what was read and rejected, so many minutes ago.
func counted(of ...[3]int64) []query.Measure {
	var all []query.Measure
	for _, m := range of {
		all = append(all, query.Measure{At: now.Add(-time.Duration(m[0]) * time.Minute), Read: m[1], Rejected: m[2]})
	}
	return all
}

func TestAJobRejectsTooMuchByTheRecordsOfTheLastHour(t *testing.T) {
	for name, c := range map[string]struct {
		measures []query.Measure
		want     string
	}{
		"more than the share":                         {counted([3]int64{10, 1000, 0}, [3]int64{0, 1200, 11}), "11 of the last 200"},
		"the share":                                   {counted([3]int64{10, 1000, 0}, [3]int64{0, 1200, 10}), ""},
		"more than the share of a hundred":            {counted([3]int64{10, 1000, 0}, [3]int64{0, 1010, 6}), "6 of the last 10"},
		"few records, few dead letters":               {counted([3]int64{10, 1000, 0}, [3]int64{0, 1010, 5}), ""},
		"of the first look nothing is known":          {counted([3]int64{0, 1000, 900}), ""},
		"they are older than an hour":                 {counted([3]int64{120, 0, 0}, [3]int64{60, 500, 400}, [3]int64{0, 1000, 410}), ""},
		"they came since the last look an hour ago":   {counted([3]int64{120, 0, 0}, [3]int64{59, 500, 400}, [3]int64{0, 1000, 410}), "410 of the last 1000"},
		"the topic was recreated":                     {counted([3]int64{20, 9000, 50}, [3]int64{10, 40, 3}, [3]int64{0, 140, 9}), "9 of the last 140"},
		"the topic was recreated without dead ones":   {counted([3]int64{20, 9000, 50}, [3]int64{0, 9500, 0}), ""},
		"the topic was recreated with more dead ones": {counted([3]int64{20, 9000, 50}, [3]int64{0, 500, 60}), "60 of the last 500"},
	} {
		want := []string(nil)
		if c.want != "" {
			want = []string{"dead-letters stream: stream rejects: " + c.want + " records are dead letters"}
		}
		if got := judged(query.Trail{Job: "stream", Measures: c.measures}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestJobsThatAreNotLookedAtAnyMoreAreNotJudged(t *testing.T) {
	old := lags(1, 2, 3000)
	for i := range old {
		old[i].At = old[i].At.Add(-time.Nanosecond)
	}
	if got := judged(query.Trail{Job: "to-es", Open: []string{Lag}, Measures: old}, query.Trail{Job: "none"}, query.Trail{Job: "to-pg", Measures: lags(1, 2, 3000)}); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestLimitsAreChecked(t *testing.T) {
	if l, err := NewLimits(0, 1); err != nil || l != (Limits{0, 1}) {
		t.Errorf("%+v, %v", l, err)
	}
	for _, bad := range []Limits{{-1, 0}, {0, -0.01}, {0, 1.01}, {0, math.NaN()}} {
		if _, err := NewLimits(bad.Lag, bad.Dead); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func (b *fake) NoteJobs(_ context.Context, look query.Look, stages []query.Stage, judge func([]query.Trail) []query.Condition) error {
	b.jobs = judge([]query.Trail{{Job: stages[0].Name, Open: look.Kinds, Measures: []query.Measure{{At: look.At.Truncate(time.Microsecond), Lag: stages[0].Lag}}}})
	return nil
}

func TestJobsAreLookedAtWhatEverBecameOfTheLookAtStations(t *testing.T) {
	failure, away := errors.New("no"), errors.New("away")
	stages := []query.Stage{{Name: "to-pg", Lag: 1001}}
	cfg := Config{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now.Add(1) }, Limits: Limits{Lag: 1000}}
	cfg.Jobs = func(context.Context) ([]query.Stage, error) { return stages, nil }
	b := &fake{muted: failure}
	if err := Run(t.Context(), b, cfg); !errors.Is(err, failure) || len(b.jobs) != 1 || b.jobs[0].Kind != Lag || b.sent != 1 {
		t.Errorf("%v, %+v, sent %d times", err, b.jobs, b.sent)
	}
	cfg.Jobs = func(context.Context) ([]query.Stage, error) { return nil, away }
	b = &fake{}
	if err := Run(t.Context(), b, cfg); !errors.Is(err, away) || b.noted != 1 || b.jobs != nil || b.sent != 1 {
		t.Errorf("%v, noted %d times, %+v, sent %d times", err, b.noted, b.jobs, b.sent)
	}
}
