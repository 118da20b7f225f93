package meteo

import (
	"math"
	"testing"
)

// The slow way: angles that add up to a whole turn around a point inside, and the distances of points along the border.
func TestTheBorderIsWhereASlowComputationFindsIt(t *testing.T) {
	var line [][2]float64 // every 2 km
	for i, a := range border {
		if a[0] < 12 || a[0] > 17 || a[1] < -18 || a[1] > -11 {
			t.Errorf("%v is far from Senegal", a)
		}
		b := border[(i+1)%len(border)]
		for n, steps := 0.0, math.Ceil(DistanceKM(a[0], a[1], b[0], b[1])/2); n < steps; n++ {
			line = append(line, [2]float64{a[0] + (b[0]-a[0])*n/steps, a[1] + (b[1]-a[1])*n/steps})
		}
	}
	for row := range 28 {
		for column := range 42 {
			latitude, longitude := 11.63+0.21*float64(row), -19.04+0.21*float64(column)
			turn, nearest := 0.0, math.Inf(1)
			for i, a := range line {
				b := line[(i+1)%len(line)]
				x1, y1, x2, y2 := a[1]-longitude, a[0]-latitude, b[1]-longitude, b[0]-latitude
				turn += math.Atan2(x1*y2-x2*y1, x1*x2+y1*y2)
				nearest = min(nearest, DistanceKM(latitude, longitude, a[0], a[1]))
			}
			inside := math.Abs(turn) > math.Pi
			if math.Abs(nearest-BorderKM) < 0.3 {
				continue // both are approximations
			}
			if want := inside || nearest <= BorderKM; WithinBorder(latitude, longitude) != want {
				t.Errorf("%.2f, %.2f, %.1f km from the border, is within: %v, want %v", latitude, longitude, nearest, !want, want)
			}
		}
	}
}

func TestNoPlaceIsWithinTheBorderWithoutCoordinates(t *testing.T) {
	for _, p := range [][2]float64{{math.NaN(), -14}, {14, math.NaN()}, {math.Inf(1), -14}, {14, math.Inf(-1)}, {14, 346}} {
		if WithinBorder(p[0], p[1]) {
			t.Errorf("%v is within", p)
		}
	}
}

// Points where the slope of the border decides.
func TestThePlacesBesideTheRiverAndTheCoastAreWithinTheBorderOrNot(t *testing.T) {
	for p, want := range map[[2]float64]bool{
		{15.24, -16.64}: true, {14.94, -16.88}: true, {15.36, -16.56}: true,
		{16.64, -14.06}: false, {16.60, -14.02}: false, {16.66, -14.08}: false,
	} {
		if got := WithinBorder(p[0], p[1]); got != want {
			t.Errorf("%v is within: %v, want %v", p, got, want)
		}
	}
}

func TestTheBoxAroundSenegalEndsAtItsSides(t *testing.T) {
	for p, want := range map[[2]float64]bool{
		{14, -14}: true, {12.29, -14}: false, {16.71, -14}: false, {14, -17.56}: false, {14, -11.36}: false, {14, 11}: false,
	} {
		if got := InSenegal(p[0], p[1]); got != want {
			t.Errorf("%v is in the box: %v, want %v", p, got, want)
		}
	}
}
