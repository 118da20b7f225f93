package forecast

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

const years = 5 * 365

// issuedAt is the 1 January after the first four years of synthetic series.
var issuedAt = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

func forecastOf(t *testing.T, m *Model, h *History, issued time.Time) []Daily {
	t.Helper()
	list, err := m.Forecast(h, issued)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNothingLaterHasAnInfluence(t *testing.T) {
	days := synthetic(years)
	want := forecastOf(t, Train(NewHistory(days), issuedAt), NewHistory(days), issuedAt.AddDate(0, 2, 0))
	for name, change := range map[string]struct {
		from    time.Time
		trained bool // the change is later than the training, but earlier than the issue
	}{
		"on the day of the issue": {issuedAt.AddDate(0, 2, 0), true},
		"the day before":          {issuedAt.AddDate(0, 2, -1), false},
	} {
		t.Run("changes "+name, func(t *testing.T) {
			changed := synthetic(years)
			for i := range changed {
				if !changed[i].Date.Before(change.from) {
					for v := range changed[i].Values {
						changed[i].Values[v] += 9
					}
				}
			}
			h := NewHistory(changed)
			got := forecastOf(t, Train(h, issuedAt), h, issuedAt.AddDate(0, 2, 0))
			if same := equalForecasts(got, want); same != change.trained {
				t.Errorf("the forecasts are the same: %v, want %v", same, change.trained)
			}
		})
	}
	t.Run("days that are not in the history", func(t *testing.T) {
		var short []Day
		for _, d := range days {
			if d.Date.Before(issuedAt.AddDate(0, 2, 0)) {
				short = append(short, d)
			}
		}
		h := NewHistory(short)
		if !equalForecasts(forecastOf(t, Train(h, issuedAt), h, issuedAt.AddDate(0, 2, 0)), want) {
			t.Error("the forecasts differ")
		}
	})
	t.Run("changes after the training", func(t *testing.T) {
		changed := synthetic(years)
		for i := range changed {
			if !changed[i].Date.Before(issuedAt) {
				changed[i].Values[meteo.TemperatureMax] += 9
			}
		}
		h := NewHistory(days)
		if !equalForecasts(forecastOf(t, Train(NewHistory(changed), issuedAt), h, issuedAt), forecastOf(t, Train(h, issuedAt), h, issuedAt)) {
			t.Error("they changed the model")
		}
	})
}

func equalForecasts(a, b []Daily) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestForecastsUseWhatIsKnown(t *testing.T) {
	h := NewHistory(synthetic(years))
	m := Train(h, issuedAt)
	list, err := m.ForecastEach(h, issuedAt, issuedAt.AddDate(0, 10, 0))
	if err != nil {
		t.Fatal(err)
	}
	var model, normal, within, n float64
	for _, d := range list {
		if d.StationID != "SN-TH" || d.Lead != 1 {
			continue
		}
		y := h.Value(0, 1, d.Date)
		season := anglesOf(d.Date)
		q := d.Quantiles[0]
		model += math.Abs(y - q.Median())
		normal += math.Abs(y - m.courses[tmax][1].at(&season))
		if y >= q[0] && y <= q[len(q)-1] {
			within++
		}
		n++
	}
	if model > .2*normal { // the other station had the same anomaly the day before
		t.Errorf("the model misses by %.2f, the climatology by %.2f", model/n, normal/n)
	}
	if within/n < .85 || within/n > .96 {
		t.Errorf("%.2f are within the 90 %% band", within/n)
	}
}

func TestEachDayAndStationIsForecastOnce(t *testing.T) {
	h := NewHistory(synthetic(years))
	list := forecastOf(t, Train(h, issuedAt), h, issuedAt)
	if len(list) != 2*MaxLead {
		t.Fatalf("got %d forecasts", len(list))
	}
	for i, d := range list {
		lead := i%MaxLead + 1
		if d.StationID != h.Sites()[i/MaxLead].ID || d.Lead != lead || !d.Date.Equal(issuedAt.AddDate(0, 0, lead-1)) || !d.IssuedAt.Equal(issuedAt) {
			t.Errorf("forecast %d is %+v", i, d)
		}
		for e, q := range d.Quantiles {
			for k := 1; k < len(q); k++ {
				if !(q[k] >= q[k-1]) {
					t.Errorf("%s at %d days: quantiles fall: %v", Targets[e], lead, q)
				}
			}
		}
		if !(d.RainProbability >= 0 && d.RainProbability <= 1) {
			t.Errorf("the chance of rain is %v", d.RainProbability)
		}
	}
}

func TestWhatWasNotKnownLatelyIsNotForecast(t *testing.T) {
	for name, c := range map[string]struct {
		silent    int // days before the issue on which SN-TH measured nothing
		forecasts int
	}{
		"thirty days":     {30, 2 * MaxLead},
		"thirty-one days": {31, MaxLead},
	} {
		t.Run(name, func(t *testing.T) {
			days := synthetic(years)
			for i := range days {
				if d := &days[i]; d.StationID == "SN-TH" && !d.Date.Before(issuedAt.AddDate(0, 0, -c.silent)) {
					d.Values = meteo.NoValues()
				}
			}
			h := NewHistory(days)
			if got := forecastOf(t, Train(h, issuedAt), h, issuedAt); len(got) != c.forecasts {
				t.Errorf("got %d forecasts, want %d", len(got), c.forecasts)
			}
		})
	}
	t.Run("one element", func(t *testing.T) {
		days := synthetic(years)
		for i := range days {
			days[i].Values[meteo.HumidityMean] = math.NaN()
		}
		h := NewHistory(days)
		d := forecastOf(t, Train(h, issuedAt), h, issuedAt)[0]
		if meteo.Known(d.Quantiles[3].Median()) || !meteo.Known(d.Quantiles[0].Median()) {
			t.Errorf("got %+v", d)
		}
	})
}

func TestTheSpreadOfAnOlderValueIsThatOfALongerLead(t *testing.T) {
	days := synthetic(years)
	width := func(days []Day) float64 {
		h := NewHistory(days)
		q := forecastOf(t, Train(h, issuedAt), h, issuedAt)[0].Quantiles[0]
		return q[6] - q[0]
	}
	fresh := width(days)
	for i := range days {
		if d := &days[i]; d.Date.Equal(issuedAt.AddDate(0, 0, -1)) {
			d.Values = meteo.NoValues()
		}
	}
	if old := width(days); old < 1.1*fresh {
		t.Errorf("the band is %.2f wide, and %.2f without the last day", fresh, old)
	}
}

func TestOneDayIsEnoughToBegin(t *testing.T) {
	days := synthetic(2)[:3]
	h := NewHistory(days)
	issued := start.AddDate(0, 0, 2)
	if before := TrainedBefore(h, issued); !before.Equal(issued) {
		t.Errorf("trained before %v", before)
	}
	list := forecastOf(t, Train(h, issued), h, issued)
	if len(list) != 2*MaxLead {
		t.Fatalf("got %d forecasts", len(list))
	}
	for _, d := range list {
		if q := d.Quantiles[0]; !(q[0] > 15 && q[6] < 40 && q[6]-q[0] > 2 && q[6]-q[0] < 15) {
			t.Errorf("maximum temperature of %s at %d days: %v", d.StationID, d.Lead, q)
		}
		if p := d.RainProbability; !(p >= 0 && p < .2) { // January
			t.Errorf("chance of rain %v", p)
		}
	}
}

func TestModelsAreTrainedBeforeTheYearOfTheIssue(t *testing.T) {
	h := NewHistory(synthetic(years))
	for name, c := range map[string]struct{ issued, want time.Time }{
		"two years of days":     {time.Date(2013, 7, 4, 9, 0, 0, 0, time.UTC), time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)},
		"less than two years":   {time.Date(2012, 7, 4, 9, 0, 0, 0, time.UTC), time.Date(2012, 7, 4, 0, 0, 0, 0, time.UTC)},
		"issued with the year":  {issuedAt, issuedAt},
		"issued before the end": {issuedAt.Add(-time.Second), issuedAt.AddDate(-1, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TrainedBefore(h, c.issued); !got.Equal(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestAModelOfOtherStationsIsRefused(t *testing.T) {
	m := Train(NewHistory(synthetic(10)), start)
	if _, err := m.Forecast(NewHistory(synthetic(10)[:1]), start); err == nil {
		t.Error("no error")
	}
}

// Readings without coordinates are those of the station's place; a station of which no place is known is the farthest of all others.
func TestStationsWithoutCoordinatesAreForecast(t *testing.T) {
	days := synthetic(40)
	for i := range days {
		station, _ := meteo.StationByID(days[i].StationID)
		days[i].Latitude, days[i].Longitude = station.Latitude, station.Longitude
	}
	issued := start.AddDate(0, 0, 40)
	h := NewHistory(days)
	want := forecastOf(t, Train(h, issued), h, issued)
	for i := range days {
		days[i].Latitude, days[i].Longitude = math.NaN(), math.NaN()
	}
	h = NewHistory(days)
	if got := forecastOf(t, Train(h, issued), h, issued); !equalForecasts(got, want) || len(got) != 2*MaxLead {
		t.Errorf("%d forecasts, others than with coordinates", len(got))
	}
	for i := range days {
		if days[i].StationID == "SN-TH" {
			days[i].StationID = "nowhere"
		}
	}
	h = NewHistory(days)
	if got := forecastOf(t, Train(h, issued), h, issued); len(got) != 2*MaxLead || len(h.Only(h.Sites()).Sites()) != 2 {
		t.Errorf("%d forecasts with a station of which no place is known", len(got))
	}
}
