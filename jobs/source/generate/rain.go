package generate

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// burst is one fall of rain, in hours since the begin of its UTC day. It never crosses midnight,
// so that the rain of the calendar day is what the chain and the Gamma distribution gave.
type burst struct {
	begin, end float64 // hours UTC
	mm         float64
	front      float64 // m/s that gusts rise at its begin
}

// Rain is limited to what was seen or nearly so: mm of a day (99.9th percentiles reach 199), and
// mm/h at the peak of a burst.
const (
	mostDay  = 180.0
	mostRate = 80.0
)

// peak is where in a burst the rain is strongest: squall lines rain hard at first, then trail.
const peak = 0.25

// wet reports whether at least 1 mm falls in region r on a day. A uniform number outside the
// interval between the chances of rain after a dry and after a wet day decides alone; inside,
// the day before decides. So walking back to such a day gives the state of the chain exactly.
func (m *Model) wet(day int64, r int) bool {
	flipped := false
	for {
		month := monthOf(day)
		c := &m.climate[r].rain[month]
		u := normalCDF(m.innovations(day)[fieldRain][r])
		switch {
		case u < min(c.afterDry, c.afterWet):
			return !flipped
		case u >= max(c.afterDry, c.afterWet):
			return flipped
		case c.afterDry > c.afterWet: // wet today if yesterday was dry
			flipped = !flipped
		}
		day--
	}
}

// amount is the rain of a wet day in mm.
func (m *Model) rainOf(day int64, r int, c *rainMonth) float64 {
	u := normalCDF(m.innovations(day)[fieldAmount][r])
	return min(wetDay+c.scale*mathext.GammaIncRegInv(c.shape, u), mostDay)
}

// bursts spreads the rain of a wet day over one or two bursts of 1 to 4 hours: most in the
// evening, when squall lines come from the east, the others in the small hours.
func (m *Model) bursts(day int64, r int, mm float64) (out [2]burst, n int) {
	h := hash(m.seed, streamBurst, uint64(r), uint64(day))
	u := [6]float64{}
	for i := range u {
		h = mix(h + golden)
		u[i] = uniform(h)
	}
	evening := mm
	switch {
	case mm > 15 && u[0] < 0.4: // both
		evening = 0.65 * mm
	case u[0] > 0.75: // small hours alone
		evening = 0
	}
	if evening > 0 {
		length := lengthOf(evening, u[1])
		begin := min(17.5+4*u[2], 23-length)
		out[n] = burst{begin, begin + length, evening, front(evening, u[3])}
		n++
	}
	if night := mm - evening; night > 0 {
		begin := 0.1 + 2.5*u[4]
		out[n] = burst{begin, begin + lengthOf(night, u[5]), night, front(night, u[3])}
		n++
	}
	return out, n
}

// lengthOf is how many hours mm of rain take: 1 to 4, or longer than mostRate allows.
func lengthOf(mm, u float64) float64 { return max(1+3*u, 2*mm/mostRate) }

// front is the rise of gusts in front of mm of rain, m/s.
func front(mm, u float64) float64 { return 3 + 13*u*min(1, mm/25) }

// until is the rain of a burst, in mm, that has fallen by an hour of its day.
func (b *burst) until(hour float64) float64 {
	x := (hour - b.begin) / (b.end - b.begin)
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return b.mm
	case x < peak:
		return b.mm * x * x / peak
	default:
		return b.mm * (1 - (1-x)*(1-x)/(1-peak))
	}
}

// rate is the intensity of a burst at an hour of its day, mm/h.
func (b *burst) rate(hour float64) float64 {
	x := (hour - b.begin) / (b.end - b.begin)
	top := 2 * b.mm / (b.end - b.begin)
	switch {
	case x <= 0 || x >= 1:
		return 0
	case x < peak:
		return top * x / peak
	default:
		return top * (1 - x) / (1 - peak)
	}
}

// How the air follows a burst, in hours: it moistens and cools before the rain begins, slowly
// enough for the tolerance of 4 degrees an hour between readings, stays so for a while and
// recovers. Cooling that begins earlier would take from the highest temperature of the day.
const (
	moistenHours = 5.0
	coolHours    = 2.5
	stayHours    = 1.0
	recoverHours = 7.0
)

// nearness reports how near a burst is at an hour of its day (which may be negative or beyond 24):
// it rises from 0 to 1 in the hours before the rain begins and falls back after it.
func (b *burst) nearness(hour, before float64) float64 {
	switch {
	case hour < b.begin:
		return max(0, 1-(b.begin-hour)/before)
	case hour < b.end+stayHours:
		return 1
	default:
		return max(0, 1-(hour-b.end-stayHours)/recoverHours)
	}
}

// squall is the strength of the gust front at an hour of the burst's day, 0 to 1: it rises in
// half an hour and has passed after another hour and a half.
func (b *burst) squall(hour float64) float64 {
	since := hour - b.begin
	if since < 0 {
		return max(0, 1+since/0.5)
	}
	return max(0, 1-since/1.5)
}

// jump is the rise of pressure under a burst in hPa: a cool pool of air builds up in an hour
// and spreads out over four.
func (b *burst) jump(hour float64) float64 {
	since := hour - b.begin
	high := 0.6 + 0.8*min(1, b.mm/30)
	if since < 0 {
		return high * max(0, 1+since)
	}
	return high * max(0, 1-since/4)
}

// cooling is how many degrees a burst may take from the temperature.
func (b *burst) cooling() float64 { return min(1.5+0.1*b.mm, 4) }

// tenth rounds to one decimal, as instruments give it.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }
