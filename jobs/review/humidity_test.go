package review_test

import (
	"math"
	"strings"
	"testing"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
)

// dewPointOf returns the dew point of a temperature and humidity, by bisection to a hundredth of a degree, rounded to tenths.
func dewPointOf(t, humidity float64) float64 {
	low, high := -60.0, t
	for high-low > 0.001 {
		if middle := (low + high) / 2; clean.RelativeHumidity(t, middle) < humidity {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Round(low*10) / 10
}

// moist returns readings every ten minutes, which begin so many minutes after noon, of a station that gives whole percents. The dew point is that of fine,
// the humidity of each reading before it is rounded.
func moist(begin, n int, warmer float64, fine func(i int) float64) (out []*meteo.Observation) {
	for i := range n {
		t := math.Round((25+warmer*float64(i)/float64(max(n-1, 1)))*10) / 10
		out = append(out, reading(begin+10*i, map[meteo.Variable]float64{
			meteo.Temperature: t, meteo.Humidity: math.Round(fine(i)), meteo.DewPoint: dewPointOf(t, fine(i)),
		}))
	}
	return out
}

// wholeDegrees rounds the temperatures and dew points of readings.
func wholeDegrees(readings []*meteo.Observation) []*meteo.Observation {
	for _, o := range readings {
		o.Values[meteo.Temperature], o.Values[meteo.DewPoint] = math.Round(o.Values[meteo.Temperature]), math.Round(o.Values[meteo.DewPoint])
	}
	return readings
}

func TestADewPointSeparatesAStuckHumidityFromARoundedOne(t *testing.T) {
	still := func(x float64) func(int) float64 { return func(int) float64 { return x } }
	waving := func(x, by float64) func(int) float64 {
		return func(i int) float64 { return x + by*math.Sin(float64(i)+1) }
	}
	for _, c := range []struct {
		name          string
		before, after []*meteo.Observation
		flags         int
	}{
		{"dry air for four hours", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 25, 5, still(18)), 25},
		{"for less than four hours", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 24, 5, still(18)), 0},
		{"a sensor that is stuck between two percents", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 25, 5, still(18.4)), 25},
		{"of which a few dew points are those of another humidity", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 60, 8, func(i int) float64 {
			if i == 26 || i == 28 {
				return 18.45
			}
			return 18
		}), 60},
		{"air that changes within a percent", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 80, 12, waving(18, 0.45)), 0},
		{"of which a part of four hours is still", moist(-180, 18, 0, waving(21.5, 1.4)), append(moist(0, 30, 5, still(18)), moist(300, 20, 0, waving(18, 0.45))...), 30},
		{"which begins after a reading that might be part of it", moist(-180, 18, 0, waving(21.5, 1.4)), moist(0, 27, 5, func(i int) float64 { return 18 + 0.19*math.Exp(-float64(100*i)) }), 26},
		{"nearly saturated air for seven hours", moist(-180, 18, 0, waving(60.5, 1.4)), moist(0, 43, 1, still(97)), 43},
		{"for less than seven hours", moist(-180, 18, 0, waving(60.5, 1.4)), moist(0, 42, 1, still(97)), 0},
		{"mist", moist(-180, 18, 0, waving(60.5, 1.4)), moist(0, 90, 1, still(100)), 0},
		{"a dew point that follows from the rounded humidity says nothing", moist(-180, 18, 0, func(i int) float64 { return float64(20 + i%2) }), moist(0, 47, 8, still(18)), 0},
		{"nor does one in whole degrees", wholeDegrees(moist(-180, 18, 0, waving(21.5, 1.4))), wholeDegrees(moist(0, 47, 8, still(18))), 0},
		{"nor does one of which too few were off", append(moist(-180, 16, 0, still(21)), moist(-20, 2, 0, still(22.5))...), moist(0, 30, 5, still(18)), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Count(reviewed(append(c.before, c.after...)), "stuck"); got != c.flags {
				t.Errorf("%d flags, want %d", got, c.flags)
			}
		})
	}
}

func TestAHumidityInTenthsIsStuckSooner(t *testing.T) {
	for _, c := range []struct {
		name     string
		readings int
		x        float64
		flags    int
	}{
		{"for four hours", 25, 60.3, 25},
		{"for less", 24, 60.3, 0},
		{"nearly saturated for seven hours", 43, 97.3, 43},
		{"nearly saturated for less", 42, 97.3, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Count(reviewed(same(10, c.readings, meteo.Humidity, c.x, meteo.CloudCover, 0, 0)), "stuck"); got != c.flags {
				t.Errorf("%d flags, want %d", got, c.flags)
			}
		})
	}
	mist := append(series(10, meteo.Humidity, 99.7), same(10, 40, meteo.Humidity, 99.7, meteo.CloudCover, 0, 0)[1:]...)
	mist = append(mist, same(10, 110, meteo.Humidity, 100, meteo.CloudCover, 0, 0)[40:]...)
	if got := reviewed(mist); got != "" {
		t.Error("mist:", got)
	}
}

