package gaps

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

var january = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

const temperature, humidity, maximum = query.VariableSet(1) << meteo.Temperature, query.VariableSet(1) << meteo.Humidity, query.VariableSet(1) << meteo.TemperatureMax

// held is a store of these series.
type held []query.Presence

func (h held) Presence(_ context.Context, from, to time.Time, visit func(*query.Presence) error) error {
	for _, p := range h {
		for i := range p.Readings {
			first, last := &p.First, &p.Last
			if p.Readings[i].OfDay {
				first, last = &p.FirstOfDays, &p.LastOfDays
			}
			if first.IsZero() {
				*first = p.Readings[i].At
			}
			*last = p.Readings[i].At
		}
		var inside []query.PresentAt
		for _, r := range p.Readings {
			if !r.At.Before(from) && !r.At.After(to) {
				inside = append(inside, r)
			}
		}
		p.Readings = inside
		if err := visit(&p); err != nil {
			return err
		}
	}
	return nil
}

// every are readings of temperature and humidity at the multiples of a step, but for those that are left out.
func every(step time.Duration, n int, without ...int) query.Presence {
	p := query.Presence{Origin: query.Origin{StationID: "SN-DK", Region: "Dakar", Source: "file", Kind: meteo.Observed}, Ever: temperature | humidity}
	left := map[int]bool{}
	for _, i := range without {
		left[i] = true
	}
	for i := range n {
		if !left[i] {
			p.Readings = append(p.Readings, query.PresentAt{At: january.Add(time.Duration(i) * step), Present: temperature | humidity})
		}
	}
	return p
}

// look is the one series that a window of days has.
func look(t *testing.T, p query.Presence, w Window) *Series {
	t.Helper()
	r, err := Look(t.Context(), held{p}, w)
	if err != nil || len(r.Series) != 1 {
		t.Fatalf("%d series, %v", len(r.Series), err)
	}
	return r.Series[0]
}

func days(from, to int) Window {
	return Window{From: january.AddDate(0, 0, from), To: january.AddDate(0, 0, to), Now: january.AddDate(0, 0, to+1)}
}

func TestWhatIsMissingIsCounted(t *testing.T) {
	hour := time.Hour
	for name, c := range map[string]struct {
		change func(p *query.Presence, w *Window)
		want   Counts
		gap    string // its begin after 1 January, and its length
		silent bool
	}{
		"nothing": {func(*query.Presence, *Window) {}, Counts{24, 24, 0, 0}, "", true},
		"single readings, and three in a row": {
			func(p *query.Presence, _ *Window) { *p = every(hour, 24, 2, 7, 8, 9, 20) },
			Counts{24, 19, 5, 0},
			"7h0m0s 3h0m0s", true,
		},
		"the end": {func(p *query.Presence, _ *Window) { *p = every(hour, 20) }, Counts{24, 20, 4, 0}, "20h0m0s 4h0m0s", true},
		"the begin, of a series that is older": {
			func(p *query.Presence, _ *Window) { *p = every(hour, 24, 0, 1); p.First = january.AddDate(0, 0, -3) },
			Counts{24, 22, 2, 0},
			"0s 2h0m0s", true,
		},
		"nothing before the first reading ever": {func(p *query.Presence, _ *Window) { p.Readings = p.Readings[6:] }, Counts{18, 18, 0, 0}, "", true},
		"of a series that begins later nothing is expected": {func(p *query.Presence, _ *Window) {
			for i := range p.Readings {
				p.Readings[i].At = p.Readings[i].At.AddDate(0, 0, 1)
			}
		}, Counts{}, "", false},
		"flagged readings are present": {func(p *query.Presence, _ *Window) { p.Readings[3].Bad, p.Readings[4].Bad = true, true }, Counts{24, 24, 0, 2}, "", true},
		"a good reading of the same moment counts": {func(p *query.Presence, _ *Window) {
			again := p.Readings[3]
			p.Readings[3].Bad = true
			again.At = again.At.Add(time.Second)
			p.Readings = append(p.Readings[:4], append([]query.PresentAt{again}, p.Readings[4:]...)...)
		}, Counts{24, 24, 0, 0}, "", true},
		"times that jitter by less than half an interval": {func(p *query.Presence, _ *Window) {
			for i := range p.Readings {
				if i%5 == 1 {
					p.Readings[i].At = p.Readings[i].At.Add(time.Duration(i%2*2-1) * 29 * time.Minute)
				}
			}
		}, Counts{24, 24, 0, 0}, "", true},
		"five minutes before each hour": {func(p *query.Presence, _ *Window) {
			for i := range p.Readings {
				p.Readings[i].At = p.Readings[i].At.Add(55 * time.Minute)
			}
		}, Counts{24, 24, 0, 0}, "", true},
		"a stated interval": {func(_ *query.Presence, w *Window) { w.Expect = Expectations{"file": 30 * time.Minute} }, Counts{48, 24, 24, 0}, "30m0s 30m0s", true},
		"what is not due yet is not missing": {
			func(p *query.Presence, w *Window) { *p = every(hour, 22); w.Now = january.Add(22*hour + hour/2) },
			Counts{22, 22, 0, 0},
			"", false,
		},
		"what is due is":                       {func(p *query.Presence, w *Window) { *p = every(hour, 22); w.Now = january.Add(24 * hour) }, Counts{23, 22, 1, 0}, "22h0m0s 2h0m0s", true},
		"silent after more than two intervals": {func(_ *query.Presence, w *Window) { w.Now = january.Add(25*hour + time.Second) }, Counts{24, 24, 0, 0}, "", true},
		"not silent after two intervals":       {func(_ *query.Presence, w *Window) { w.Now = january.Add(25 * hour) }, Counts{24, 24, 0, 0}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p, w := every(hour, 24), days(0, 1)
			c.change(&p, &w)
			s := look(t, p, w)
			gap := ""
			if s.Longest != nil {
				gap = fmt.Sprint(s.Longest.From.Sub(january), " ", s.Longest.To.Sub(s.Longest.From))
			}
			if s.Counts != c.want || gap != c.gap || s.Silent != c.silent {
				t.Errorf("%+v, longest %q, silent %t; want %+v, %q, %t", s.Counts, gap, s.Silent, c.want, c.gap, c.silent)
			}
		})
	}
}

