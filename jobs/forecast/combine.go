package forecast

import (
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// Guidance is what a model of the atmosphere forecast of one day of a station.
type Guidance struct {
	StationID string
	IssuedAt  time.Time
	Date      time.Time    // the midnight with which the day begins
	Values    meteo.Values // those over the day; NaN where it says nothing
}

// CombinedDays is how many days of issues combinations learn from; those before count less than a twentieth.
const CombinedDays = 200

const (
	forgetting     = .985 // what a day counts of the next one: half after 46 days
	learntDays     = 30   // from how many days on the combination is the forecast
	guidanceHours  = 24   // how old guidance may be at the issue
	combinedInputs = 3    // 1, the anomaly of the guidance, and that of the stations' own forecast
)

// combination is a recursive least-squares regression of an anomaly on what two forecasts say of it (L. Ljung and T. Söderström, Theory and
// Practice of Recursive Identification, 1983, chapter 2). It begins with the own forecast.
type combination struct {
	beta             [combinedInputs]float64
	p                [combinedInputs][combinedInputs]float64 // inverse of the weighted normal equations
	n                int
	missed, ownError float64 // weighted sums of absolute errors, of forecasts of days that were not learnt yet
}

func newCombination() *combination {
	c := &combination{beta: [combinedInputs]float64{0, 0, 1}}
	for i := range c.p {
		c.p[i][i] = 1
	}
	return c
}

func (c *combination) forecast(x *[combinedInputs]float64) (value float64) {
	for i, b := range c.beta {
		value += b * x[i]
	}
	return value
}

// learn learns what became of a forecast.
func (c *combination) learn(x *[combinedInputs]float64, y float64) {
	var px [combinedInputs]float64
	weight := forgetting
	for i := range px {
		for j := range x {
			px[i] += c.p[i][j] * x[j]
		}
		weight += x[i] * px[i]
	}
	missed := y - c.forecast(x)
	for i := range px {
		c.beta[i] += px[i] / weight * missed
		for j := range px {
			c.p[i][j] = (c.p[i][j] - px[i]*px[j]/weight) / forgetting
		}
	}
	c.n++
}

// narrower is how much smaller the errors of the combination were than those of the own forecast; 1 where they were not.
func (c *combination) narrower() float64 {
	if c.ownError == 0 {
		return 1
	}
	return min(c.missed/c.ownError, 1)
}

// Combine moves forecasts that were issued at one time to what guidance and earlier forecasts say together, by how these missed on the days
// that h knows. earlier are the forecasts of issues before, in the order of time and without guidance. The quantiles come nearer to the
// median as the errors became smaller. Guidance that was issued later than a forecast, or more than a day before, has no influence on it.
func (m *Model) Combine(h *History, list, earlier []Daily, guidance []Guidance) {
	known := guidanceOf(guidance)
	type series struct {
		station string
		lead    int
	}
	past := map[series][]*Daily{}
	for i := range earlier {
		key := series{earlier[i].StationID, earlier[i].Lead}
		past[key] = append(past[key], &earlier[i])
	}
	for i := range list {
		d := &list[i]
		s := slices.IndexFunc(m.sites, func(site Site) bool { return site.ID == d.StationID })
		if s < 0 {
			continue
		}
		for e := range element(numTargets) {
			m.combine(h, d, past[series{d.StationID, d.Lead}], known, e, s)
		}
	}
}

// combine moves one element of a forecast.
func (m *Model) combine(h *History, d *Daily, earlier []*Daily, known guides, e element, s int) {
	x, ok := m.inputsOf(d, known, e, s)
	if !ok {
		return
	}
	c := newCombination()
	type open struct { // a forecast whose day was not over when a later one was issued
		x    [combinedInputs]float64
		y    float64
		date time.Time
	}
	var waiting []open
	learn := func(before time.Time) {
		for len(waiting) > 0 && waiting[0].date.Before(before) {
			c.learn(&waiting[0].x, waiting[0].y)
			waiting = waiting[1:]
		}
	}
	for _, p := range earlier {
		learn(p.IssuedAt)
		y := h.Value(int(e), s, p.Date) - m.normal(e, s, p.Date)
		then, ok := m.inputsOf(p, known, e, s)
		if !ok || !p.Date.Before(d.IssuedAt) || !meteo.Known(y) {
			continue
		}
		if c.n >= learntDays {
			c.missed = forgetting*c.missed + math.Abs(y-c.forecast(&then))
			c.ownError = forgetting*c.ownError + math.Abs(y-then[2])
		}
		waiting = append(waiting, open{then, y, p.Date})
	}
	if learn(d.IssuedAt); c.n < learntDays {
		return
	}
	own, k := d.Quantiles[e].Median(), c.narrower()
	for j, q := range d.Quantiles[e] {
		d.Quantiles[e][j] = within(e, m.normal(e, s, d.Date)+c.forecast(&x)+k*(q-own))
	}
}

// normal is the climatology of an element on a day.
func (m *Model) normal(e element, s int, date time.Time) float64 {
	season := anglesOf(date)
	return m.courses[e][s].at(&season)
}

// inputsOf are what is known of the anomaly of a forecast's day when it is issued; ok is false where guidance or forecast is missing.
func (m *Model) inputsOf(d *Daily, known guides, e element, s int) (x [combinedInputs]float64, ok bool) {
	normal := m.normal(e, s, d.Date)
	x = [combinedInputs]float64{1, known.at(d, e) - normal, d.Quantiles[e].Median() - normal}
	return x, meteo.Known(x[1]) && meteo.Known(x[2])
}

// guided is which day of a station guidance is of.
type guided struct {
	station string
	number  int
}

// guides are the guidance of each day, the newest first.
type guides map[guided][]*Guidance

func guidanceOf(list []Guidance) guides {
	known := guides{}
	for i := range list {
		key := guided{list[i].StationID, dayNumber(list[i].Date)}
		known[key] = append(known[key], &list[i])
	}
	for _, of := range known {
		slices.SortStableFunc(of, func(a, b *Guidance) int { return b.IssuedAt.Compare(a.IssuedAt) })
	}
	return known
}

// at is what the newest guidance says that was there when a forecast was issued; NaN where there is none.
func (g guides) at(d *Daily, e element) float64 {
	for _, of := range g[guided{d.StationID, dayNumber(d.Date)}] {
		if of.IssuedAt.After(d.IssuedAt) {
			continue
		}
		if d.IssuedAt.Sub(of.IssuedAt) > guidanceHours*time.Hour {
			break
		}
		if x := of.Values[inputs[e]]; meteo.Known(x) {
			return x
		}
	}
	return math.NaN()
}
