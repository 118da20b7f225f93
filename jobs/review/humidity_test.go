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
