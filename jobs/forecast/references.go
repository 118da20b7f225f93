package forecast

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// References are the forecasts that a model has to beat, from the days before a date.
type References struct {
	h       *History
	courses [numElements][]course
	chances []chances
	damping [numTargets][MaxLead][]float64 // by site
}

// Reference is one of the forecasts that a model has to beat.
type Reference int

// The references.
const (
	Persistence Reference = iota // the last value that was known stays
	Climatology                  // the mean of the day of the year: three harmonics, for rain the share of wet days within 15 days of it
	Damped                       // the last anomaly, times its correlation with that so many days later
	NumReferences
)

// String is its name in reports.
func (r Reference) String() string {
	return [...]string{"persistence", "climatology", "damped_persistence"}[r]
}

// NewReferences fits them to the days before a date.
func NewReferences(h *History, before time.Time) *References {
	end := h.end(before)
	r := &References{h: h}
	r.courses, r.chances = climatologyOf(h, end)
	for e := range numTargets {
		for s := range h.sites {
			raw, _ := h.departures(element(e), s, &r.courses[e][s])
			for i := range MaxLead {
				r.damping[e][i] = append(r.damping[e][i], damping(raw[:end], i+1))
			}
		}
	}
	return r
}

// damping is the coefficient of the regression of an anomaly on that so many days before.
func damping(anomaly []float64, lead int) float64 {
	n := newNormal(1)
	for t := range max(len(anomaly)-lead, 0) {
		if meteo.Known(anomaly[t]) && meteo.Known(anomaly[t+lead]) {
			n.add(anomaly[t:t+1], anomaly[t+lead])
		}
	}
	return n.solve([]float64{tiny})[0]
}

// Of are the references of a target, by its position in Targets, for the day at a lead of what is issued at a midnight; NaN where nothing was
// known lately.
func (r *References) Of(target, site int, issued time.Time, lead int) (values [NumReferences]float64) {
	t := r.h.index(issued) - 1
	c := &r.courses[target][site]
	season := anglesOf(issued.AddDate(0, 0, lead-1))
	values[Climatology] = c.at(&season)
	last, gap := r.last(element(target), site, t)
	values[Persistence] = last
	if t-gap >= 0 {
		then := anglesOf(dateOf(r.h.first + t - gap))
		values[Damped] = values[Climatology] + r.damping[target][min(lead+gap, MaxLead)-1][site]*(last-c.at(&then))
	}
	return values
}

// last is the last value of an element that was known at the end of a day, and how many days before; NaN where nothing was known lately.
func (r *References) last(e element, site, t int) (value float64, gap int) {
	later := max(t-r.h.n+1, 0) // days after the history
	gap = r.h.gap(e, site, t-later) + later
	if gap > silentDays {
		return math.NaN(), gap
	}
	return r.h.x[e][site][t-gap], gap
}

// Rain are the references of the chance of rain; Damped is not one of them, and NaN.
func (r *References) Rain(site int, issued time.Time, lead int) (chances [NumReferences]float64) {
	chances[Climatology] = r.chances[site][issued.AddDate(0, 0, lead-1).YearDay()]
	chances[Persistence], _ = r.last(rain, site, r.h.index(issued)-1)
	chances[Damped] = math.NaN()
	return chances
}
