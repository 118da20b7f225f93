package generate

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// episodeKey names an episode: a station has at most one a day.
type episodeKey struct {
	defect        Defect
	station, date string
}

// episodesOf groups the lines of a truth file by episode, each in the order of time.
func episodesOf(truth []Truth) map[episodeKey][]Truth {
	out := map[episodeKey][]Truth{}
	for _, line := range truth {
		if line.Defect == Stuck || line.Defect == Drift {
			k := episodeKey{line.Defect, line.StationID, line.ObservedAt.Format(time.DateOnly)}
			out[k] = append(out[k], line)
		}
	}
	return out
}

func TestAStuckValueStaysForHoursAtWhatItWasAtFirst(t *testing.T) {
	c := january()
	c.Faults = 0.05
	_, truth, _ := faulty(t, c)
	wrong, n := 0, 0
	for k, lines := range episodesOf(truth) {
		if k.defect != Stuck {
			continue
		}
		n++
		if lasts := lines[len(lines)-1].ObservedAt.Sub(lines[0].ObservedAt); lasts < 7*time.Hour-c.Every || lasts > 12*time.Hour {
			t.Errorf("%v lasts %s", k, lasts)
		}
		if len(lines) != int(lines[len(lines)-1].ObservedAt.Sub(lines[0].ObservedAt)/c.Every)+1 {
			t.Errorf("%v has holes", k)
		}
		for _, line := range lines {
			if *line.Value != *lines[0].TrueValue || line.Variable != lines[0].Variable {
				t.Errorf("%v: %s is %v at %s, it began as %s %v", k, line.Variable, *line.Value, line.ObservedAt, lines[0].Variable, *lines[0].TrueValue)
			}
			if *line.Value != *line.TrueValue {
				wrong++
			}
		}
	}
	if n == 0 || wrong == 0 {
		t.Errorf("%d episodes with %d wrong values prove nothing", n, wrong)
	}
}

func TestADriftGrowsToManyTimesTheErrorOfAnInstrument(t *testing.T) {
	c := january()
	c.Faults = 0.05
	_, truth, _ := faulty(t, c)
	least := map[string]float64{"temperature_c": 4.7, "pressure_hpa": 5.7}
	n := 0
	for k, lines := range episodesOf(truth) {
		last := lines[len(lines)-1]
		if k.defect != Drift || last.Variable == "humidity_pct" { // that may stop at the end of its scale
			continue
		}
		n++
		before := 0.0
		for _, line := range lines {
			size := math.Abs(*line.Value - *line.TrueValue)
			if size < before-0.11 {
				t.Errorf("%v: the error of %s falls from %v to %v", k, line.Variable, before, size)
			}
			before = size
		}
		if first := math.Abs(*lines[0].Value - *lines[0].TrueValue); first > 0.4 || before < least[last.Variable] {
			t.Errorf("%v: the error of %s grows from %.1f to %.1f", k, last.Variable, first, before)
		}
	}
	if n == 0 {
		t.Error("there is no drift")
	}
}

func TestADriftOfWeeksGrowsFromMidnightToMidnight(t *testing.T) {
	c := january()
	c.Every, c.From, c.To, c.Faults = 6*time.Hour, c.From.AddDate(-1, 0, 0), c.From.AddDate(1, 0, 0), 0.05
	_, truth, _ := faulty(t, c)
	right := map[place]*meteo.Reading{}
	without := c
	without.Faults = 0
	items, _ := fetch(t, without)
	for _, i := range items {
		right[place{i.Reading.StationID, i.Reading.ObservedAt}] = &i.Reading
	}
	type key struct {
		station string
		span    int64
	}
	lines := map[key][]Truth{}
	for _, l := range truth {
		if l.Defect == SlowDrift {
			k := key{l.StationID, l.ObservedAt.Unix() / (28 * 86400)}
			lines[k] = append(lines[k], l)
			v, _ := meteo.VariableByName(l.Variable)
			if want := right[place{l.StationID, l.ObservedAt}].Values[v]; *l.TrueValue != want {
				t.Fatalf("%+v: the true value is %v, want %v", l, *l.TrueValue, want)
			}
		}
	}
	variables := map[string]int{}
	for k, of := range lines {
		if begin := time.Unix(k.span*28*86400, 0); begin.Before(c.From) || begin.AddDate(0, 0, 28).After(c.To) {
			continue // the window cuts it off
		}
		last := of[len(of)-1]
		variables[last.Variable]++
		before, sign := 0.0, math.Copysign(1, *last.Value-*last.TrueValue)
		for _, l := range of {
			size := sign * (*l.Value - *l.TrueValue)
			if size < before-0.11 {
				t.Errorf("%v: the error falls from %.1f to %.1f", k, before, size)
			}
			before = size
		}
		most := map[string]float64{"temperature_c": 6.1, "pressure_hpa": 8.1}[last.Variable]
		if before < 2.7 || before > most {
			t.Errorf("%v: the error of %s grows to %.1f", k, last.Variable, before)
		}
		if days := last.ObservedAt.Sub(of[0].ObservedAt).Hours() / 24; days < 12 || days > 27 {
			t.Errorf("%v lasts %v days", k, days)
		}
	}
	// 14 stations and 26 times of four weeks, a quarter of which drifts.
	if n := len(lines); n < 60 || n > 125 || variables["temperature_c"] < n/3 || variables["pressure_hpa"] < n/3 {
		t.Errorf("%d drifts, of %v", n, variables)
	}
}