func TestElementsAreCountedOnTheirOwn(t *testing.T) {
	p := every(time.Hour, 24)
	p.Readings[0].Present = temperature
	p.Readings[1].Present, p.Readings[1].Failed = 0, 0
	p.Readings[2].Failed = humidity
	s := look(t, p, days(0, 1))
	want := []Element{{"temperature_c", Counts{24, 23, 1, 0}}, {"humidity_pct", Counts{24, 22, 2, 1}}}
	if !reflect.DeepEqual(s.Elements, want) || s.Missing != 0 {
		t.Errorf("%+v and %d readings missing, want %+v and none", s.Elements, s.Missing, want)
	}
}

func TestValuesOfDaysAreASeriesOfTheirOwn(t *testing.T) {
	p := every(time.Hour, 72)
	p.EverOfDays = maximum
	for d := range 3 {
		if d != 1 { // the values of 2 January
			p.Readings = append(p.Readings, query.PresentAt{At: january.AddDate(0, 0, d+1), OfDay: true, Present: maximum})
		}
	}
	r, err := Look(t.Context(), held{p}, days(0, 3))
	if err != nil || len(r.Series) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	s := r.Series[1]
	if !s.OfDays || s.Counts != (Counts{3, 2, 1, 0}) || s.EveryS != 86400 || s.EveryBy != BySeen || s.Days[1] != (Date{"2026-01-02", Counts{1, 0, 1, 0}}) || len(s.Elements) != 1 {
		t.Errorf("%+v", s)
	}
	if r.Series[0].Counts != (Counts{72, 72, 0, 0}) || r.Expected != 75 || r.Missing != 1 {
		t.Errorf("%+v, in all %+v", r.Series[0].Counts, r.Counts)
	}
}

func TestReadingsOfTheMomentAndOfDaysBeginAndEndOnTheirOwn(t *testing.T) {
	p := every(time.Hour, 72)
	p.EverOfDays = maximum
	for d := 2; d < 9; d++ { // the values of 2 to 8 January
		p.Readings = append(p.Readings, query.PresentAt{At: january.AddDate(0, 0, d), OfDay: true, Present: maximum})
	}
	w := days(0, 5)
	w.Now = january.AddDate(0, 0, 9)
	r, err := Look(t.Context(), held{p}, w)
	if err != nil || len(r.Series) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	moments, whole := r.Series[0], r.Series[1]
	if moments.Counts != (Counts{120, 72, 48, 0}) || !moments.Last.Equal(january.Add(71*time.Hour)) || !moments.Silent {
		t.Errorf("of the moment: %+v, last %s, silent %t", moments.Counts, moments.Last, moments.Silent)
	}
	if whole.Counts != (Counts{4, 4, 0, 0}) || !whole.Last.Equal(january.AddDate(0, 0, 8)) || whole.Silent {
		t.Errorf("of days: %+v, last %s, silent %t", whole.Counts, whole.Last, whole.Silent)
	}
}

