package openmeteo

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"latitude":14.7,"longitude":-17.4,"current_units":{"time":"unixtime","temperature_2m":"°C"},"current":{"time":1772366400,"interval":900,"temperature_2m":25.5}}`), 1)
	f.Add([]byte(`[{"hourly_units":{"time":"unixtime"},"hourly":{"time":[1772366400,null],"temperature_2m":[1,2]}},{"location_id":1}]`), 2)
	f.Add([]byte(`{"error":true,"reason":"Minutely API request limit exceeded."}`), 1)
	fetched := time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte, want int) {
		want = max(1, want%20)
		places, err := readPlaces(body, want)
		if err != nil {
			return
		}
		for i := range places {
			if r, err := places[i].state(meteo.Stations[0], fetched); err == nil && (r.ObservedAt.IsZero() || r.Values.Count() == 0 && r.StationID == "") {
				t.Errorf("%s gives %+v", body, r)
			}
			readings, err := places[i].hours(meteo.Stations[0], fetched)
			if err == nil && len(readings) > len(places[i].place.Hourly["time"]) {
				t.Errorf("%s gives %d readings", body, len(readings))
			}
		}
	})
}
