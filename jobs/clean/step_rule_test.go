package clean

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// point is one reading of a series.
type point struct {
	minutes int
	change  func(*meteo.Values)
}

func at(minutes int, changes ...func(*meteo.Values)) point {
	return point{minutes, func(vs *meteo.Values) {
		for _, c := range changes {
			c(vs)
		}
	}}
}

func value(v meteo.Variable, x float64) func(*meteo.Values) {
	return func(vs *meteo.Values) { vs[v] = x }
}

func temperature(x float64) func(*meteo.Values) { return value(meteo.Temperature, x) }

func TestRuleOfSteps(t *testing.T) {
	cases := []struct {
		name   string
		series []point
		want   string // verdicts, one a reading
	}{
		{"4 °C in an hour is the weather", []point{at(0, temperature(25)), at(60, temperature(29))}, "good; good"},
		{"4.1 °C in an hour is doubtful", []point{at(0, temperature(25)), at(60, temperature(29.1))}, `good; suspect {"temperature_c":["step"]}`},
		{"6.1 °C in an hour is wrong", []point{at(0, temperature(25)), at(60, temperature(31.1))}, `good; bad {"temperature_c":["step"]}`},
		{"a shorter time has the tolerance of an hour", []point{at(0, temperature(25)), at(10, temperature(29))}, "good; good"},
		{"7 °C in two hours is the weather", []point{at(0, temperature(25)), at(120, temperature(32))}, "good; good"},
		{"9.1 °C in three hours is doubtful", []point{at(0, temperature(22)), at(180, temperature(31.1))}, `good; suspect {"temperature_c":["step"]}`},
		{"15 °C in six hours is the weather", []point{at(0, temperature(18)), at(360, temperature(33))}, "good; good"},
		{"after more than twelve hours nothing is known", []point{at(0, temperature(16)), at(721, temperature(36))}, "good; good"},
		{"dew point, pressure and humidity have their own tolerances", []point{
			at(0, value(meteo.DewPoint, 10), value(meteo.Pressure, 1010), value(meteo.Humidity, 20)),
			at(60, value(meteo.DewPoint, 16.1), value(meteo.Pressure, 1014.6), value(meteo.Humidity, 71)),
		}, `good; bad {"dew_point_c":["step"],"humidity_pct":["step"],"pressure_hpa":["step"]}`},
		{"humidity is compared within the hour only", []point{at(0, value(meteo.Humidity, 20)), at(61, value(meteo.Humidity, 75))}, "good; good"},
		{"one wrong value does not condemn the next", []point{at(0, temperature(25)), at(60, temperature(35)), at(120, temperature(26))}, `good; bad {"temperature_c":["step"]}; good`},
		{"a value out of range is not a reference", []point{at(0, temperature(25)), at(60, temperature(61)), at(120, temperature(26))}, `good; bad {"temperature_c":["range","climatology","step"]}; good`},
		{"a second reading that agrees confirms a change", []point{at(0, temperature(34)), at(10, temperature(24)), at(20, temperature(23.5)), at(30, temperature(23))}, `good; bad {"temperature_c":["step"]}; good; good`},
		{"a squall line cools the air by 10 °C: that is weather, and so is the cool air after it", []point{
			at(0, temperature(34)),
			at(10, temperature(24), value(meteo.WindGust, 18)),
			at(20, temperature(23.5)),
			at(80, temperature(24)),
		}, `good; good; good; good`},
		{"the gust may come before the cold", []point{at(0, temperature(34), value(meteo.WindGust, 18)), at(50, temperature(24))}, `good; good`},
		{"no squall line cools the air by more than 12 °C: doubtful, not wrong", []point{at(0, temperature(37)), at(10, temperature(24.9), value(meteo.WindGust, 18))}, `good; suspect {"temperature_c":["step"]}`},
		{"no squall line warms the air: doubtful, not wrong", []point{at(0, temperature(25)), at(10, temperature(34), value(meteo.WindGust, 18))}, `good; suspect {"temperature_c":["step"]}`},
		{"a late reading is compared with those before it", []point{at(0, temperature(25)), at(120, temperature(30)), at(60, temperature(27))}, "good; good; good"},
		{"an unknown value is passed over", []point{at(0, temperature(25)), at(60, temperature(meteo.NoValues()[0])), at(120, temperature(31))}, "good; good; good"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &recent{}
			var got []string
			for _, p := range c.series {
				o := fine()
				o.ObservedAt = time.Date(2026, 1, 15, 6, p.minutes, 0, 0, time.UTC)
				o.Values = meteo.NoValues()
				p.change(&o.Values)
				Check(&o, r)
				r.add(&o)
				got = append(got, verdictOf(&o))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("the verdicts are\n%s, want\n%s", text, c.want)
			}
		})
	}
}

func TestForecastsHaveNoSteps(t *testing.T) {
	r := &recent{}
	for i, x := range []float64{20, 30} {
		o := fine()
		o.Kind, o.Values = meteo.Forecast, meteo.NoValues()
		o.ObservedAt = o.ObservedAt.Add(time.Duration(i) * time.Hour)
		o.Values[meteo.Temperature] = x
		Check(&o, r)
		r.add(&o)
		if o.Quality != meteo.Good {
			t.Errorf("the verdict is %s", verdictOf(&o))
		}
	}
}
