package bench

import (
	"slices"
	"testing"
)

func TestOneThingDiffersFromTheSecondSize(t *testing.T) {
	got := Growth{Sizes: []int{10, 20, 30}, Stations: []int{140}, Partitions: []int{24}}.workloads(6)
	want := []Workload{
		{Readings: 10, Stations: 14, Partitions: 6},
		{Readings: 20, Stations: 14, Partitions: 6},
		{Readings: 30, Stations: 14, Partitions: 6},
		{Readings: 20, Stations: 140, Partitions: 6},
		{Readings: 20, Stations: 14, Partitions: 24},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAWorkloadHasWholeDays(t *testing.T) {
	for w, want := range map[Workload]int{
		{Readings: 1, Stations: 14}:           1,
		{Readings: 2016, Stations: 14}:        1,
		{Readings: 2017, Stations: 14}:        2,
		{Readings: 1_000_000, Stations: 1400}: 5,
	} {
		if got := w.days(); got != want {
			t.Errorf("%+v takes %d days, want %d", w, got, want)
		}
	}
}

func TestReadingsAreRepeatedForOtherStations(t *testing.T) {
	for _, c := range []struct {
		name, line    string
		n             int
		station, want string
	}{
		{"its own station", `{"schema":1,"station_id":"SN-DK","rain_mm":0}`, 0, "SN-DK", `{"schema":1,"station_id":"SN-DK","rain_mm":0}`},
		{"another station", `{"schema":1,"station_id":"SN-DK","rain_mm":0}`, 7, "SN-DK-0007", `{"schema":1,"station_id":"SN-DK-0007","rain_mm":0}`},
		{"no station", `{"schema":1}`, 7, "", `{"schema":1}`},
	} {
		if station, value := renamed([]byte(c.line), c.n); station != c.station || string(value) != c.want {
			t.Errorf("%s: got %q and %s, want %q and %s", c.name, station, value, c.station, c.want)
		}
	}
}
