package clean

import (
	"math"
	"sort"
	"time"

	"senmeteo/jobs/meteo"
)

// tolerance is how much a variable may change within a time.
type tolerance struct {
	variable meteo.Variable
	within   [5]float64 // in 1, 2, 3, 6 and 12 hours
}

// gaps are the times of the table below; a shorter gap has the tolerance of the first, a longer one than the last none.
var gaps = [5]time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// tolerances of the WMO's test of time consistency (WMO-No.305). More than 1.5 times as much is Bad.
var tolerances = [3]tolerance{
	{meteo.Temperature, [5]float64{4, 7, 9, 15, 25}},
	{meteo.DewPoint, [5]float64{4, 6, 8, 12, 20}},
	{meteo.Pressure, [5]float64{3, 6, 9, 18, 36}},
}

// humidityStep is what the relative humidity may change within an hour, percent (MADIS level 2).
const humidityStep = 50

// checkStep compares an observation with the last trusted values before it.
func checkStep(o *meteo.Observation, r *recent, v *verdict) {
	if r == nil || o.Kind == meteo.Forecast {
		return
	}
	// A squall line may cool the air by 10 °C and more within minutes: with rain or gusts a step is only suspect.
	squall := o.Values[meteo.Rain] > 0 || o.Values[meteo.RainRate] > 0 || o.Values[meteo.WindGust] > 12
	for _, t := range tolerances {
		before, gap, ok := r.before(o.ObservedAt, t.variable)
		if !ok || !o.Values.Has(t.variable) {
			continue
		}
		allowed := t.within[sort.Search(len(gaps)-1, func(i int) bool { return gap <= gaps[i] })]
		switch step := math.Abs(o.Values[t.variable] - before); {
		case step > 1.5*allowed && !squall:
			v.failVariable(t.variable, RuleStep, meteo.Bad)
		case step > allowed:
			v.failVariable(t.variable, RuleStep, meteo.Suspect)
		}
	}
	before, gap, ok := r.before(o.ObservedAt, meteo.Humidity)
	if ok && gap <= time.Hour && math.Abs(o.Values[meteo.Humidity]-before) > humidityStep {
		if squall {
			v.failVariable(meteo.Humidity, RuleStep, meteo.Suspect)
		} else {
			v.failVariable(meteo.Humidity, RuleStep, meteo.Bad)
		}
	}
}

// recent holds the newest readings of one station, source and kind, sorted by time, for the step rule. Values
// that failed range or step are left out, so that one wrong value does not condemn the next.
type recent struct {
	at     []time.Time
	values [][4]float64
}

// remembered are the variables that recent keeps.
var remembered = [4]meteo.Variable{meteo.Temperature, meteo.DewPoint, meteo.Pressure, meteo.Humidity}

const recentReadings = 64 // late readings find their place among these

// before returns the last trusted value of a variable before t and how much earlier it is: at most 12 hours.
func (r *recent) before(t time.Time, v meteo.Variable) (value float64, gap time.Duration, ok bool) {
	slot := 0
	for remembered[slot] != v {
		slot++
	}
	i := sort.Search(len(r.at), func(i int) bool { return !r.at[i].Before(t) })
	for i--; i >= 0; i-- {
		if gap = t.Sub(r.at[i]); gap > gaps[len(gaps)-1] {
			return 0, 0, false
		}
		if x := r.values[i][slot]; meteo.Known(x) {
			return x, gap, true
		}
	}
	return 0, 0, false
}

// add remembers a checked observation.
func (r *recent) add(o *meteo.Observation) {
	var kept [4]float64
	for slot, v := range remembered {
		kept[slot] = o.Values[v]
		for _, f := range o.QC {
			if f.Subject == v.String() && (f.Rule == RuleRange || f.Rule == RuleStep) {
				kept[slot] = math.NaN()
			}
		}
	}
	i := sort.Search(len(r.at), func(i int) bool { return !r.at[i].Before(o.ObservedAt) })
	if i < len(r.at) && r.at[i].Equal(o.ObservedAt) {
		r.values[i] = kept // a correction
		return
	}
	r.at = append(r.at, time.Time{})
	r.values = append(r.values, [4]float64{})
	copy(r.at[i+1:], r.at[i:])
	copy(r.values[i+1:], r.values[i:])
	r.at[i], r.values[i] = o.ObservedAt, kept
	if len(r.at) > recentReadings {
		r.at = append(r.at[:0], r.at[1:]...)
		r.values = append(r.values[:0], r.values[1:]...)
	}
}
