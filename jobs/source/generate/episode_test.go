package generate

import (
	"math"
	"testing"
	"time"
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
