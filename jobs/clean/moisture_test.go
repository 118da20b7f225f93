package clean

import (
	"math"
	"testing"
)

func TestDewPointAndHumidityAreEachOthersInverse(t *testing.T) {
	for _, c := range []struct{ t, rh, td float64 }{{30, 50, 18.4}, {20, 100, 20}, {40, 10, 2.6}, {35, 80, 31.0}, {10, 30, -6.8}} {
		td, perPercent := dewPoint(c.t, c.rh)
		if math.Abs(td-c.td) > 0.06 {
			t.Errorf("the dew point of %g °C and %g %% is %.2f, want %g", c.t, c.rh, td, c.td)
		}
		if rh := RelativeHumidity(c.t, td); math.Abs(rh-c.rh) > 1e-9 {
			t.Errorf("and the humidity of that %.3f", rh)
		}
		next, _ := dewPoint(c.t, c.rh+1e-4)
		if slope := (next - td) / 1e-4; math.Abs(slope-perPercent) > 1e-3 {
			t.Errorf("it rises by %.4f for a percent, not by %.4f", slope, perPercent)
		}
	}
}

func TestMoistureFitsWithinTheRoundingOfItsValues(t *testing.T) {
	for _, c := range []struct {
		name   string
		t, rh  float64
		off    float64 // of the dew point, from that of temperature and humidity
		whole  bool
		allows bool
	}{
		{"as computed", 30.5, 50, 0, false, true},
		{"within the tolerance of moist air", 30.5, 80, 0.46, false, true},
		{"beyond it", 30.5, 80, 0.5, false, false},
		{"below it", 30.5, 80, -0.5, false, false},
		{"within that of dry air", 35.5, 14, 0.94, false, true},
		{"beyond that of dry air", 35.5, 14, -0.98, false, false},
	} {
		td, _ := dewPoint(c.t, c.rh)
		if got := moistureFits(c.t, td+c.off, c.rh); got != c.allows {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// Of 30 °C and 80 % the dew point is 26.2 °C.
	for _, c := range []struct {
		t, td  float64
		allows bool
	}{{30, 25, true}, {30, 24, false}, {30, 27, true}, {30.1, 25, false}, {30, 25.1, false}} {
		if got := moistureFits(c.t, c.td, 80); got != c.allows {
			t.Errorf("%g °C, %g °C and 80 %%: %v", c.t, c.td, got)
		}
	}
	for _, c := range []struct {
		td, rh float64
		allows bool
	}{{-30, 0, true}, {-30, 0.9, true}, {0, 0, false}, {-10, 1, false}, {-10, 0.9, true}, {-24.4, 1, true}} {
		if got := moistureFits(40, c.td, c.rh); got != c.allows {
			t.Errorf("40 °C, %g °C and %g %%: %v", c.td, c.rh, got)
		}
	}
}
