package clean

import (
	"math"
	"slices"
	"sort"
	"time"

	"senmeteo/jobs/meteo"
)

// remembered are the variables whose steps are checked.
var remembered = [4]meteo.Variable{meteo.Temperature, meteo.DewPoint, meteo.Pressure, meteo.Humidity}

// recent holds the newest readings of one station, source and kind, sorted by time, for the step rule.
type recent struct {
	arrived  time.Time // when the newest arrived
	readings []past
}

// past is what is remembered of one reading. Values out of range are left out. A value that failed the step rule is doubted:
// one wrong value must not condemn the next, but a second that agrees with it confirms it.
type past struct {
	at      time.Time
	values  [len(remembered)]float64
	doubted [len(remembered)]bool
	squall  bool
}

// recentReadings is how many readings of a station are kept; late ones find their place among these.
const recentReadings = 64

// longestGap is how far back a step is looked for.
const longestGap = 12 * time.Hour

// before returns the last trusted value of a variable before t, and the last of all if that one is doubted and newer.
func (r *recent) before(t time.Time, slot int) (trusted, doubted *past) {
	for i := r.index(t) - 1; i >= 0; i-- {
		p := &r.readings[i]
		switch {
		case t.Sub(p.at) > longestGap:
			return nil, doubted
		case !meteo.Known(p.values[slot]):
		case !p.doubted[slot]:
			return p, doubted
		case doubted == nil:
			doubted = p
		}
	}
	return nil, doubted
}

// squallBefore reports whether a squall line may have passed within the hour before t.
func (r *recent) squallBefore(t time.Time) bool {
	for i := r.index(t) - 1; i >= 0 && t.Sub(r.readings[i].at) <= time.Hour; i-- {
		if r.readings[i].squall {
			return true
		}
	}
	return false
}

// index is where a reading of time t stands or would stand.
func (r *recent) index(t time.Time) int {
	return sort.Search(len(r.readings), func(i int) bool { return !r.readings[i].at.Before(t) })
}

// step is how much a variable has changed since p, and how much it may.
func (p *past) step(t time.Time, x float64, slot int) (step, allowed float64) {
	return math.Abs(x - p.values[slot]), allowedStep(slot, t.Sub(p.at))
}

// add remembers a checked observation.
func (r *recent) add(o *meteo.Observation) {
	p := past{at: o.ObservedAt, squall: isSquall(o)}
	for slot, v := range remembered {
		p.values[slot] = o.Values[v]
		for _, f := range o.QC {
			switch {
			case f.Subject != v.String():
			case f.Rule == RuleRange:
				p.values[slot] = math.NaN()
			case f.Rule == RuleStep:
				p.doubted[slot] = true
			}
		}
	}
	i := r.index(p.at)
	if i < len(r.readings) && r.readings[i].at.Equal(p.at) {
		r.readings[i] = p // a correction
		return
	}
	r.readings = slices.Insert(r.readings, i, p)
	if len(r.readings) > recentReadings {
		r.readings = slices.Delete(r.readings, 0, 1)
	}
}
