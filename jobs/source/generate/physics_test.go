package generate

import (
	"fmt"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// physicalFaults reports what a reading breaks of the rules that the pipeline checks: ranges,
// consistency of the variables with each other, and steps of the pressure from the reading before within an hour (see changesFast).
func physicalFaults(previous, now *meteo.Reading) (faults []string) {
	vs := &now.Values
	t, td, rh := vs[meteo.Temperature], vs[meteo.DewPoint], vs[meteo.Humidity]
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	fault(vs.Count() != int(measured), "a variable is unknown")
	fault(td > t, "the dew point %v is above the temperature %v", td, t)
	fault(math.Abs(rh-relativeHumidity(t, td)) > 1, "humidity %v does not fit %v and %v", rh, t, td)
	fault(vs[meteo.WindGust] < vs[meteo.WindSpeed], "the gust %v is below the wind %v", vs[meteo.WindGust], vs[meteo.WindSpeed])
	fault((vs[meteo.WindSpeed] == 0) != (vs[meteo.WindDirection] == 0), "direction %v with wind %v", vs[meteo.WindDirection], vs[meteo.WindSpeed])
	fault(vs[meteo.Rain] > 0 && vs[meteo.CloudCover] == 0, "rain without cloud")
	fault(vs[meteo.RainRate] > 1 && rh < 60, "rain of %v mm/h in air of %v percent", vs[meteo.RainRate], rh)
	fault(math.Abs(vs[meteo.RainRate]-vs[meteo.Rain]*3600/float64(now.IntervalS)) > 0.0500001, "rate %v and rain %v differ", vs[meteo.RainRate], vs[meteo.Rain])
	for _, limit := range []struct {
		v         meteo.Variable
		low, high float64
	}{
		{meteo.Temperature, 8, 50},
		{meteo.DewPoint, -15, 30},
		{meteo.Humidity, 4, 100},
		{meteo.Pressure, 1003, 1020},
		{meteo.WindSpeed, 0, 30},
		{meteo.WindGust, 0, 45},
		{meteo.WindDirection, 0, 360},
		{meteo.RainRate, 0, 100},
		{meteo.CloudCover, 0, 100},
		{meteo.Visibility, 500, 10000},
	} {
		fault(!(vs[limit.v] >= limit.low && vs[limit.v] <= limit.high), "%v is %v", limit.v, vs[limit.v])
	}
	if previous == nil {
		return faults
	}
	change := vs[meteo.Pressure] - previous.Values[meteo.Pressure]
	fault(math.Abs(change) > 3+1e-9, "the pressure changes by %.1f to %.1f", change, vs[meteo.Pressure])
	return faults
}

// changesFast reports whether temperature or dew point change by more than the step rule allows, which they may on a few mornings of the dry
// season and in a few squalls.
func changesFast(previous, now *meteo.Reading) bool {
	for _, v := range [...]meteo.Variable{meteo.Temperature, meteo.DewPoint} {
		if previous != nil && math.Abs(now.Values[v]-previous.Values[v]) > 4+1e-9 {
			return true
		}
	}
	return false
}

func TestReadingsWithoutFaultsPassEveryCheckOfRangeConsistencyAndStep(t *testing.T) {
	further := []meteo.Station{}
	for _, s := range meteo.Stations {
		s.ID += "-02"
		further = append(further, s)
	}
	for _, c := range []struct {
		name     string
		stations []meteo.Station
		every    time.Duration
		years    int
	}{
		{"a year of ten minutes", meteo.Stations[:], 10 * time.Minute, 1},
		{"four years of hours", meteo.Stations[:], time.Hour, 4},
		{"two years of hours of further stations", further, time.Hour, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := NewModel(3, c.every)
			if err != nil {
				t.Fatal(err)
			}
			from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			previous := make([]*meteo.Reading, len(c.stations))
			readings, flagged, fast := 0, 0, 0
			for at := from; at.Before(from.AddDate(c.years, 0, 0)); at = at.Add(c.every) {
				for i := range c.stations {
					now := m.At(c.stations[i], at)
					readings++
					if faults := physicalFaults(previous[i], &now); faults != nil {
						flagged++
						if flagged <= 20 {
							t.Errorf("%s at %s: %v", now.StationID, at.Format(time.RFC3339), faults)
						}
					}
					if changesFast(previous[i], &now) {
						fast++
					}
					previous[i] = &now
				}
			}
			t.Logf("%d of %d readings would be flagged, and %d since they change fast", flagged, readings, fast)
			if months := len(c.stations) * c.years * 12; fast > months/5 {
				t.Errorf("temperature or dew point change too fast %d times in %d station-months", fast, months)
			}
		})
	}
}

func BenchmarkAt(b *testing.B) {
	m, err := NewModel(3, 10*time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		_ = m.At(meteo.Stations[i], at)
		if i++; i == len(meteo.Stations) {
			i, at = 0, at.Add(10*time.Minute)
		}
	}
}
