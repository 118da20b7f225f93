package openmeteo

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestAPlaceWithoutValuesIsReportedInTheWordsOfTheServer(t *testing.T) {
	const good = `{"latitude":14.7,"longitude":-17.4,"current_units":{"time":"unixtime","temperature_2m":"°C"},"current":{"time":1772366400,"temperature_2m":25.5}}`
	for name, c := range map[string]struct{ second, want string }{
		"a reason":                    {`{"error":true,"reason":"No data for this location"}`, "No data for this location"},
		"an error that says nothing":  {`{"error":true}`, "no current values"},
		"a reason with other members": {`{"error":true,"reason":"Beyond the domain","location_id":1}`, "Beyond the domain"},
		"no error":                    {`{"location_id":1}`, "no current values"},
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := readPlaces([]byte("["+good+","+c.second+"]"), 2)
			if err != nil {
				t.Fatal(err)
			}
			fetched := time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC)
			if r, err := parts[0].state(meteo.Stations[0], fetched); err != nil || r.Values.Count() != 1 {
				t.Errorf("the first place: %v, %v", r, err)
			}
			if _, err := parts[1].state(meteo.Stations[1], fetched); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
