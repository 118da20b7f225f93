package shape

import (
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestStationsOfOtherCountriesAreReadWhenAskedFor(t *testing.T) {
	for _, c := range []struct {
		name, record, want string
		latitude           float64
	}{
		{"by an id", `{"station_id":"S24","latitude":1.37,"longitude":103.98,"observed_at":"2026-08-01T12:00:00Z","temperature_c":27}`, "S24", 1.37},
		{"by an id of the project's own shape", `{"schema":1,"station_id":"S24","latitude":1.37,"longitude":103.98,"observed_at":"2026-08-01T12:00:00Z","temperature_c":27}`, "S24", 1.37},
		{"by a name", `{"station":"Changi","latitude":1.37,"longitude":103.98,"time":"2026-08-01T12:00:00Z","temperature_c":27}`, "Changi", 1.37},
		{"of Senegal as ever", `{"station":"Dakar","time":"2026-08-01T12:00:00Z","temperature_c":27}`, "SN-DK", meteo.Stations[0].Latitude},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder()
			def := Defaults{Source: "file", Kind: meteo.Observed}
			if c.want != "SN-DK" {
				if got, err := d.FromJSON([]byte(c.record), def); err == nil {
					t.Errorf("without being asked for: %v", got)
				}
			}
			d = NewDecoder()
			d.AnyStation()
			got, err := d.FromJSON([]byte(c.record), def)
			if err != nil || len(got) != 1 || got[0].StationID != c.want || got[0].Latitude != c.latitude {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	d := NewDecoder()
	d.AnyStation()
	for name, record := range map[string]string{
		"an empty id":            `{"schema":1,"station_id":"","observed_at":"2026-08-01T12:00:00Z","temperature_c":27}`,
		"control characters":     `{"schema":1,"station_id":"a\u0007b","observed_at":"2026-08-01T12:00:00Z","temperature_c":27}`,
		"control characters too": `{"station":"a\u0007b","time":"2026-08-01T12:00:00Z","temperature_c":27}`,
		"no place":               `{"time":"2026-08-01T12:00:00Z","temperature_c":27}`,
	} {
		if got, err := d.FromJSON([]byte(record), Defaults{Source: "file", Kind: meteo.Observed}); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheNameOfAnyStationIsBounded(t *testing.T) {
	d := NewDecoder()
	d.AnyStation()
	for n, want := range map[int]bool{maxName: true, maxName + 1: false} {
		if _, ok := d.station(strings.Repeat("x", n)); ok != want {
			t.Errorf("a name of %d bytes: %t", n, ok)
		}
	}
}
