package generate

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"senmeteo/jobs/meteo"
)

// field is a standard normal number per region and day that some part of the weather follows.
type field int

// The fields up to numRed are autoregressions of first order; the others have no memory: that of
// rain is in its chain.
const (
	fieldTmax field = iota
	fieldTmin
	fieldHumidity
	fieldWind
	fieldPressure
	fieldDust
	fieldCloud
	fieldDirection
	fieldRain   // whether it rains
	fieldAmount // how much

	numFields = int(iota)
	numRed    = int(fieldRain)
)

// regional holds one number per region.
type regional [numRegions]float64

// lag1 is each field's correlation from day to day. The first four are measured in the data
// (facts: .36-.67, .39-.66, .55-.76 and .31-.57 by station), that of humidity in the upper part
// since wet days, which have little memory, are added to it; the rest are plausible.
var lag1 = [numRed]float64{
	fieldTmax: 0.55, fieldTmin: 0.53, fieldHumidity: 0.72, fieldWind: 0.48,
	fieldPressure: 0.75, fieldDust: 0.75, fieldCloud: 0.40, fieldDirection: 0.50,
}

// memory is how many days back an autoregression is followed. A finite sum of hashed innovations
// is what makes every day reachable by itself.
const memory = 24

// redWeights are the weights of the innovations of the last days in an autoregression of lag-1
// correlation r: its powers, less their mean, with variance 1. Taking away the mean changes the
// correlation of the next days by less than 0.04, but takes a third from the spread of monthly
// means, so that a single generated month is nearer to its normal than a month of nature.
func redWeights(r float64) (w [memory]float64) {
	mean, power := 0.0, 1.0
	for back := range w {
		w[back] = power
		mean += power / memory
		power *= r
	}
	sum := 0.0
	for back := range w {
		w[back] -= mean
		sum += w[back] * w[back]
	}
	for back := range w {
		w[back] /= math.Sqrt(sum)
	}
	return w
}

// blendFields correlates the innovations of one region with each other: Tmax with Tmin (measured
// +.06 to +.41) and with humidity (-.26 to -.66); dust comes with dry air, cloud with humid air.
// Every line keeps the variance at 1.
func blendFields(n *[numFields]float64) {
	tmax, humidity := n[fieldTmax], 0.0
	n[fieldTmin] = blend(0.30, tmax, n[fieldTmin])
	n[fieldHumidity] = blend(-0.48, tmax, n[fieldHumidity])
	humidity = n[fieldHumidity]
	n[fieldDust] = blend(-0.50, humidity, n[fieldDust])
	n[fieldCloud] = blend(0.30, humidity, n[fieldCloud])
}

// blend mixes two independent standard normal numbers into one with correlation rho to a.
func blend(rho, a, own float64) float64 { return rho*a + math.Sqrt(1-rho*rho)*own }

// factor is the lower Cholesky factor of a correlation of the regions; rows are regions.
type factor [numRegions]regional

// newFactor factors the correlation that correlation gives for two regions d kilometres apart.
func newFactor(correlation func(d float64) float64) (*factor, error) {
	c := mat.NewSymDense(numRegions, nil)
	for i := range numRegions {
		for j := i; j < numRegions; j++ {
			a, b := meteo.Stations[i], meteo.Stations[j]
			c.SetSym(i, j, correlation(meteo.DistanceKM(a.Latitude, a.Longitude, b.Latitude, b.Longitude)))
		}
	}
	var decomposed mat.Cholesky
	if !decomposed.Factorize(c) {
		return nil, errors.New("the correlation of the regions is not positive definite")
	}
	var lower mat.TriDense
	decomposed.LTo(&lower)
	var f factor
	for i := range f {
		for j := range i + 1 {
			f[i][j] = lower.At(i, j)
		}
	}
	return &f, nil
}

// apply correlates independent numbers.
func (f *factor) apply(n *regional) (out regional) {
	for i := range f {
		for j := range i + 1 {
			out[i] += f[i][j] * n[j]
		}
	}
	return out
}

// airCorrelation is that of temperature, humidity and wind: it falls to 1/e over 370 km, as measured
// for daily Tmax.
func airCorrelation(km float64) float64 { return math.Exp(-km / 370) }

// pressureCorrelation is that of the pressure. From day to day it rises and falls over thousands of
// kilometres in the tropics, where the Earth's rotation hardly holds a difference; not measured here.
func pressureCorrelation(km float64) float64 { return math.Exp(-km / 1500) }

// rainCorrelation is that of the numbers behind wet days, fitted so that, together with the
// chain, wet days of July to September are correlated as was measured: .47 below 100 km, then
// .38, .30, .23, and .18 beyond 400 km. Monsoon days are wet far and wide, storms fall to 1/e over
// some 200 km, and a tenth is local.
func rainCorrelation(km float64) float64 {
	if km == 0 {
		return 1
	}
	return 0.9 * (0.28 + 0.72*math.Exp(-km/210))
}

// amountCorrelation is that of the amounts of wet days: a storm covers about 100 km.
func amountCorrelation(km float64) float64 { return math.Exp(-km / 100) }

// innovations draws the numbers of one day, correlated in space and with each other but not in
// time, for every field.
func (m *Model) innovations(day int64) *[numFields]regional {
	slot := &m.drawn[mod(day, len(m.drawn))]
	if slot.day == day && slot.filled {
		return &slot.value
	}
	var independent [numFields]regional
	for r := range numRegions {
		var n [numFields]float64
		for f := range n {
			n[f] = normal(hash(m.seed, streamField, uint64(f)<<8|uint64(r), uint64(day)))
		}
		blendFields(&n)
		for f := range n {
			independent[f][r] = n[f]
		}
	}
	slot.day, slot.filled = day, true
	for f := range independent {
		mixer := m.air
		switch field(f) {
		case fieldPressure:
			mixer = m.pressure
		case fieldRain:
			mixer = m.rain
		case fieldAmount:
			mixer = m.amount
		}
		slot.value[f] = mixer.apply(&independent[f])
	}
	return &slot.value
}

// anomalies gives the autoregressions of one day: standard normal, correlated from day to day
// by lag1.
func (m *Model) anomalies(day int64) (out [numRed]regional) {
	for back := range memory {
		n := m.innovations(day - int64(back))
		for f := range out {
			w := m.red[f][back]
			for r := range out[f] {
				out[f][r] += w * n[f][r]
			}
		}
	}
	return out
}

// mod is the remainder of day by n in [0, n), for days before 1970 as well.
func mod(day int64, n int) int {
	i := int(day % int64(n))
	if i < 0 {
		i += n
	}
	return i
}
