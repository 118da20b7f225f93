package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// syntheticHours are n hours of two stations: 6 °C warmer and colder over the day, and an anomaly of which 0.95 is left the next hour. The
// second station gets that of the first three hours later.
func syntheticHours(n int) []Hour {
	r := rand.New(rand.NewPCG(2, 4))
	anomaly := make([]float64, n)
	var list []Hour
	for t := range n {
		anomaly[t] = .3 * r.NormFloat64()
		if t > 0 {
			anomaly[t] += .95 * anomaly[t-1]
		}
		at := start.Add(time.Duration(t) * time.Hour)
		usual := 28 - 6*math.Cos(2*math.Pi*float64(t%24)/24)
		list = append(list, Hour{"SN-DK", at, usual + anomaly[t]}, Hour{"SN-TH", at, usual + anomaly[max(t-3, 0)]})
	}
	return list
}

func TestHourlyForecastsUseWhatIsKnown(t *testing.T) {
	const days = 90
	h := NewHours(syntheticHours(24 * days))
	var model, usual, within, n float64
	for day := days - 20; day < days-1; day++ {
		issued := start.Add(time.Duration(24*day+9) * time.Hour)
		m := TrainHourly(h, issued)
		p := h.profile(1, hourNumber(issued)-h.first)
		for _, f := range m.Forecast(h, issued) {
			if y := h.Temperature(1, f.At); f.StationID == "SN-TH" && f.Lead == 3 {
				model += math.Abs(y - f.Quantiles.Median())
				usual += math.Abs(y - p[3])
				n++
				if f.Quantiles[0] <= y && y <= f.Quantiles[6] {
					within++
				}
			}
		}
	}
	if model > .5*usual { // the other station had that anomaly three hours ago
		t.Errorf("the model misses by %.2f, the usual temperature by %.2f", model/n, usual/n)
	}
	if within/n < .8 {
		t.Errorf("%.2f are within the 90 %% band", within/n)
	}
}

func TestNoLaterHourHasAnInfluence(t *testing.T) {
	issued := start.Add(24 * 40 * time.Hour)
	hours := syntheticHours(24 * 45)
	forecast := func(change func(*Hour)) []Hourly {
		list := make([]Hour, len(hours))
		for i := range hours {
			list[i] = hours[i]
			change(&list[i])
		}
		h := NewHours(list)
		return TrainHourly(h, issued).Forecast(h, issued)
	}
	want := forecast(func(*Hour) {})
	if len(want) != 2*MaxHours || want[0].Lead != 1 || !want[0].At.Equal(issued.Add(time.Hour)) || !want[0].IssuedAt.Equal(issued) {
		t.Fatalf("got %d forecasts, first %+v", len(want), want[0])
	}
	for name, c := range map[string]struct {
		from time.Time
		same bool
	}{
		"after the issue": {issued.Add(time.Hour), true},
		"at the issue":    {issued, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := forecast(func(o *Hour) {
				if !o.At.Before(c.from) {
					o.Temperature += 5
				}
			})
			same := true
			for i := range want {
				same = same && got[i] == want[i]
			}
			if same != c.same {
				t.Errorf("the forecasts are the same: %v", same)
			}
		})
	}
}

func TestHourlyForecastsBeginWithOneDay(t *testing.T) {
	hours := syntheticHours(24)
	issued := start.Add(23 * time.Hour)
	h := NewHours(hours)
	list := TrainHourly(h, issued).Forecast(h, issued)
	if len(list) != 2*MaxHours {
		t.Fatalf("got %d forecasts", len(list))
	}
	for _, f := range list {
		if day := h.Temperature(0, f.At.Add(-24*time.Hour)); f.StationID == "SN-DK" && meteo.Known(day) && math.Abs(f.Quantiles.Median()-day) > 1e-9 {
			t.Errorf("at %v: got %v, want that of the day before %v", f.At, f.Quantiles.Median(), day)
		}
		if width := f.Quantiles[6] - f.Quantiles[0]; width < 1 || width > 6 {
			t.Errorf("the band at %d hours is %.1f wide", f.Lead, width)
		}
	}
	if got := TrainHourly(h, issued).Forecast(h, issued.Add(time.Hour)); got != nil {
		t.Errorf("at another hour than it was trained for: %d forecasts", len(got))
	}
}

func TestAStationThatWasSilentForADayIsNotForecastByHours(t *testing.T) {
	for name, c := range map[string]struct{ silent, forecasts int }{"23 hours": {23, 2 * MaxHours}, "24 hours": {24, MaxHours}} {
		t.Run(name, func(t *testing.T) {
			const n = 24 * 30
			var list []Hour
			for _, o := range syntheticHours(n) {
				if o.StationID == "SN-DK" || o.At.Before(start.Add(time.Duration(n-c.silent)*time.Hour)) {
					list = append(list, o)
				}
			}
			issued := start.Add((n - 1) * time.Hour)
			h := NewHours(list)
			if got := TrainHourly(h, issued).Forecast(h, issued); len(got) != c.forecasts {
				t.Errorf("got %d forecasts, want %d", len(got), c.forecasts)
			}
		})
	}
}

func TestTheLastTemperatureOfTheHalfHourBeforeIsThatOfAFullHour(t *testing.T) {
	noon := start.Add(12 * time.Hour)
	for name, c := range map[string]struct {
		minutes []int
		want    float64
	}{
		"at the full hour":           {[]int{0}, 0},
		"half an hour before":        {[]int{-30}, -30},
		"more than half an hour":     {[]int{-31}, math.NaN()},
		"the latest, in any order":   {[]int{-10, -20}, -10},
		"one of after the full hour": {[]int{-10, 1}, -10},
	} {
		t.Run(name, func(t *testing.T) {
			var list []Hour
			for _, m := range c.minutes {
				list = append(list, Hour{"SN-DK", noon.Add(time.Duration(m) * time.Minute), float64(m)})
			}
			got := NewHours(list).Temperature(0, noon)
			if got != c.want && (meteo.Known(got) || meteo.Known(c.want)) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
