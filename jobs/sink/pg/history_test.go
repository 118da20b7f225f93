package pg_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

func TestWhatWasMeasuredIsReadWithoutWhatFailed(t *testing.T) {
	dakar, thies := meteo.Stations[0], meteo.Stations[1]
	flagged := observationAt(dakar, noon, "metar")
	flagged.Quality, flagged.QC = meteo.Suspect, []meteo.Failure{{Subject: "temperature_c", Rule: "step"}}
	flagged.Values[meteo.Visibility] = math.NaN()
	day := observationAt(dakar, noon.Add(time.Hour), "metar")
	day.Values, day.IntervalS = meteo.NoValues(), 86400
	day.Values[meteo.TemperatureMax] = 33
	forecast := observationAt(dakar, noon, "bulletin")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon
	forecast.ID = forecast.Identity.ID()
	_, store := loaded(t, observationAt(thies, noon, "file"), day, flagged, forecast, observationAt(dakar, noon.Add(2*time.Hour), "metar"))

	var got []string
	err := store.History(t.Context(), noon, noon.Add(time.Hour), func(o *query.Origin, m *query.Measured) error {
		known := 0
		for _, x := range m.Values {
			if meteo.Known(x) {
				known++
			}
		}
		got = append(got, fmt.Sprint(o.StationID, o.Region, o.Source, o.Kind, m.At.Sub(noon), m.IntervalS, m.OfDay, known, m.Values[meteo.Temperature], m.Values[meteo.TemperatureMax]))
		return nil
	})
	all, top := meteo.NumVariables, float64(meteo.TemperatureMax)+0.5
	want := []string{
		fmt.Sprint(dakar.ID, dakar.Region, "metar", meteo.Observed, time.Duration(0), 600, false, all-2, math.NaN(), top),
		fmt.Sprint(dakar.ID, dakar.Region, "metar", meteo.Observed, time.Hour, 86400, true, 1, math.NaN(), 33.0),
		fmt.Sprint(thies.ID, thies.Region, "file", meteo.Observed, time.Duration(0), 600, false, all, 0.5, top),
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v; %v", got, want, err)
	}
}
