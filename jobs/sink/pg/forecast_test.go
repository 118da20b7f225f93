package pg_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestWhatWasMeasuredIsReadSeriesBySeries(t *testing.T) {
	dakar, thies := meteo.Stations[0], meteo.Stations[1]
	first := observationAt(dakar, noon.AddDate(0, -2, 0), "metar")
	second := observationAt(dakar, noon, "metar")
	second.Quality, second.QC = meteo.Bad, []meteo.Failure{{Subject: "rain_mm", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	second.Values[meteo.Humidity], second.IntervalS = math.NaN(), 0
	second.Latitude, second.Longitude = math.NaN(), math.NaN()
	other := observationAt(thies, noon.Add(-time.Hour), "file")
	after := observationAt(dakar, noon.Add(time.Microsecond), "metar")
	model := observationAt(dakar, noon, "open-meteo")
	model.Kind = meteo.Model
	model.ID = model.Identity.ID()
	forecast := observationAt(dakar, noon, "bulletin")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon
	forecast.ID = forecast.Identity.ID()
	_, store := loaded(t, second, other, first, after, model, forecast)

	var got []string
	collect := func(o *meteo.Observation) error {
		got = append(got, string(o.AppendJSON(nil)))
		return nil
	}
	if err := store.Measured(t.Context(), noon, []meteo.Variable{meteo.Humidity, meteo.Rain}, collect); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, o := range []meteo.Observation{first, second, other} {
		narrow := meteo.Observation{Reading: meteo.Reading{
			Identity: o.Identity, Latitude: o.Latitude, Longitude: o.Longitude, ElevationM: math.NaN(), Values: meteo.NoValues(), IntervalS: o.IntervalS,
		}, QC: o.QC}
		narrow.Values[meteo.Humidity], narrow.Values[meteo.Rain] = o.Values[meteo.Humidity], o.Values[meteo.Rain]
		if o.Quality == meteo.Bad {
			narrow.Quality = meteo.Bad
		}
		want = append(want, string(narrow.AppendJSON(nil)))
	}
	same(t, got, want)

	enough, calls := errors.New("enough"), 0
	if err := store.Measured(t.Context(), noon, nil, func(*meteo.Observation) error { calls++; return enough }); !errors.Is(err, enough) || calls != 1 {
		t.Errorf("whoever has enough gets %v after %d calls", err, calls)
	}
}

func TestForecastsOfASourceComeBackAsTheyWereStored(t *testing.T) {
	issue := func(station meteo.Station, days, ahead int) meteo.Observation {
		o := observationAt(station, noon.AddDate(0, 0, days+ahead), "forecast-daily")
		o.Kind, o.IssuedAt, o.IntervalS = meteo.Forecast, noon.AddDate(0, 0, days), 86400
		o.Quantiles = meteo.Quantiles{
			{Variable: meteo.TemperatureMax, Values: [...]float64{1, 2, 3, 4, 5, 6, 7.25}}, {Variable: meteo.RainProbability, Values: [...]float64{0, 0, 0, 0, 0, 0, 1e-9}},
		}
		o.ID = o.Identity.ID()
		return o
	}
	dakar, thies := meteo.Stations[0], meteo.Stations[1]
	other := issue(dakar, 1, 1)
	other.Source = "open-meteo"
	other.ID = other.Identity.ID()
	_, store := loaded(t, issue(thies, 1, 1), issue(dakar, 2, 1), issue(dakar, 1, 30-1), issue(dakar, 1, 2), issue(dakar, 1, 1), issue(dakar, 0, 7), issue(dakar, 3, 1),
		other, observationAt(dakar, noon.AddDate(0, 0, 2), "forecast-daily"))
	var got []string
	collect := func(o *meteo.Observation) error {
		got = append(got, string(o.AppendJSON(nil)))
		return nil
	}
	if err := store.Forecasts(t.Context(), "forecast-daily", noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 3), collect); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, o := range []meteo.Observation{issue(dakar, 1, 1), issue(dakar, 1, 2), issue(dakar, 2, 1), issue(thies, 1, 1)} {
		want = append(want, string(o.AppendJSON(nil)))
	}
	same(t, got, want)
}

// same compares what was read with what is expected.
func same(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("answer %d of %d and %d:\ngot  %v\nwant %v", i, len(got), len(want), got[min(i, len(got)):], want[min(i, len(want)):])
		}
	}
}
