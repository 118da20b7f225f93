package forecast

import (
	"runtime"
	"sync"
	"time"

	"senmeteo/jobs/meteo"
)

// MaxLead is the furthest day that is forecast; the day that begins when a forecast is issued is the first.
const MaxLead = 7

// EstablishedDays is from how many known days on an element of a station has a climatology and a regression of its own. Before, they come
// from climatological normals and from all stations.
const EstablishedDays = 730

// normalsDays is how many days of a station outweigh the normals in its climatology until it is established.
const normalsDays = 180

// Model forecasts the stations that it was trained on.
type Model struct {
	sites   []Site
	courses [numElements][]course            // by site
	chances []chances                        // by site
	pooled  [numTargets][MaxLead][]float64   // coefficients of ofAny
	station [numTargets][MaxLead][][]float64 // of ofStation by site, nil of one that is not established
	spread  [numTargets][MaxLead]spread
	rainAny [len(rainPenalties)][]float64   // of ofRain
	rainOwn [len(rainPenalties)][][]float64 // of ofRain by site, nil of one that is not established
}

// TrainedBefore returns before which date the models are trained that forecast what is issued at a time: 1 January of its year, or, as long
// as no station was established then, the day of the issue itself. So that a year's forecasts come from one model.
func TrainedBefore(h *History, issued time.Time) time.Time {
	january := time.Date(issued.UTC().Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	if len(h.Established(january)) > 0 {
		return january
	}
	return dateOf(dayNumber(issued))
}

// Established lists the stations whose forecasts a training before a date makes of measurements alone: of each the maximum temperature is
// known on EstablishedDays before it, and every other element on as many or on none.
func (h *History) Established(before time.Time) (sites []Site) {
	end := h.end(before)
	for s, site := range h.sites {
		if h.known(tmax, s, end) >= EstablishedDays && !h.begun(s, end) {
			sites = append(sites, site)
		}
	}
	return sites
}

// begun reports whether an element of a station is known, but on too few days.
func (h *History) begun(s, end int) bool {
	for e := range numElements {
		if n := h.known(e, s, end); n > 0 && n < EstablishedDays {
			return true
		}
	}
	return false
}

// end is how many days of the series are before a date.
func (h *History) end(before time.Time) int { return min(max(h.index(before), 0), h.n) }

// Train fits a model to the days before a date. No later day has an influence.
func Train(h *History, before time.Time) *Model {
	end := h.end(before)
	m := &Model{sites: h.sites}
	m.courses, m.chances = climatologyOf(h, end)
	tr := newTraining(h, end, newAnomalies(h, &m.courses))
	inParallel(numTargets*MaxLead+len(rainPenalties), func(i int) {
		if e := element(i / MaxLead); e < numTargets {
			m.fit(tr, e, i%MaxLead+1)
		} else {
			m.fitRain(tr, i%MaxLead+1)
		}
	})
	return m
}

// climatologyOf is that of each station by the days before end.
func climatologyOf(h *History, end int) (courses [numElements][]course, wet []chances) {
	for s, site := range h.sites {
		normals := normalsOf(site)
		for e := range numElements {
			prior, weight := normals.courses[e], float64(normalsDays)
			if h.known(e, s, end) >= EstablishedDays {
				prior, weight = course{}, 0
			}
			courses[e] = append(courses[e], fitCourse(h.x[e][s], h.season, end, prior, weight))
			if e == rain {
				wet = append(wet, countChances(h.x[e][s], h, end, &normals.chances, weight*(2*rainWindow+1)/365))
			}
		}
	}
	return courses, wet
}

// mostWorkers bounds the memory of training, which each worker adds to: about 15 MB with seven years of 14 stations.
const mostWorkers = 4

// inParallel calls do with 0 to n-1 on every core, up to mostWorkers.
func inParallel(n int, do func(i int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), mostWorkers) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// training is what models are fitted to.
type training struct {
	h      *History
	end    int // the first day that the training does not know
	a      *anomalies
	errors *anomalies // yearErrors, 0 of stations that are not established: how much higher anomalies are without the year's own climatology
}

func newTraining(h *History, end int, a *anomalies) *training {
	tr := &training{h: h, end: end, a: a}
	tr.errors = anomaliesOf(h, func(e element, s int) (raw, filled []float64) {
		errors := make([]float64, h.n)
		if e != rain && h.known(e, s, end) >= EstablishedDays {
			errors = yearErrors(h.x[e][s], h, end)
		}
		return errors, errors
	})
	return tr
}

// row is which station and day the features of a row of a problem are from.
type row struct{ s, t int }

// established are the stations with a regression of their own.
func (tr *training) established(e element) (sites []int) {
	for s := range tr.h.sites {
		if tr.h.known(e, s, tr.end) >= EstablishedDays {
			sites = append(sites, s)
		}
	}
	return sites
}

func (tr *training) everyone() (sites []int) {
	for s := range tr.h.sites {
		sites = append(sites, s)
	}
	return sites
}

// problem gathers the rows of stations whose target is known and wanted, in the order of time; the targets are left out.
func (tr *training) problem(e element, lead int, stations []int, f features, wanted func(s, t int) bool) (*problem, []row) {
	q := &problem{free: 1}
	var rows []row
	for t := range max(tr.end-lead, 0) {
		for _, s := range stations {
			if meteo.Known(tr.h.x[e][s][t+lead]) && wanted(s, t+lead) {
				rows = append(rows, row{s, t})
			}
		}
	}
	if len(rows) == 0 {
		return q, nil
	}
	q.p = len(f(nil, e, rows[0].s, rows[0].t))
	q.x = make([]float64, 0, q.p*len(rows))
	q.y = make([]float64, len(rows))
	q.fold = make([]int, len(rows))
	for i, r := range rows {
		q.x = f(q.x, e, r.s, r.t)
		q.fold[i] = tr.h.years[r.t+lead] - tr.h.years[0]
	}
	return q, rows
}

// regression gathers the rows of a regression of anomalies.
func (tr *training) regression(e element, lead int, stations []int, f features) (*problem, []row) {
	q, rows := tr.problem(e, lead, stations, f, func(int, int) bool { return true })
	for i, r := range rows {
		q.y[i] = tr.a.raw[e][r.s][r.t+lead]
	}
	return q, rows
}

// fit fits the regressions of an element and lead, and their spread to how they miss the years that they were not fitted to.
func (m *Model) fit(tr *training, e element, lead int) {
	established := tr.established(e)
	var prior *spreadPrior
	q, rows := tr.regression(e, lead, tr.everyone(), tr.a.ofAny)
	left := make([][]float64, len(m.sites)) // what was forecast without the year in question, by station and day
	for s := range left {
		left[s] = unknown(tr.end)
	}
	if len(established) > 0 {
		s := q.fit()
		m.pooled[e][lead-1] = s.beta
		for i, x := range tr.unseen(e, lead, tr.errors.ofAny, q, rows, &s) {
			left[rows[i].s][rows[i].t+lead] = x
		}
	} else {
		m.pooled[e][lead-1] = shipped().Pooled[e][lead-1]
		for i, r := range rows {
			left[r.s][r.t+lead] = dot(q.row(i), m.pooled[e][lead-1])
		}
		prior = shipped().spread(m.sites, e, lead)
	}
	m.station[e][lead-1] = make([][]float64, len(m.sites))
	for _, s := range established {
		q, rows := tr.regression(e, lead, []int{s}, tr.a.ofStation)
		sol := q.fit()
		m.station[e][lead-1][s] = sol.beta
		for i, x := range tr.unseen(e, lead, tr.errors.ofStation, q, rows, &sol) {
			f := &left[s][rows[i].t+lead]
			*f = (*f + x) / 2
		}
	}
	for s, x := range left {
		for t := range x {
			x[t] = tr.a.raw[e][s][t] - x[t]
		}
	}
	m.spread[e][lead-1] = newSpread(left, tr.h, tr.end, prior)
}

// unseen is what a regression forecasts of each of its rows, as an anomaly, when neither its coefficients nor the climatology know the year of
// the row.
func (tr *training) unseen(e element, lead int, errors features, q *problem, rows []row, s *solution) []float64 {
	out := make([]float64, len(rows))
	var x []float64
	for i, r := range rows {
		x = errors(x[:0], e, r.s, r.t)
		x[0] = 0 // of the constant there is no error
		out[i] = dot(q.row(i), s.left[q.fold[i]]) + dot(x, s.beta) - tr.errors.raw[e][r.s][r.t+lead]
	}
	return out
}

// fitRain fits the regressions of the chance of rain at a lead.
func (m *Model) fitRain(tr *training, lead int) {
	m.rainOwn[lead-1] = make([][]float64, len(m.sites))
	established := tr.established(rain)
	if len(established) == 0 {
		m.rainAny[lead-1] = shipped().Rain[lead-1]
		return
	}
	fit := func(stations []int) []float64 {
		chance := func(s, t int) float64 { return m.chances[s][tr.h.yearDays[t]] }
		q, rows := tr.problem(rain, lead, stations, tr.a.ofRain, func(s, t int) bool { return uncertain(chance(s, t)) })
		if len(rows) == 0 {
			return nil
		}
		l := &logistic{*q, make([]float64, len(rows))}
		for i, r := range rows {
			l.y[i], l.offset[i] = tr.h.x[rain][r.s][r.t+lead], logit(chance(r.s, r.t+lead))
		}
		return l.fit(rainPenalties[lead-1])
	}
	m.rainAny[lead-1] = fit(tr.everyone())
	for _, s := range established {
		m.rainOwn[lead-1][s] = fit([]int{s})
	}
}

// uncertain reports whether regressions forecast rain where its climatological chance is this.
func uncertain(chance float64) bool { return chance >= rareRain && chance < 1 }
