package forecast

import (
	"errors"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// silentDays is for how many days nothing may have been known of an element before it is not forecast any more.
const silentDays = 30

// Daily is the forecast of one station and day.
type Daily struct {
	StationID       string
	IssuedAt        time.Time             // midnight; only days before it were known
	Date            time.Time             // the day that it is for, by the midnight with which it begins
	Lead            int                   // 1 for the day that begins at IssuedAt, up to MaxLead
	Quantiles       [numTargets]Quantiles // in the order of Targets; NaN where nothing was known lately
	RainProbability float64               // of a day of at least WetDayMM, 0 to 1; NaN where nothing was known lately
}

// Forecast returns what is forecast at a midnight: MaxLead days of each station, in their order. h must be of the stations that m was trained
// on. Nothing in h of that day and later has an influence. Stations of which nothing was known lately are left out.
func (m *Model) Forecast(h *History, issued time.Time) ([]Daily, error) {
	return m.ForecastEach(h, issued, issued.AddDate(0, 0, 1))
}

// ForecastEach is Forecast for each midnight from one on and before another.
func (m *Model) ForecastEach(h *History, from, to time.Time) ([]Daily, error) {
	if !slices.EqualFunc(m.sites, h.sites, func(a, b Site) bool { return a.ID == b.ID }) {
		return nil, errors.New("the model was trained on other stations: train it on this history")
	}
	h = h.extended(h.index(to) - 1)
	a := newAnomalies(h, &m.courses)
	var out []Daily
	for t := max(h.index(from)-1, 0); t < h.index(to)-1; t++ {
		for s := range m.sites {
			out = append(out, m.forecast(a, s, t)...)
		}
	}
	return out, nil
}

// extended has unknown days up to n of them.
func (h *History) extended(n int) *History {
	if n <= h.n {
		return h
	}
	longer := &History{sites: h.sites, first: h.first, n: n}
	longer.allocate()
	for e := range h.x {
		for s := range h.x[e] {
			copy(longer.x[e][s], h.x[e][s])
		}
	}
	return longer
}

// forecast is that of a station at the end of a day; nil when nothing was known lately.
func (m *Model) forecast(a *anomalies, s, t int) []Daily {
	out := make([]Daily, MaxLead)
	for i := range out {
		number := a.h.first + t + 1
		out[i] = Daily{StationID: m.sites[s].ID, IssuedAt: dateOf(number), Date: dateOf(number + i), Lead: i + 1, RainProbability: math.NaN()}
	}
	known := false
	var common, own []float64
	for e := range element(numTargets) {
		gap := a.h.gap(e, s, t)
		common, own = a.ofAny(common[:0], e, s, t), a.ofStation(own[:0], e, s, t)
		for i := range out {
			q := &out[i].Quantiles[e]
			if gap > silentDays {
				*q = Quantiles(unknown(len(q)))
				continue
			}
			*q, known = m.quantiles(e, s, i, gap, out[i].Date.YearDay(), common, own), true
		}
	}
	if a.h.gap(rain, s, t) <= silentDays {
		known = true
		common = a.ofRain(common[:0], rain, s, t)
		for i := range out {
			out[i].RainProbability = m.rainProbability(s, i, out[i].Date.YearDay(), common)
		}
	}
	if !known {
		return nil
	}
	return out
}

// gap is for how many days, at the end of a day, nothing was known of an element; more than silentDays is not counted.
func (h *History) gap(e element, s, t int) int {
	for gap := range silentDays + 1 {
		if t-gap >= 0 && meteo.Known(h.x[e][s][t-gap]) {
			return gap
		}
	}
	return silentDays + 1
}

// quantiles forecasts an element of a station i+1 days ahead. Where the last days are not known, the spread is that of a longer lead.
func (m *Model) quantiles(e element, s, i, gap, yearDay int, common, own []float64) Quantiles {
	value := dot(common, m.pooled[e][i])
	if beta := m.station[e][i][s]; beta != nil {
		value = (value + dot(own, beta)) / 2
	}
	season := anglesOfDay(yearDay)
	value += m.courses[e][s].at(&season)
	q := m.spread[e][min(i+gap, MaxLead-1)].around(value, s, yearDay)
	for j, x := range q {
		q[j] = within(e, x)
	}
	return q
}

// within is the value that an element can have which is nearest to x.
func within(e element, x float64) float64 {
	switch e {
	case wind:
		return max(x, 0)
	case humidity:
		return min(max(x, 0), 100)
	}
	return x
}

// rainProbability is that of a station i+1 days ahead.
func (m *Model) rainProbability(s, i, yearDay int, features []float64) float64 {
	chance := m.chances[s][yearDay]
	if i >= len(rainPenalties) || !uncertain(chance) || m.rainAny[i] == nil {
		return chance
	}
	added := dot(features, m.rainAny[i])
	if beta := m.rainOwn[i][s]; beta != nil {
		added = (added + dot(features, beta)) / 2
	}
	return chanceOf(logit(chance) + added)
}