// A second computation, moment by moment, over February of a leap year and its neighbours.
func TestCountsAreThoseOfASecondComputation(t *testing.T) {
	begin := time.Date(2024, time.January, 31, 12, 0, 0, 0, time.UTC)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		step := []time.Duration{10 * time.Minute, time.Hour, 3 * time.Hour}[seed%3]
		p := query.Presence{Origin: query.Origin{StationID: "SN-DK", Source: "x", Kind: meteo.Observed}, Ever: temperature, First: begin.AddDate(0, 0, -9)}
		w := Window{From: begin, To: begin.AddDate(0, 1, 1), Now: begin.AddDate(1, 0, 0), Expect: Expectations{"x": step}}
		want, byDay := Counts{}, map[string]Counts{}
		for at := begin; at.Before(w.To); at = at.Add(step) {
			there, bad := rnd.IntN(10) > 0, rnd.IntN(10) == 0
			if there {
				p.Readings = append(p.Readings, query.PresentAt{At: at, Bad: bad, Present: temperature})
			}
			one := Counts{Expected: 1}
			switch {
			case !there:
				one.Missing = 1
			case bad:
				one.Present, one.Flagged = 1, 1
			default:
				one.Present = 1
			}
			day := byDay[at.Format(time.DateOnly)]
			day.Add(one)
			byDay[at.Format(time.DateOnly)] = day
			want.Add(one)
		}
		s := look(t, p, w)
		if s.Counts != want {
			t.Errorf("seed %d: %+v, want %+v", seed, s.Counts, want)
		}
		for _, d := range s.Days {
			if d.Counts != byDay[d.Date] {
				t.Errorf("seed %d, %s: %+v, want %+v", seed, d.Date, d.Counts, byDay[d.Date])
			}
		}
		if len(s.Days) != len(byDay) || byDay["2024-02-29"].Expected != int(Day/step) {
			t.Errorf("seed %d: %d days, want %d", seed, len(s.Days), len(byDay))
		}
	}
}

func TestTheIntervalIsStatedPromisedOrSeen(t *testing.T) {
	p := every(20*time.Minute, 50, 3, 4, 9)
	for name, c := range map[string]struct {
		source string
		expect Expectations
		every  time.Duration
		by     string
	}{
		"by the flag":                 {"metar", Expectations{"metar": 30 * time.Minute}, 30 * time.Minute, ByFlag},
		"by the source":               {"metar", Expectations{"file": time.Minute}, time.Hour, BySource},
		"as most readings are":        {"file", nil, 20 * time.Minute, BySeen},
		"a flag of days leaves hours": {"metar", Expectations{"metar": Day}, time.Hour, BySource},
	} {
		t.Run(name, func(t *testing.T) {
			p.Source = c.source
			w := days(0, 1)
			w.Expect = c.expect
			if s := look(t, p, w); s.EveryS != int64(c.every/time.Second) || s.EveryBy != c.by {
				t.Errorf("every %d s by %s", s.EveryS, s.EveryBy)
			}
		})
	}
	if s := look(t, every(time.Hour, 1), days(0, 1)); s.EveryS != 0 || s.Expected != 0 || s.Silent {
		t.Errorf("of one reading alone nobody knows: %+v", s)
	}
}

func TestExpectationsAreSourcesAndIntervals(t *testing.T) {
	e, err := ParseExpectations([]string{"file=15m", "a-1=1s", "b=744h"})
	if err != nil || !reflect.DeepEqual(e, Expectations{"file": 15 * time.Minute, "a-1": time.Second, "b": 744 * time.Hour}) {
		t.Errorf("%v, %v", e, err)
	}
	for _, bad := range []string{"file", "=15m", "file=", "file=15", "file=999ms", "file=744h1s", "file=-1h"} {
		if _, err := ParseExpectations([]string{bad}); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestWindowsAreInOrder(t *testing.T) {
	now := january.Add(time.Hour)
	if w, err := NewWindow(time.Time{}, time.Time{}, now); err != nil || w.To != now || w.From != now.AddDate(0, 0, -7) {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := NewWindow(now, now, now); flow.ClassOf(err) != flow.Usage {
		t.Errorf("an empty window: %v", err)
	}
}

func TestTheReportIsJudgedByWhatIsMissing(t *testing.T) {
	r, err := Look(t.Context(), held{every(time.Hour, 24, 5, 6, 7)}, days(0, 1))
	if err != nil || r.Missed != 12.5 || r.Judge(12.5) != nil || flow.ClassOf(r.Judge(12.4)) != flow.Negative {
		t.Errorf("%+v, %v", r, err)
	}
	if empty := (&Report{}); flow.ClassOf(empty.Judge(99)) != flow.Negative || empty.Judge(100) != nil {
		t.Errorf("of no series at all: %v", empty.Judge(99))
	}
	var b strings.Builder
	nothing, err := Look(t.Context(), held{}, days(0, 1))
	if err != nil || nothing.Print(&b, true, false) != nil || !strings.Contains(b.String(), `"series":[]`) {
		t.Errorf("%s, %v", b.String(), err)
	}
	b.Reset()
	if err := r.Print(&b, false, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SN-DK", "1h0m0s (seen)", "2026-01-01T05:00Z 3h0m0s", "2026-01-01T23:00Z SILENT", "humidity_pct", "3 of 24 readings are missing (12.5 %), 0 are flagged, 1 of 1 series are silent"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
}