// saturatedNight returns readings of a humidity that stays the same, and then those after it with their temperature; while it lasts it is 24.9 or 25 °C.
func saturatedNight(n int, x float64, after ...[2]float64) (out []*meteo.Observation) {
	for i := range n {
		out = append(out, reading(10*i, map[meteo.Variable]float64{meteo.Humidity: x, meteo.Temperature: 25 - 0.1*float64((n-1-i)%2)}))
	}
	for i, values := range after {
		out = append(out, reading(10*(n+i), map[meteo.Variable]float64{meteo.Humidity: values[0], meteo.Temperature: values[1]}))
	}
	return out
}

func TestASaturatedSensorWasStuckWhenItFallsAtOnce(t *testing.T) {
	later := func(readings []*meteo.Observation, minutes int) []*meteo.Observation {
		for i, o := range readings[25:] {
			readings[25+i] = reading(240+minutes+10*i, map[meteo.Variable]float64{meteo.Humidity: o.Values[meteo.Humidity], meteo.Temperature: o.Values[meteo.Temperature]})
		}
		return readings
	}
	for _, c := range []struct {
		name     string
		readings []*meteo.Observation
		flags    int
	}{
		{"by 5 % after four hours", saturatedNight(25, 97, [2]float64{92, 25}, [2]float64{91, 25}), 25},
		{"by less", saturatedNight(25, 97, [2]float64{93, 25}, [2]float64{91, 25}), 0},
		{"after less than four hours", saturatedNight(24, 97, [2]float64{80, 25}, [2]float64{80, 25}), 0},
		{"below saturation after four hours", saturatedNight(25, 94, [2]float64{80, 25}, [2]float64{80, 25}), 0},
		{"for one reading only", saturatedNight(25, 97, [2]float64{90, 25}, [2]float64{97, 25}, [2]float64{97, 25}), 0},
		{"for a reading that is not confirmed yet", saturatedNight(25, 97, [2]float64{90, 25}), 0},
		{"which is a spike", saturatedNight(25, 97, [2]float64{50, 25}, [2]float64{97, 25}, [2]float64{97, 25}), 0},
		{"by as much as the air has warmed", saturatedNight(25, 97, [2]float64{90, 26}, [2]float64{88, 26}), 0},
		{"by 5 % more than that", saturatedNight(25, 97, [2]float64{87, 26}, [2]float64{87, 26}), 25},
		{"while the temperature is not known", saturatedNight(25, 97, [2]float64{80, math.NaN()}, [2]float64{80, math.NaN()}), 0},
		{"within half an hour", later(saturatedNight(25, 97, [2]float64{80, 25}, [2]float64{80, 25}), 30), 25},
		{"but nobody saw when", later(saturatedNight(25, 97, [2]float64{80, 25}, [2]float64{80, 25}), 50), 0},
		{"from 100 % after seven hours", saturatedNight(43, 100, [2]float64{80, 25}, [2]float64{80, 25}), 43},
		{"from 100 % after less", saturatedNight(42, 100, [2]float64{80, 25}, [2]float64{80, 25}), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Count(reviewed(c.readings), "stuck"); got != c.flags {
				t.Errorf("%d flags, want %d", got, c.flags)
			}
		})
	}
	night := saturatedNight(25, 97, [2]float64{80, 25}, [2]float64{80, 25})
	late := append(append(night[:10:10], night[11:]...), night[10])
	if got := strings.Count(reviewed(late), "stuck"); got != 25 {
		t.Errorf("%d flags when one of them comes late, want 25", got)
	}
}

func TestATemperatureThatIsStuckSaysNothingOfTheHumidity(t *testing.T) {
	run := same(10, 30, meteo.Temperature, 25.3, meteo.Humidity, 40, 60)
	for i, o := range same(10, 20, meteo.Humidity, 61, meteo.Temperature, 30, 30.5) {
		values := map[meteo.Variable]float64{meteo.Humidity: 61, meteo.Temperature: 25.3}
		if i > 10 {
			values[meteo.Temperature] = o.Values[meteo.Temperature]
		}
		run = append(run, reading(300+10*i, values))
	}
	if got := reviewed(run); strings.Contains(got, "humidity_pct stuck") || !strings.Contains(got, "temperature_c stuck") {
		t.Error(got)
	}
}
