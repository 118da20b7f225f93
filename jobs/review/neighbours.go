package review

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"senmeteo/jobs/meteo"
)

// What a value is estimated from, as anomalies from the median of the time of day: those of the nearest stations at the same time, its own and
// those of the nearest of all a day ago.
const (
	neighboursNow       = 7
	neighboursYesterday = 4
	features            = neighboursNow + 1 + neighboursYesterday
	neighbourReach      = 1000 // km
	leastNeighbours     = 2    // fewer can't tell which one is wrong
	leastDays           = 4    // of values of one time of day, for a median
	refit               = 12   // slots after which the weights are computed again
)

// compared are the variables that are compared with those of neighbours.
var compared = [...]struct {
	variable meteo.Variable
	least    float64 // a smaller difference from the estimate is not looked at
	noise    float64 // the standard deviation is at least so much
	first    float64 // so many standard deviations begin an episode
	on       float64 // and so many continue it
	hold     int     // the slots that it takes to begin and to end one
	ridge    float64 // in mean squares of the anomalies
	rows     int     // the slots that it takes for an estimate
}{
	{meteo.Pressure, 2, 0.15, 5, 3, 2, 10, 288},
	{meteo.Humidity, math.Inf(1), 3, 5, 3, 2, 10, 288}, // it fails nothing: it is evidence that the air has changed
	{meteo.Temperature, 4, 0.4, 9, 3, 4, 10, 384},
}

// The indexes of compared that code refers to.
const comparedHumidity, comparedTemperature = 1, 2

// comparison is what is remembered of one variable of one station. The rings hold the last historySlots.
type comparison struct {
	values    []float64 // NaN: unknown, or it failed
	anomalies []float64
	residuals []float64
	plain     []float64 // the differences from the plain estimate
	flagged   []bool
	normal    []float64 // medians by time of day; of a time for which there are too few days now, the last ones

	estimated bool // there was an estimate once

	fitted  int64 // the slot in which the weights were computed; -1: never
	gram    *mat.SymDense
	product []float64
	scale   float64              // the mean square of the anomalies, by which the ridge is scaled
	sigma   [slotsPerDay]float64 // of the differences, by time of day

	suspects, passes int // how many slots in a row are beyond, and within, the limits
	failing          bool
}

