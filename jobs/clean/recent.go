package clean

import (
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// recent holds the newest readings of one station, source and kind, sorted by time, for the step rule.
type recent struct {
	limits   *months   // of the station; nil when there are none
	arrived  time.Time // when the newest arrived
	readings []past
}

// past is what is remembered of one reading. Values out of range are left out. A value that failed the step rule is doubted:
// one wrong value must not condemn the next, but a second that agrees with it confirms it.
type past struct {
	at      int64 // microseconds since 1970, of which times are whole numbers
	values  [len(remembered)]float64
	doubted [len(remembered)]bool
	squall  bool
}

// recentReadings is how many readings of a station are kept; late ones find their place among these.
const recentReadings = 64

// longestGap is how far back a step is looked for.
const longestGap = 12 * time.Hour

// before returns the last trusted value of a variable among the readings up to an index, which are earlier than t, and the last of all if
// that one is doubted and newer.
func (r *recent) before(t int64, index, slot int) (trusted, doubted *past) {
	for i := index - 1; i >= 0; i-- {
		p := &r.readings[i]
		switch {
		case t-p.at > longestGap.Microseconds():
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

// squallBefore reports whether a squall line may have passed within the hour before t, by the readings up to an index.
func (r *recent) squallBefore(t int64, index int) bool {
	for i := index - 1; i >= 0 && t-r.readings[i].at <= time.Hour.Microseconds(); i-- {
		if r.readings[i].squall {
			return true
		}
	}
	return false
}

// moistened reports whether a fall of the temperature is that of a squall line though neither rain nor a gust is known, as in hourly readings: the
// air is moist after it, and the humidity has risen as it does when air cools. In the dry season of Senegal there are none.
func (r *recent) moistened(o *meteo.Observation, at int64, index int, fall float64) bool {
	if m := o.ObservedAt.Month(); strings.HasPrefix(o.StationID, "SN-") && (m < time.May || m > time.November) {
		return false
	}
	before, _ := r.before(at, index, humiditySlot)
	return before != nil && o.Values[meteo.Humidity] >= moistAir && o.Values[meteo.Humidity]-before.values[humiditySlot] >= risePerDegree*fall
}

// What the humidity does in a squall line.
const (
	moistAir      = 70 // %, at least after it
	risePerDegree = 2  // %, at least for each degree that the temperature falls
)

// returns reports whether a value is the first good one after an episode in which a sensor was wrong. Either it stood still, and the value fits what it
// was when that began; or a second wrong value confirmed a first one, and the value fits what was trusted before the two; or a single value was
// trusted, as a fall in rain is, and this one is back where it was before that.
func (r *recent) returns(t int64, index int, x float64, slot int) bool {
	var last, confirming *past // the last trusted one, and the one after the reading at hand
	still := true
	for i := index - 1; i >= 0 && t-r.readings[i].at <= longestGap.Microseconds(); i-- {
		p := &r.readings[i]
		if !meteo.Known(p.values[slot]) {
			continue
		}
		if p.doubted[slot] {
			if confirming == nil {
				continue
			}
			step, allowed := p.step(confirming.at, confirming.values[slot], slot)
			if step > allowed {
				return false
			}
			before, _ := r.before(t, i, slot)
			return before != nil && before.fits(t, x, slot)
		}
		if last == nil {
			last = p
		} else if confirming == last && p.fits(t, x, slot) && math.Abs(x-p.values[slot]) <= backShare*math.Abs(x-last.values[slot]) {
			return true
		}
		still = still && p.values[slot] == last.values[slot]
		if still && p.fits(t, x, slot) {
			return true
		}
		confirming = p
	}
	return false
}

// backShare is how near to the value before a single one that was trusted another is, by its distance from that one, when it is back there.
const backShare = 0.25

// fits reports whether a value may follow p.
func (p *past) fits(t int64, x float64, slot int) bool {
	step, allowed := p.step(t, x, slot)
	return step <= allowed
}

// index is where a reading of time t is or would be: mostly at the end.
func (r *recent) index(t int64) int {
	n := len(r.readings)
	if n == 0 || r.readings[n-1].at < t {
		return n
	}
	return sort.Search(n, func(i int) bool { return r.readings[i].at >= t })
}

// step is how much a variable has changed since p, and how much it may.
func (p *past) step(t int64, x float64, slot int) (step, allowed float64) {
	return math.Abs(x - p.values[slot]), allowedStep(slot, time.Duration(t-p.at)*time.Microsecond)
}

// isReviewed reports whether a rule is one of package review.
func isReviewed(r meteo.Rule) bool { return r == RuleSpike || r == RuleStuck || r == RuleNeighbours }

// restsOn reports whether a variable is the subject of a failure, or is derived from it: loggers derive the dew point from temperature and humidity.
func restsOn(v meteo.Variable, subject string) bool {
	return v.String() == subject || v == meteo.DewPoint && (subject == meteo.Temperature.String() || subject == meteo.Humidity.String())
}

// add remembers a checked observation.
func (r *recent) add(o *meteo.Observation) {
	p := past{at: o.ObservedAt.UnixMicro(), squall: isSquall(o)}
	for slot := range remembered {
		v := remembered[slot].variable
		p.values[slot] = o.Values[v]
		for _, f := range o.QC {
			switch {
			case f.Subject == v.String() && f.Rule == RuleRange:
				p.values[slot] = math.NaN()
			case f.Subject == v.String() && f.Rule == RuleStep, isReviewed(f.Rule) && restsOn(v, f.Subject):
				p.doubted[slot] = true
			}
		}
	}
	i := r.index(p.at)
	if i < len(r.readings) && r.readings[i].at == p.at {
		r.readings[i] = p // a correction
		return
	}
	r.readings = slices.Insert(r.readings, i, p)
	if len(r.readings) > recentReadings {
		r.readings = r.readings[1:] // the array grows, and is copied, once for many readings
	}
}
