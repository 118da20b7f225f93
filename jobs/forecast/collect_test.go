package forecast

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// noon is the middle of the day that these tests are about.
var noon = time.Date(2024, 8, 1, 12, 0, 0, 0, time.UTC)

func observation(at time.Time, interval time.Duration, values map[meteo.Variable]float64) meteo.Observation {
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], at, "file", meteo.Observed)}
	o.IntervalS = int64(interval / time.Second)
	for v, x := range values {
		o.Values[v] = x
	}
	return o
}

// hours are n hourly observations from midnight on, 20 °C and one more each hour.
func hours(n int) (list []meteo.Observation) {
	for i := range n {
		at := noon.Add(time.Duration(i-12) * time.Hour)
		list = append(list,
			observation(at, 0, map[meteo.Variable]float64{meteo.Temperature: 20 + float64(i), meteo.Humidity: float64(2 * i), meteo.WindSpeed: 3}),
			observation(at.Add(time.Hour), time.Hour, map[meteo.Variable]float64{meteo.Rain: .25}))
	}
	return list
}

func TestObservationsBecomeDaysInUTC(t *testing.T) {
	whole := observation(noon.Add(12*time.Hour), 24*time.Hour, map[meteo.Variable]float64{meteo.TemperatureMax: 33, meteo.Rain: 0})
	change := func(o meteo.Observation, f func(*meteo.Observation)) []meteo.Observation {
		f(&o)
		return []meteo.Observation{o}
	}
	other := hours(24)
	for i := range other {
		other[i].Source = "another"
		other[i].Values[meteo.Temperature]++
	}
	nan := math.NaN()
	for name, c := range map[string]struct {
		observations          []meteo.Observation
		max, min, humid, rain float64
	}{
		"a day as a whole":                     {[]meteo.Observation{whole}, 33, nan, nan, 0},
		"a day that ends in the morning after": {change(whole, func(o *meteo.Observation) { o.ObservedAt = o.ObservedAt.Add(6 * time.Hour) }), 33, nan, nan, 0},
		"twenty-four hours":                    {hours(24), 43, 20, 23, 6},
		"twenty hours":                         {hours(20), 39, 20, 19, 5},
		"nineteen hours":                       {hours(19), nan, nan, nan, nan},
		"a day as a whole beside hours":        {append(hours(24), whole), 33, 20, 23, 0},
		"the source with more hours":           {append(hours(21), other...), 44, 21, 23, 6},
		"a bad one":                            {change(whole, func(o *meteo.Observation) { o.Quality = meteo.Bad }), nan, nan, nan, nan},
		"a value of a model":                   {change(whole, func(o *meteo.Observation) { o.Kind = meteo.Model }), nan, nan, nan, nan},
		"a value that failed a rule":           {change(whole, func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "temperature_max_c"}} }), nan, nan, nan, 0},
		"longer than a day":                    {change(whole, func(o *meteo.Observation) { o.IntervalS++ }), nan, nan, nan, nan},
	} {
		t.Run(name, func(t *testing.T) {
			collector := NewCollector()
			for i := range c.observations {
				collector.Add(&c.observations[i])
			}
			got := meteo.NoValues()
			switch days := collector.Days(); {
			case len(days) > 1:
				t.Fatalf("got %d days", len(days))
			case len(days) == 1:
				if want := noon.Add(-12 * time.Hour); !days[0].Date.Equal(want) || days[0].StationID != "SN-DK" || days[0].Latitude != meteo.Stations[0].Latitude {
					t.Errorf("got %+v", days[0])
				}
				got = days[0].Values
			}
			for v, want := range map[meteo.Variable]float64{meteo.TemperatureMax: c.max, meteo.TemperatureMin: c.min, meteo.HumidityMean: c.humid, meteo.Rain: c.rain} {
				if got[v] != want && (meteo.Known(got[v]) || meteo.Known(want)) {
					t.Errorf("%s: got %v, want %v", v, got[v], want)
				}
			}
		})
	}
}

func TestReferencesAreWhatTheirNamesSay(t *testing.T) {
	h := NewHistory(synthetic(years))
	r := NewReferences(h, issuedAt)
	got := r.Of(0, 1, issuedAt, 1)
	yesterday := issuedAt.AddDate(0, 0, -1)
	season, before := anglesOf(issuedAt), anglesOf(yesterday)
	course := r.courses[tmax][1]
	last := h.Value(0, 1, yesterday)
	if got[Persistence] != last {
		t.Errorf("persistence is %v, the day before was %v", got[Persistence], last)
	}
	if got[Climatology] != course.at(&season) || math.Abs(got[Climatology]-27) > .5 { // 32 - 5 °C in January
		t.Errorf("climatology is %v", got[Climatology])
	}
	if share := (got[Damped] - got[Climatology]) / (last - course.at(&before)); math.Abs(share-.7) > .05 {
		t.Errorf("%v of the anomaly is left", share)
	}
	if chances := r.Rain(1, issuedAt, 1); chances[Persistence] != h.Wet(1, yesterday) || chances[Climatology] != 0 || meteo.Known(chances[Damped]) {
		t.Errorf("rain: %v", chances)
	}
	t.Run("three days after the history", func(t *testing.T) {
		_, end := h.Span()
		got, want := r.Of(0, 1, end.AddDate(0, 0, 3), 1), r.Of(0, 1, end, 4)
		if got != want {
			t.Errorf("got %v, want those of a lead of four days %v", got, want)
		}
	})
	t.Run("months after the history", func(t *testing.T) {
		_, end := h.Span()
		if got := r.Of(0, 1, end.AddDate(0, 0, 40), 1); meteo.Known(got[Persistence]) || meteo.Known(got[Damped]) || !meteo.Known(got[Climatology]) {
			t.Errorf("got %v", got)
		}
	})
}
