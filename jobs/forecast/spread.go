package forecast

import (
	"math"
	"slices"

	"senmeteo/jobs/meteo"
)

// Levels are the probabilities of the quantiles of a forecast.
var Levels = [...]float64{.05, .10, .25, .50, .75, .90, .95}

// median is its position in Levels.
const median = 3

// Quantiles are the values that the truth stays below with the probabilities of Levels.
type Quantiles [len(Levels)]float64

// Median is the forecast as one value: the one with the least expected absolute error.
func (q *Quantiles) Median() float64 { return q[median] }

const (
	residualDays  = 1100 // the last so many days of the training count
	residualRange = 75   // those within so many days of the season
	poolDays      = 150  // how many of a station outweigh the quantiles of all stations
	scaleDays     = 30   // how many of a station outweigh the scale of all stations
	slots         = 24   // parts of the year, each with quantiles of its own
	medianShare   = .5   // how much of the median of residuals corrects a forecast: that of three years is half chance. Chosen on 2017 and 2018
	leastResidual = .02  // bounds logarithms: less than half of the last digit of all inputs
)

// seasonal is how many of the coefficients of a course describe the scale: two harmonics.
const seasonal = 5

// spread is how the forecasts of one element and lead miss, by station and season.
type spread struct {
	log    []course           // logarithm of the scale of the residuals
	scaled [][slots]Quantiles // of the residuals in units of the scale
}

// spreadPrior is the spread of stations of which too little is known.
type spreadPrior struct {
	log    []course // by site
	scaled Quantiles
}

// newSpread describes residuals by site and day. Without a prior the residuals of all stations are it.
func newSpread(residuals [][]float64, h *History, end int, prior *spreadPrior) spread {
	from := max(0, end-residualDays)
	var logs []course
	if prior != nil {
		logs = prior.log
	} else {
		logs = slices.Repeat([]course{fitScale(residuals, h, from, end, course{}, 0)}, len(residuals))
	}
	sp := spread{scaled: make([][slots]Quantiles, len(residuals))}
	for s, r := range residuals {
		c := fitScale([][]float64{r}, h, from, end, logs[s], scaleDays)
		sp.log = append(sp.log, c)
		for t := from; t < end; t++ {
			r[t] /= math.Exp(c.at(&h.season[t]))
		}
	}
	for slot := range slots {
		sp.fill(slot, residuals, h, from, end, prior)
	}
	return sp
}

// fill sets the quantiles of a part of the year from scaled residuals.
func (sp *spread) fill(slot int, scaled [][]float64, h *History, from, end int, prior *spreadPrior) {
	middle := (float64(slot) + .5) * 365.25 / slots
	own := make([][]float64, len(scaled))
	var pool []float64
	for t := from; t < end; t++ {
		away := math.Abs(float64(h.yearDays[t]) - middle)
		if min(away, 365.25-away) > residualRange {
			continue
		}
		for s := range scaled {
			if z := scaled[s][t]; meteo.Known(z) {
				own[s] = append(own[s], z)
				pool = append(pool, z)
			}
		}
	}
	all := quantilesOf(pool)
	if prior != nil {
		all = mix(all, len(pool), poolDays, prior.scaled)
	}
	for s := range scaled {
		sp.scaled[s][slot] = mix(quantilesOf(own[s]), len(own[s]), poolDays, all)
	}
}

// mix weighs quantiles of n residuals with others, which count as much as pool residuals.
func mix(q Quantiles, n, pool int, all Quantiles) Quantiles {
	w := float64(n) / float64(n+pool)
	for i := range q {
		q[i] = w*q[i] + (1-w)*all[i]
	}
	return q
}

// fitScale fits the course of the logarithm of the size of residuals.
func fitScale(residuals [][]float64, h *History, from, end int, prior course, weight float64) course {
	n := newNormal(seasonal)
	for _, r := range residuals {
		for t := from; t < end; t++ {
			if meteo.Known(r[t]) {
				n.add(h.season[t][:seasonal], math.Log(math.Abs(r[t])+leastResidual)-prior.at(&h.season[t]))
			}
		}
	}
	for i, b := range n.solve(equal(seasonal, weight+tiny)) {
		prior[i] += b
	}
	return prior
}

// quantilesOf sorts values and interpolates between them, as Hyndman and Fan's definition 6 does; all are 0 of none.
func quantilesOf(values []float64) (q Quantiles) {
	n := len(values)
	if n == 0 {
		return q
	}
	slices.Sort(values)
	for i, p := range Levels {
		at := min(max(p*float64(n+1)-1, 0), float64(n-1))
		below := int(at)
		above := min(below+1, n-1)
		q[i] = values[below] + (at-float64(below))*(values[above]-values[below])
	}
	return q
}

// around are the quantiles of a forecast of one value at a site and day of the year.
func (sp *spread) around(value float64, s, yearDay int) Quantiles {
	season := anglesOfDay(yearDay)
	scale := math.Exp(sp.log[s].at(&season))
	q := sp.scaled[s][min(int(float64(yearDay-1)*slots/365.25), slots-1)]
	chance := (1 - medianShare) * q.Median()
	for i := range q {
		q[i] = value + scale*(q[i]-chance)
	}
	return q
}
