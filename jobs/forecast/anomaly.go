package forecast

import (
	"cmp"
	"math"
	"slices"

	"senmeteo/jobs/meteo"
)

// fade is the share that is left, one day later, of the last anomaly that was known: about how anomalies are correlated from day to day.
const fade = 0.5

// How many of the nearest stations a model looks at.
const (
	nearYesterday = 5 // those whose yesterday the model of a station knows
	nearPooled    = 4 // those whose mean the model of all stations knows
)

// anomalies are the departures of a History from the courses of its stations. Nothing at a day depends on later days.
type anomalies struct {
	h       *History
	raw     [numElements][][]float64 // by site and day; NaN where unknown
	filled  [numElements][][]float64 // the last known one, faded, where unknown
	mean7   [numElements][][]float64 // over that day and the six before
	mean30  [numElements][][]float64
	mean90  [numElements][][]float64
	network [numElements][]float64 // mean of all stations by day
	near    [][]int                // the other stations of each, the nearest first
}

func newAnomalies(h *History, courses *[numElements][]course) *anomalies {
	return anomaliesOf(h, func(e element, s int) (raw, filled []float64) { return h.departures(e, s, &courses[e][s]) })
}

// anomaliesOf derives means from the departures of each element and station.
func anomaliesOf(h *History, departures func(e element, s int) (raw, filled []float64)) *anomalies {
	a := &anomalies{h: h, near: nearest(h.sites)}
	for e := range numElements {
		a.network[e] = make([]float64, h.n)
		for s := range h.sites {
			raw, filled := departures(e, s)
			a.raw[e] = append(a.raw[e], raw)
			a.filled[e] = append(a.filled[e], filled)
			a.mean7[e] = append(a.mean7[e], trailing(filled, 7))
			a.mean30[e] = append(a.mean30[e], trailing(filled, 30))
			a.mean90[e] = append(a.mean90[e], trailing(filled, 90))
			for t, x := range filled {
				a.network[e][t] += x / float64(len(h.sites))
			}
		}
	}
	return a
}

func (h *History) departures(e element, s int, c *course) (raw, filled []float64) {
	raw, filled = make([]float64, h.n), make([]float64, h.n)
	last := 0.0
	for t, x := range h.x[e][s] {
		raw[t] = x - c.at(&h.season[t])
		if last *= fade; meteo.Known(raw[t]) {
			last = raw[t]
		}
		filled[t] = last
	}
	return raw, filled
}

// trailing is the mean of x over the n days up to each day; those before the first count as 0, as nothing is known of them.
func trailing(x []float64, n int) []float64 {
	out := make([]float64, len(x))
	for t := range x {
		sum := 0.0
		for _, v := range x[max(0, t-n+1) : t+1] {
			sum += v
		}
		out[t] = sum / float64(n)
	}
	return out
}

// nearest lists the other stations of each, the nearest first and those of unknown places last.
func nearest(sites []Site) [][]int {
	out := make([][]int, len(sites))
	for i, a := range sites {
		km := make([]float64, len(sites))
		for j, b := range sites {
			if km[j] = meteo.DistanceKM(a.Latitude, a.Longitude, b.Latitude, b.Longitude); !meteo.Known(km[j]) {
				km[j] = math.Inf(1)
			}
			if j != i {
				out[i] = append(out[i], j)
			}
		}
		slices.SortStableFunc(out[i], func(x, y int) int { return cmp.Compare(km[x], km[y]) })
	}
	return out
}

// at is x at a day; the first day counts for those before it.
func at(x []float64, t int) float64 { return x[max(t, 0)] }

// features appends what a model knows at the end of a day of one element and station.
type features func(out []float64, e element, s, t int) []float64

// own are the features that need the station alone.
func (a *anomalies) own(out []float64, e element, s, t int) []float64 {
	x, season := a.filled[e][s], &a.h.season[t]
	out = append(out, 1, x[t], at(x, t-1), at(x, t-2), a.mean7[e][s][t], a.mean30[e][s][t], a.mean90[e][s][t])
	out = append(out, x[t]*season[1], x[t]*season[2])
	for other := range rain {
		if other != e {
			out = append(out, a.filled[other][s][t], a.mean7[other][s][t])
		}
	}
	return append(out, a.filled[rain][s][t])
}

// ofStation are the features of the model of one station.
func (a *anomalies) ofStation(out []float64, e element, s, t int) []float64 {
	out = a.own(out, e, s, t)
	for _, o := range a.near[s] {
		out = append(out, a.filled[e][o][t])
	}
	for _, o := range a.near[s][:min(nearYesterday, len(a.near[s]))] {
		out = append(out, at(a.filled[e][o], t-1))
	}
	return append(out, a.network[dewPoint][t], a.network[wind][t])
}

// ofAny are the features of the model of all stations. There are always as many.
func (a *anomalies) ofAny(out []float64, e element, s, t int) []float64 {
	out = a.own(out, e, s, t)
	for _, o := range [...]element{e, dewPoint, wind} {
		out = append(out, a.around(o, s, t))
	}
	return append(out, a.around(e, s, max(t-1, 0)), a.network[e][t], a.network[dewPoint][t], a.network[wind][t])
}

// ofRain are the features of the chance of rain.
func (a *anomalies) ofRain(out []float64, _ element, s, t int) []float64 {
	wet := a.filled[rain]
	out = append(out, 1, wet[s][t], at(wet[s], t-1), a.mean7[rain][s][t], a.mean30[rain][s][t])
	out = append(out, a.around(rain, s, t), a.around(rain, s, max(t-1, 0)), a.network[rain][t])
	for e := range rain {
		out = append(out, a.filled[e][s][t], a.mean7[e][s][t])
	}
	for _, e := range [...]element{dewPoint, wind, tmin, humidity} {
		out = append(out, a.around(e, s, t), a.network[e][t])
	}
	return out
}

// around is the mean of the nearest stations, 0 where there is none.
func (a *anomalies) around(e element, s, t int) float64 {
	near := a.near[s][:min(nearPooled, len(a.near[s]))]
	sum := 0.0
	for _, o := range near {
		sum += a.filled[e][o][t]
	}
	return sum / max(float64(len(near)), 1)
}
