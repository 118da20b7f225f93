package export

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// tally sums up the values of one variable.
type tally struct {
	n         int
	total     float64
	low, high float64
	slots     int // expected times at which there is one
	lastSlot  int
}

func (t *tally) add(x float64, slot int) {
	if t.n == 0 || slot != t.lastSlot {
		t.slots, t.lastSlot = t.slots+1, slot
	}
	if t.n == 0 {
		t.low, t.high = x, x
	}
	t.n++
	t.total += x
	t.low, t.high = min(t.low, x), max(t.high, x)
}

// span is what was measured in three hours or a day.
type span struct {
	from, to time.Time
	every    time.Duration // how often readings are expected
	of       [meteo.NumVariables]tally
	over     [meteo.NumVariables]tally // values over an interval inside
	whole    [meteo.NumVariables]float64
	rain     float64
	wet      time.Duration // that rain covers
	rainEnd  time.Time
	seen     bool
}

func newSpan(from, to time.Time, every time.Duration) *span {
	s := &span{from: from, to: to, every: every, rainEnd: from}
	for v := range s.whole {
		s.whole[v] = math.NaN()
	}
	return s
}

// addMoment counts the values of the moment.
func (s *span) addMoment(m *query.Measured) {
	s.seen = true
	slot := int(m.At.Sub(s.from) / s.every)
	for v, x := range m.Values {
		if !meteo.Variable(v).Over() && meteo.Known(x) {
			s.of[v].add(x, slot)
		}
	}
}

// addInterval counts the values over an interval, when all of it is inside. Intervals that overlap one before do not count for a sum.
func (s *span) addInterval(m *query.Measured) {
	length := time.Duration(m.IntervalS) * time.Second
	begin := m.At.Add(-length)
	if begin.Before(s.from) {
		return
	}
	isWhole := length == s.to.Sub(s.from)
	s.seen = s.seen || isWhole
	for v, x := range m.Values {
		switch {
		case !meteo.Variable(v).Over() || !meteo.Known(x):
		case isWhole:
			s.whole[v] = x
		case meteo.Variable(v) != meteo.Rain:
			s.over[v].add(x, 0)
		case length > 0 && !begin.Before(s.rainEnd):
			s.rain += x
			s.wet += length
			s.rainEnd = m.At
		}
	}
}

// values returns what the span's values are.
func (s *span) values() Values {
	var out Values
	for e := range elements {
		out[e] = s.value(Element(e))
	}
	return out
}

func (s *span) value(e Element) Value {
	switch d := &elements[e]; {
	case d.method == sum:
		return s.amount(d.ofDay)
	case e == Gust:
		return s.gust()
	case d.method == mean:
		return s.mean(d.of, d.ofDay)
	default:
		return s.extreme(d.method, d.of, d.ofDay)
	}
}

// mean is that of the values of the moment, or where these are too few that of the whole span.
func (s *span) mean(of, ofDay meteo.Variable) Value {
	own := &s.of[of]
	share, enough := s.share(own)
	switch {
	case enough:
		return Value{own.total / float64(own.n), share}
	case meteo.Known(s.whole[ofDay]):
		return Value{s.whole[ofDay], 1}
	}
	return absent(share)
}

// extreme is the highest or lowest of the values of the moment, of those of intervals inside, and of that of the whole span.
func (s *span) extreme(how method, of, ofDay meteo.Variable) Value {
	share, enough := s.share(&s.of[of])
	x := s.whole[ofDay]
	if meteo.Known(x) {
		share, enough = 1, true
	}
	if !enough {
		return absent(share)
	}
	for _, t := range []*tally{&s.of[of], &s.over[ofDay]} {
		switch {
		case t.n == 0:
		case how == highest && !(x >= t.high):
			x = t.high
		case how == lowest && !(x <= t.low):
			x = t.low
		}
	}
	return Value{x, share}
}

// gust is the strongest one. Many stations report gusts only where there are some: it rests on the readings of the wind.
func (s *span) gust() Value {
	share, enough := s.share(&s.of[meteo.WindSpeed])
	x := s.whole[meteo.WindGust]
	if meteo.Known(x) {
		share, enough = 1, true
	}
	if t := &s.over[meteo.WindGust]; t.n > 0 && !(x >= t.high) {
		x = t.high
	}
	if !enough {
		return absent(share)
	}
	return Value{x, share}
}

// amount is what fell in the span, when that is known of all of it.
func (s *span) amount(v meteo.Variable) Value {
	span := s.to.Sub(s.from)
	switch {
	case s.wet >= span:
		return Value{s.rain, 1}
	case meteo.Known(s.whole[v]):
		return Value{s.whole[v], 1}
	}
	return absent(float64(s.wet) / float64(span))
}

// share is how many of the expected readings there are, and whether these are enough.
func (s *span) share(t *tally) (share float64, enough bool) {
	expected := max(1, int(s.to.Sub(s.from)/s.every))
	there := min(t.slots, expected)
	return float64(there) / float64(expected), there*6 >= expected*5
}
