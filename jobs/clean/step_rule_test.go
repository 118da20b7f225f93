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
		{"6 °C in an hour is doubtful still", []point{at(0, temperature(25)), at(60, temperature(31))}, `good; suspect {"temperature_c":["step"]}`},
		{"one wrong value does not condemn the next", []point{at(0, temperature(25)), at(60, temperature(35)), at(120, temperature(26))}, `good; bad {"temperature_c":["step"]}; good`},
		{"a value that is back after a fall in rain that was an error is good", []point{
			at(0, temperature(26.5)), at(10, temperature(14.5), value(meteo.Rain, 0.4)), at(20, temperature(26.4)),
		}, "good; good; good"},
		{"but one that is half way back is a step", []point{
			at(0, temperature(26.5)), at(10, temperature(14.5), value(meteo.Rain, 0.4)), at(20, temperature(22)),
		}, `good; good; suspect {"temperature_c":["step"]}`},
		{"a humidity that is back after a change that might be weather is good", []point{
			at(0, value(meteo.Humidity, 64.6)), at(10, value(meteo.Humidity, 16)), at(20, value(meteo.Humidity, 66.4)),
		}, "good; good; good"},
		{"a value out of range is not a reference", []point{at(0, temperature(25)), at(60, temperature(61)), at(120, temperature(26))}, `good; bad {"temperature_c":["range","climatology","step"]}; good`},
		{"a second reading that agrees confirms a change", []point{at(0, temperature(34)), at(10, temperature(24)), at(20, temperature(23.5)), at(30, temperature(23))}, `good; bad {"temperature_c":["step"]}; good; good`},
		{"it agrees when it has changed by what is allowed", []point{at(0, temperature(34)), at(10, temperature(24)), at(20, temperature(20))}, `good; bad {"temperature_c":["step"]}; good`},
		{"a squall line cools the air by 10 °C: that is weather, and so is the cool air after it", []point{
			at(0, temperature(34)),
			at(10, temperature(24), value(meteo.WindGust, 18)),
			at(20, temperature(23.5)),
			at(80, temperature(24)),
		}, `good; good; good; good`},
		{"the gust may come before the cold", []point{at(0, temperature(34), value(meteo.WindGust, 18)), at(50, temperature(24))}, `good; good`},
		{"an hour before it may have come, too", []point{at(0, temperature(34), value(meteo.WindGust, 18)), at(60, temperature(24))}, `good; good`},
		{"earlier than that it was another one", []point{at(0, temperature(34), value(meteo.WindGust, 18)), at(61, temperature(22))}, `good; bad {"temperature_c":["step"]}`},
		{"a squall line cools the air by 12 °C", []point{at(0, temperature(37)), at(10, temperature(25), value(meteo.WindGust, 18))}, `good; good`},
		{"rain is a sign of it", []point{at(0, temperature(34)), at(10, temperature(24), value(meteo.Rain, 0.1))}, `good; good`},
		{"a rain rate is a sign of it", []point{at(0, temperature(34)), at(10, temperature(24), value(meteo.RainRate, 0.1))}, `good; good`},
		{"a gust of 12.1 m/s is a sign of it", []point{at(0, temperature(34)), at(10, temperature(24), value(meteo.WindGust, 12.1))}, `good; good`},
		{"no rain and a gust of 12 m/s are none", []point{
			at(0, temperature(34)), at(10, temperature(24), value(meteo.Rain, 0), value(meteo.RainRate, 0), value(meteo.WindGust, 12)),
		}, `good; bad {"temperature_c":["step"]}`},
		{"no squall line cools the air by more than 12 °C: doubtful, not wrong", []point{at(0, temperature(37)), at(10, temperature(24.9), value(meteo.WindGust, 18))}, `good; suspect {"temperature_c":["step"]}`},
		{"no squall line warms the air: doubtful, not wrong", []point{at(0, temperature(25)), at(10, temperature(34), value(meteo.WindGust, 18))}, `good; suspect {"temperature_c":["step"]}`},
		{"a late reading is compared with those before it", []point{at(0, temperature(25)), at(120, temperature(30)), at(60, temperature(27))}, "good; good; good"},
		{"the first good reading after two wrong ones that agree", []point{
			at(0, temperature(25)), at(60, temperature(35)), at(120, temperature(35.5)), at(180, temperature(26)),
		}, `good; bad {"temperature_c":["step"]}; good; good`},
		{"after two wrong ones that agree it must fit what was before them", []point{
			at(0, temperature(25)), at(60, temperature(35)), at(120, temperature(35.5)), at(180, temperature(15.9)),
		}, `good; bad {"temperature_c":["step"]}; good; bad {"temperature_c":["step"]}`},
		{"a wrong reading that was not confirmed excuses nothing", []point{
			at(0, temperature(20)), at(60, temperature(35)), at(120, temperature(20)), at(180, temperature(20.2)), at(240, temperature(25)),
		}, `good; bad {"temperature_c":["step"]}; good; good; suspect {"temperature_c":["step"]}`},
		{"the first good reading after a sensor that stood still for two hours", []point{
			at(0, temperature(25)), at(60, temperature(25)), at(120, temperature(25)), at(180, temperature(34)),
		}, `good; good; good; good`},
		{"the first good reading after a sensor that stood still for twelve hours", []point{
			at(0, temperature(16)), at(690, temperature(16)), at(720, temperature(31.5)),
		}, `good; good; good`},
		{"a value is a reference though another one beside it was out of range", []point{
			at(0, temperature(61), value(meteo.Pressure, 1010)), at(10, temperature(25), value(meteo.Pressure, 1015)),
		}, `bad {"temperature_c":["range","climatology"]}; bad {"pressure_hpa":["step"]}`},
		{"two wrong ones agree when they differ by what is allowed", []point{
			at(0, temperature(25)), at(60, temperature(35)), at(120, temperature(39)), at(180, temperature(26)),
		}, `good; bad {"temperature_c":["step"]}; good; good`},
		{"it must fit the time that it stood still", []point{
			at(0, temperature(25)), at(60, temperature(25)), at(120, temperature(25)), at(180, temperature(34.1)),
		}, `good; good; good; bad {"temperature_c":["step"]}`},
		{"a value that was there before did not stand still", []point{
			at(0, temperature(25)), at(60, temperature(25.1)), at(120, temperature(25)), at(180, temperature(30)),
		}, `good; good; good; suspect {"temperature_c":["step"]}`},
		{"an unknown value is passed over", []point{at(0, temperature(25)), at(60, temperature(meteo.NoValues()[0])), at(120, temperature(31))}, "good; good; good"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &recent{limits: climatology.of("SN-DK")}
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

func TestASlowerChangeMayBeALargerOne(t *testing.T) {
	for _, c := range []struct {
		minutes int
		allowed float64 // °C
	}{{1, 4}, {60, 4}, {61, 7}, {120, 7}, {121, 9}, {180, 9}, {181, 15}, {360, 15}, {361, 25}, {720, 25}} {
		for step, want := range map[float64]meteo.Quality{c.allowed: meteo.Good, c.allowed + 0.25: meteo.Suspect} {
			r := &recent{limits: climatology.of("SN-DK")}
			first, second := fine(), fine()
			first.Values, second.Values = meteo.NoValues(), meteo.NoValues()
			first.Values[meteo.Temperature], second.Values[meteo.Temperature] = 14, 14+step
			second.ObservedAt = first.ObservedAt.Add(time.Duration(c.minutes) * time.Minute)
			r.add(&first)
			if Check(&second, r); second.Quality != want {
				t.Errorf("%g °C in %d minutes: %s, want %s", step, c.minutes, verdictOf(&second), want)
			}
		}
	}
}

func TestALateReadingIsComparedWithThe64NewestAlone(t *testing.T) {
	for n, want := range map[int]meteo.Quality{64: meteo.Bad, 65: meteo.Good} {
		r := &recent{limits: climatology.of("SN-DK")}
		begin := fine().ObservedAt
		reading := func(at time.Time, x float64) meteo.Observation {
			o := fine()
			o.ObservedAt, o.Values = at, meteo.NoValues()
			o.Values[meteo.Temperature] = x
			return o
		}
		for minute := range n {
			o := reading(begin.Add(time.Duration(minute)*time.Minute), 20)
			r.add(&o)
		}
		late := reading(begin.Add(30*time.Second), 35)
		if Check(&late, r); late.Quality != want {
			t.Errorf("after %d readings, one after the first is %s, want %s", n, verdictOf(&late), want)
		}
	}
}

func TestForecastsHaveNoSteps(t *testing.T) {
	r := &recent{limits: climatology.of("SN-DK")}
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

func TestAFallWithMoistAirIsASquallLineInItsSeason(t *testing.T) {
	for _, c := range []struct {
		name                        string
		station                     string
		month                       time.Month
		fall, humidity, moisterThan float64
		want                        meteo.Quality
	}{
		{"in July", "SN-DK", time.July, 8, 86, 70, meteo.Good},
		{"in May", "SN-DK", time.May, 8, 86, 70, meteo.Good},
		{"in November", "SN-DK", time.November, 8, 86, 70, meteo.Good},
		{"in April", "SN-DK", time.April, 8, 86, 70, meteo.Bad},
		{"in December", "SN-DK", time.December, 8, 86, 70, meteo.Bad},
		{"in December elsewhere", "S106", time.December, 8, 86, 70, meteo.Good},
		{"in air that is not moist", "SN-DK", time.July, 8, 69, 50, meteo.Bad},
		{"in air that is just moist", "SN-DK", time.July, 8, 70, 50, meteo.Good},
		{"while the humidity rises too little", "SN-DK", time.July, 8, 85, 70, meteo.Bad},
		{"by more than 12 °C", "SN-DK", time.July, 12.5, 95, 60, meteo.Bad},
		{"a rise", "SN-DK", time.July, -8, 86, 70, meteo.Bad},
	} {
		r := &recent{}
		first, second := fine(), fine()
		first.Values, second.Values = meteo.NoValues(), meteo.NoValues()
		first.StationID, second.StationID = c.station, c.station
		first.ObservedAt = time.Date(2026, c.month, 15, 12, 0, 0, 0, time.UTC)
		second.ObservedAt = first.ObservedAt.Add(time.Hour)
		first.Values[meteo.Temperature], first.Values[meteo.Humidity] = 32, c.moisterThan
		second.Values[meteo.Temperature], second.Values[meteo.Humidity] = 32-c.fall, c.humidity
		r.add(&first)
		v := verdict{quality: meteo.Good}
		if checkStep(&second, r, &v); v.quality != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, v.quality, v.failures, c.want)
		}
	}
	r := &recent{}
	o := fine()
	o.ObservedAt, o.Values = time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC), meteo.NoValues()
	o.Values[meteo.Temperature] = 32
	r.add(&o)
	o.ObservedAt = o.ObservedAt.Add(time.Hour)
	o.Values[meteo.Temperature], o.Values[meteo.Humidity] = 24, 90
	v := verdict{quality: meteo.Good}
	if checkStep(&o, r, &v); v.quality != meteo.Bad {
		t.Errorf("without a humidity before: %s", v.quality)
	}
}
