package generate

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// measuredDays are twelve weeks of readings of a station of another country, which measures temperature and humidity only.
func measuredDays() (out []meteo.Reading) {
	from := time.Date(2016, 12, 1, 0, 0, 0, 0, time.UTC)
	for i := range 84 * 144 {
		r := meteo.NewReading(meteo.Station{ID: "S24"}, from.Add(time.Duration(i)*10*time.Minute), "file", meteo.Observed)
		r.Values[meteo.Temperature] = 27 + math.Round(40*math.Sin(float64(i)/144*2*math.Pi))/10
		r.Values[meteo.Humidity] = 70 - math.Round(200*math.Sin(float64(i)/144*2*math.Pi))/10
		out = append(out, r)
	}
	return out
}

func TestDefectsAreInjectedIntoMeasuredReadings(t *testing.T) {
	inject := func(seed uint64) (sent []Sending, truth []Truth) {
		in := NewInjector(seed, 0.1, 10*time.Minute)
		for _, r := range measuredDays() {
			s, lines := in.Inject(&r)
			sent, truth = append(sent, s...), append(truth, lines...)
		}
		return sent, truth
	}
	sent, truth := inject(1)
	values := map[int64]meteo.Values{}
	records := 0
	for _, s := range sent {
		if s.Item.Raw == nil && s.Item.Reading.ObservedAt.Year() != future {
			values[s.Item.Reading.ObservedAt.UnixMicro()] = s.Item.Reading.Values
			if s.Item.Reading.Values.Has(meteo.DewPoint) {
				t.Fatal("a station that measures no dew point has got one")
			}
		}
		records++
	}
	count := map[Defect]int{}
	stuck := map[string]float64{}
	for _, l := range truth {
		count[l.Defect]++
		if l.Variable != "" && l.Variable != "temperature_c" && l.Variable != "humidity_pct" {
			t.Errorf("%s of %s, which is not measured", l.Defect, l.Variable)
		}
		if l.StationID != "S24" || l.Source != "file" {
			t.Errorf("a line is of %s by %s", l.StationID, l.Source)
		}
		if l.Expect == ExpectFlag {
			v, _ := meteo.VariableByName(l.Variable)
			if vs, ok := values[l.ObservedAt.UnixMicro()]; !ok || vs[v] != *l.Value {
				t.Errorf("%s at %s: the record has %v, the line %v", l.Defect, l.ObservedAt, vs[v], *l.Value)
			}
		}
		if l.Defect == Stuck {
			day := l.Variable + l.ObservedAt.Format(time.DateOnly)
			if first, ok := stuck[day]; !ok {
				stuck[day] = *l.TrueValue
			} else if *l.Value != first {
				t.Errorf("stuck at %v, and at %v in the beginning", *l.Value, first)
			}
		}
	}
	for _, d := range Defects {
		if (count[d] == 0) != (d == Correction || d == WindUnit) { // those are of pressure, gust and wind
			t.Errorf("%d of %s", count[d], d)
		}
	}
	if want := len(measuredDays()) + count[Duplicate]; records != want {
		t.Errorf("%d records, want %d", records, want)
	}
	again, lines := inject(1)
	if len(again) != len(sent) || len(lines) != len(truth) {
		t.Error("an equal seed gives other defects")
	}
	if _, others := inject(4); len(others) == len(truth) {
		t.Error("another seed gives the same defects")
	}
}
