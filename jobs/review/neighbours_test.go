package review_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
)

// wrongBy changes a reading of a station.
type wrongBy func(o *meteo.Observation, station int)

// network is the days of some stations whose pressure, temperature and humidity have the same course, with a noise.
func network(days, stations int, wrong wrongBy) (out []*meteo.Observation) {
	random := rand.New(rand.NewPCG(1, 2))
	for slot := range days * 48 {
		at := noon.Add(time.Duration(slot) * 30 * time.Minute)
		hour := float64(slot) / 2
		air := math.Sin(hour / 31) // the weather of some days, which all stations have
		for i, s := range meteo.Stations[:stations] {
			o := &meteo.Observation{Reading: meteo.NewReading(s, at, "test", meteo.Observed), Revision: 1, Quality: meteo.Good}
			o.Values[meteo.Pressure] = 1012 + 1.5*math.Sin(hour*math.Pi/6) + 2*air + 0.3*float64(i) + 0.1*random.NormFloat64()
			o.Values[meteo.Temperature] = 28 + 5*math.Sin(hour*math.Pi/12) + 2*air + 0.3*random.NormFloat64()
			o.Values[meteo.Humidity] = 60 - 20*math.Sin(hour*math.Pi/12) - 5*air + random.NormFloat64()
			o.FetchedAt = at
			if wrong != nil {
				wrong(o, i)
			}
			o.ID = o.Identity.ID()
			out = append(out, o)
		}
	}
	return out
}

// late reports whether a reading is of the last hours of so many days.
func late(o *meteo.Observation, days int, hours float64) bool {
	return o.ObservedAt.Sub(noon).Hours() >= 24*float64(days)-hours
}

// neighbours counts what fails the rule, by station and variable.
func neighbours(observations []*meteo.Observation) map[string]int {
	r := review.New()
	for _, o := range observations {
		r.Add(o)
	}
	r.Finish()
	out := map[string]int{}
	for _, v := range r.Verdicts() {
		for _, f := range v.Failures {
			if f.Rule == "neighbours" {
				out[v.Observation.StationID+" "+f.Subject]++
			}
		}
	}
	return out
}

func TestRuleOfNeighbours(t *testing.T) {
	const days = 15
	first := meteo.Stations[0].ID
	for _, c := range []struct {
		name     string
		days     int
		stations int
		wrong    wrongBy
		want     string // of the first station
		count    int
	}{
		{"weather that all stations have", days, 8, nil, "", 0},
		{"a pressure that is 2.5 hPa off for five hours", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Pressure] += 2.5
			}
		}, "pressure_hpa", 10},
		{"for half an hour", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) && !late(o, days, 4.5) {
				o.Values[meteo.Pressure] += 1.4
			}
		}, "", 0},
		{"1 hPa", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Pressure]++
			}
		}, "", 0},
		{"a temperature that is 6 °C off for five hours", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Temperature] += 6
			}
		}, "temperature_c", 10},
		{"for an hour and a half", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) && !late(o, days, 3.5) {
				o.Values[meteo.Temperature] += 2.9
			}
		}, "", 0},
		{"while the humidity shows that the air is another one", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Temperature] += 6
				o.Values[meteo.Humidity] -= 20
			}
		}, "", 0},
		{"a humidity that is far off fails nothing", days, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Humidity] -= 25
			}
		}, "", 0},
		{"without two neighbours nobody knows who is wrong", days, 2, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, days, 5) {
				o.Values[meteo.Pressure] += 9
			}
		}, "", 0},
		{"on the first day a pressure 5 hPa off the others", 1, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, 1, 5) {
				o.Values[meteo.Pressure] += 7
			}
		}, "pressure_hpa", 10},
		{"on the third day one that is 3 hPa off what it was to them", 3, 8, func(o *meteo.Observation, i int) {
			if i == 0 && late(o, 3, 5) {
				o.Values[meteo.Pressure] += 3
			}
		}, "pressure_hpa", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := neighbours(network(c.days, c.stations, c.wrong))
			if c.count > 0 && got[first+" "+c.want] != c.count {
				t.Errorf("%d values fail, want %d", got[first+" "+c.want], c.count)
			}
			delete(got, first+" "+c.want)
			if len(got) > 0 {
				t.Errorf("of others fail %v", got)
			}
		})
	}
}

func TestADriftIsFlaggedBackToItsBeginningAndCondemnsNobodyElse(t *testing.T) {
	got := neighbours(network(15, 8, func(o *meteo.Observation, i int) {
		if i == 0 && late(o, 15, 10) {
			o.Values[meteo.Pressure] += 0.6 * (o.ObservedAt.Sub(noon).Hours() - 15*24 + 10) // 6 hPa in ten hours
		}
	}))
	if n := got[meteo.Stations[0].ID+" pressure_hpa"]; n < 16 || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestAReadingThatComesAfterItsHalfHourWasJudgedGetsTheVerdictOfTheOthers(t *testing.T) {
	all := network(15, 8, func(o *meteo.Observation, i int) {
		if i == 0 && late(o, 15, 8) {
			o.Values[meteo.Pressure] += 3
		}
	})
	r := review.New()
	for _, o := range all {
		r.Add(o)
	}
	r.Verdicts()
	last := all[len(all)-8*8] // of the first station, four hours before the end
	o := reading(int(last.ObservedAt.Sub(noon).Minutes())+10, map[meteo.Variable]float64{meteo.Pressure: 1020})
	r.Add(o)
	if got := told(r); !strings.Contains(got, "pressure_hpa neighbours") {
		t.Errorf("%q", got)
	}
}

func TestAPressureThatIsRightAgainAfterADriftOfWeeksIsNotFlagged(t *testing.T) {
	const begin, end, station = 8, 28, 4
	during, after := 0, 0
	r := review.New()
	for _, o := range network(end+6, 8, func(o *meteo.Observation, i int) {
		if days := o.ObservedAt.Sub(noon).Hours() / 24; i == station && days >= begin && days < end {
			o.Values[meteo.Pressure] += 7 * (days - begin) / (end - begin)
		}
	}) {
		r.Add(o)
	}
	r.Finish()
	for _, v := range r.Verdicts() {
		switch {
		case v.Observation.StationID != meteo.Stations[station].ID:
			t.Errorf("%s fails %v at %s", v.Observation.StationID, v.Failures, v.Observation.ObservedAt)
		case v.Observation.ObservedAt.Sub(noon).Hours() < end*24:
			during++
		default:
			after++
		}
	}
	if during < 5*48 || after > 2 {
		t.Errorf("%d values fail during the drift, %d after it", during, after)
	}
}
