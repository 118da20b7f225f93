package score

import "senmeteo/jobs/forecast"

// CRPS is the continuous ranked probability score of quantiles, in the unit of y: the integral of the squared difference of the distribution
// and that of an observation y, which is certain. The distribution is linear between the quantiles, and outside of them goes on as between
// the two outermost until it reaches 0 and 1.
func CRPS(q *forecast.Quantiles, y float64) float64 {
	n := len(q)
	var x, p [len(forecast.Quantiles{}) + 2]float64
	for i, level := range forecast.Levels {
		x[i+1], p[i+1] = q[i], level
	}
	x[0], p[0] = q[0]-(q[1]-q[0])*p[1]/(p[2]-p[1]), 0
	x[n+1], p[n+1] = q[n-1]+(q[n-1]-q[n-2])*(1-p[n])/(p[n]-p[n-1]), 1
	total := max(x[0]-y, 0) + max(y-x[n+1], 0) // outside of the distribution the difference is 1
	for i := 1; i <= n+1; i++ {
		total += segment(x[i-1], x[i], p[i-1], p[i], y)
	}
	return total
}

// segment is the part of the integral between two points of the distribution.
func segment(x0, x1, p0, p1, y float64) float64 {
	switch {
	case x1 <= x0:
		return 0
	case y >= x1:
		return squares(x1-x0, p0, p1)
	case y <= x0:
		return squares(x1-x0, 1-p0, 1-p1)
	}
	py := p0 + (p1-p0)*(y-x0)/(x1-x0)
	return squares(y-x0, p0, py) + squares(x1-y, 1-py, 1-p1)
}

// squares is the integral of the square of what goes from a to b over a width.
func squares(width, a, b float64) float64 { return width * (a*a + a*b + b*b) / 3 }
