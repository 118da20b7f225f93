package generate

import "math"

// Weather is rough: from one reading to the next it departs from the smooth course of a day. The departures of a station are independent
// of each other every ten minutes, with the Laplace distribution, whose tails are those of measured weather.
//
// The scales are rounded from 115,970 readings every ten minutes of ten stations of the Meteorological Service Singapore, December 2016
// to February 2017 (public repository grandey/access-data-gov-sg, Singapore Open Data Licence), by the three-point statistic
// |x - (before+after)/2|: go test -run Roughness -v ./jobs/source/generate. Nothing was measured of pressure, whose roughness is left as it was.
const (
	roughPeriod = 600.0 // seconds

	roughNight, roughDay, roughRain = 0.04, 0.15, 0.28 // °C: temperature in the small hours, after noon and in rain
	roughDewPoint                   = 1.15             // that of the dew point, by that of the temperature
	roughWind                       = 0.10             // by the wind
)

// roughness is the scale of the temperature's departures.
func roughness(hour float64, air *rainAir) float64 {
	scale := roughNight + (roughDay-roughNight)*max(0, math.Sin(math.Pi*(hour-6.5)/13))
	if air.rate > 0 || air.front > 0 {
		scale = max(scale, roughRain)
	}
	return scale
}

// rough3 gives three departures with the scale 1, between readings of ten minutes along straight lines.
func (s *site) rough3(seconds float64) (z [3]float64) {
	at := seconds / roughPeriod
	knot := math.Floor(at)
	a := laplace3(absorb(s.rough, uint64(int64(knot))))
	share := at - knot
	if share == 0 {
		return a
	}
	b := laplace3(absorb(s.rough, uint64(int64(knot)+1)))
	for i := range z {
		z[i] = a[i] + share*(b[i]-a[i])
	}
	return z
}

// laplace3 makes of one hash three numbers of the Laplace distribution with scale 1; the farthest is 10.4.
func laplace3(bits uint64) (z [3]float64) {
	for i := range z {
		u := (float64(bits&0xffff)+0.5)/32768 - 1 // in (-1, 1)
		z[i] = math.Copysign(math.Log(1-math.Abs(u)), u)
		bits >>= 16
	}
	return z
}