func newComparison() comparison {
	unknown := func(n int64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	return comparison{
		values: unknown(historySlots), anomalies: unknown(historySlots), residuals: unknown(historySlots), plain: unknown(historySlots), normal: unknown(slotsPerDay),
		flagged: make([]bool, historySlots), fitted: -1,
	}
}

func ring(slot int64) int64 { return ((slot % historySlots) + historySlots) % historySlots }

func timeOfDay(slot int64) int64 { return ((slot % slotsPerDay) + slotsPerDay) % slotsPerDay }

// isFlagged reports whether the values of a slot that is remembered failed.
func (c *comparison) isFlagged(slot int64) bool { return c.flagged[ring(slot)] }

// judge compares the values of all stations in a slot.
func (n *network) judge(slot int64, r *Reviewer) {
	for k := range compared {
		for _, st := range n.stations {
			st.compared[k].begin(slot, st.series.middle(slot, compared[k].variable))
		}
		n.judgeVariable(slot, k, r)
	}
}

// begin takes in the value of a slot, in place of that of ten days ago.
func (c *comparison) begin(slot int64, x float64) {
	var before []float64
	for d := int64(1); d <= historyDays; d++ {
		for near := int64(-1); near <= 1; near++ {
			if d == historyDays && near < 0 {
				continue // its place is that of the slot before this one
			}
			if y := c.values[ring(slot-d*slotsPerDay+near)]; meteo.Known(y) {
				before = append(before, y)
			}
		}
	}
	day := timeOfDay(slot)
	if len(before) >= 2*leastDays {
		c.normal[day] = median(before)
	}
	i := ring(slot)
	c.values[i], c.anomalies[i], c.residuals[i], c.plain[i], c.flagged[i] = x, x-c.normal[day], math.NaN(), math.NaN(), false
}

// judgeVariable finds the stations whose value of one variable does not fit those of their neighbours. The worst one is set aside first, and the
// others are judged again without it.
func (n *network) judgeVariable(slot int64, k int, r *Reviewer) {
	aside := make([]bool, len(n.stations))
	differences := make([]difference, len(n.stations))
	for i, st := range n.stations {
		aside[i] = st.compared[k].failing
	}
	for range len(n.stations) {
		worst := -1
		for i := range n.stations {
			differences[i] = n.difference(slot, k, i, aside)
			if !aside[i] && differences[i].ratio > 1 && (worst < 0 || differences[i].ratio > differences[worst].ratio) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		aside[worst] = true
	}
	for i, st := range n.stations {
		if meteo.Known(st.compared[k].values[ring(slot)]) {
			n.conclude(st, slot, k, differences[i], r)
		}
	}
}

// difference is that of a value and its estimate.
type difference struct {
	amount float64 // NaN: there is no estimate
	sigma  float64 // its standard deviation
	ratio  float64 // how many times the limit it is
}

// difference compares a station's value with what the others say that are not set aside.
func (n *network) difference(slot int64, k, i int, aside []bool) difference {
	c := &n.stations[i].compared[k]
	limit := compared[k].first
	if c.failing || c.suspects > 0 {
		limit = compared[k].on
	}
	d := difference{amount: math.NaN()}
	if x, sigma, ok := n.estimate(slot, k, i, aside); ok {
		d = difference{amount: c.anomalies[ring(slot)] - x, sigma: sigma}
		d.ratio = math.Abs(d.amount) / max(compared[k].least, limit*sigma)
	}
	if x, ok := n.plainEstimate(slot, k, i, aside); ok {
		plain := c.values[ring(slot)] - x
		if d = c.worse(d, plain, slot); math.Abs(plain) <= plainRight {
			d.ratio = 0
		}
	}
	if k == comparedTemperature && n.stations[i].airChanged(slot, d.amount) {
		d.ratio = 0
	}
	return d
}

// By how much the pressure at sea level may differ from that between the neighbours, hPa: whatever it did before, and from what it did before,
// until there is an estimate.
const (
	plainLimit      = 2.5
	plainRight      = 1.2 // so near to the others it is right, whatever was learned while it drifted
	plainLimitFirst = 2.2
	plainFirst      = slotsPerDay // so many slots are "before"
)

// worse returns the difference that is farther beyond its limit: d, or that of the pressure from the plain estimate.
func (c *comparison) worse(d difference, plain float64, slot int64) difference {
	c.plain[ring(slot)] = plain
	out := difference{plain, plainLimit / 5, math.Abs(plain) / plainLimit}
	if meteo.Known(d.amount) {
		c.estimated = true
		if out.ratio <= 1 || d.ratio >= out.ratio {
			return d
		}
		return out
	}
	if c.estimated { // after a long episode: what it was to the others is not known any more
		return out
	}
	if usual := median(c.plainBefore(slot)); meteo.Known(usual) {
		out = difference{plain - usual, plainLimitFirst / 5, max(out.ratio, math.Abs(plain-usual)/plainLimitFirst)}
	}
	return out
}

// plainBefore returns the differences from the plain estimate of trusted values before a slot; nil when they are too few.
func (c *comparison) plainBefore(slot int64) (out []float64) {
	for i, x := range c.plain {
		if meteo.Known(x) && meteo.Known(c.values[i]) && int64(i) != ring(slot) {
			out = append(out, x)
		}
	}
	if int64(len(out)) < plainFirst {
		return nil
	}
	return out
}

// airChanged reports whether the humidity differs from its estimate as that of air that is warmer by so much does: then the air is another one,
// and the thermometer is right.
func (st *station) airChanged(slot int64, warmer float64) bool {
	c := &st.compared[comparedHumidity]
	humidity, moister := c.values[ring(slot)], c.residuals[ring(slot)]
	return moister*warmer < 0 && math.Abs(moister) >= airShare*humidityPerDegree*humidity*math.Abs(warmer)
}

// airShare is the least share of what dry warming would do to the humidity that proves another air.
const airShare = 0.4

// plainEstimate returns the pressure at sea level at a station by those around it, nearer ones counting for more.
func (n *network) plainEstimate(slot int64, k, i int, aside []bool) (x float64, ok bool) {
	if compared[k].variable != meteo.Pressure {
		return 0, false
	}
	me := n.stations[i]
	sum, weights, count := 0.0, 0.0, 0
	for _, j := range me.near {
		other := n.stations[j]
		y := other.compared[k].values[ring(slot)]
		if aside[j] || !meteo.Known(y) {
			continue
		}
		w := 1 / (25 + meteo.DistanceKM(me.latitude, me.longitude, other.latitude, other.longitude))
		sum, weights, count = sum+w*y, weights+w, count+1
	}
	return sum / weights, count >= leastNeighbours
}

// conclude decides what a slot's difference means for a station.
func (n *network) conclude(st *station, slot int64, k int, d difference, r *Reviewer) {
	c := &st.compared[k]
	i := ring(slot)
	if !meteo.Known(d.amount) {
		return
	}
	c.residuals[i] = d.amount
	if d.ratio <= 1 {
		c.suspects = 0
		c.passes++
		if c.failing && c.passes >= compared[k].hold {
			c.failing = false
		}
		return
	}
	c.values[i], c.anomalies[i] = math.NaN(), math.NaN() // nothing is estimated from it
	c.passes = 0
	c.suspects++
	if !c.failing && c.suspects >= compared[k].hold {
		c.failing = true
		for back := slot - 1; back > slot-slotsPerDay && c.belongs(back, k, d); back-- {
			c.flag(back)
			n.failSlot(st, back, k, r)
		}
	}
	if c.failing {
		c.flag(slot)
		n.failSlot(st, slot, k, r)
	}
}

// belongs reports whether the difference in a slot belongs to an episode that was found later.
func (c *comparison) belongs(slot int64, k int, found difference) bool {
	x := c.residuals[ring(slot)]
	return x*found.amount > 0 && math.Abs(x) > max(2*found.sigma, compared[k].least/2)
}

func (c *comparison) flag(slot int64) {
	i := ring(slot)
	c.flagged[i], c.values[i], c.anomalies[i] = true, math.NaN(), math.NaN()
}
