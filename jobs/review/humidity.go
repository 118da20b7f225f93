package review

import (
	"math"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
)

// A humidity in whole percents may stay the same for hours in calm or dry air: the air changes, and rounding hides it. It is hidden no more when
// the source gives tenths of a percent, or a dew point that it derives from a finer humidity than the one that it gives. Such a humidity that
// stays the same is that of a sensor which is stuck, at any humidity below saturation.
const (
	finelyAlone     = 4 * time.Hour
	finelySaturated = 7 * time.Hour // from saturated on
	whollySaturated = 100           // %: it stays the same in mist, however finely it is known
)

// The resolution of temperatures and dew points, and how much of it rounding takes, °C.
const rounding = 0.05 + 1e-6

// What shows that a dew point is finer than the humidity: of the last finenessReadings before a run of equal humidities, so many at least are off the
// humidity by more than the rounding of temperature and dew point.
const (
	finenessReadings = 18
	finenessLeast    = 3
)

// What of a run of equal humidities from saturated on shows when it ends that the sensor was stuck: it lasted so long, and fell at once.
const (
	saturatedLeast = 4 * time.Hour
	// saturatedFall is by how much more it must have fallen than the warming of the air explains, %, within saturatedEnd. Of 5,819 falls within
	// ten minutes from 95 % and more that were measured in Singapore (see docs/quality-control.md) one in a thousand is as large, and no
	// run of equal humidities came before it.
	saturatedFall = 5
	saturatedEnd  = 40 * time.Minute
)

// saturatedAround judges the runs of equal humidities that an index may end, or belong to when it came late.
func (s *series) saturatedAround(index int, r *Reviewer) {
	for i := max(0, index-2); i <= index; i++ {
		s.saturatedUntil(i, r)
	}
	if x, ok := s.entries[index].value(meteo.Humidity); ok && x >= saturated && index < len(s.entries)-1 {
		_, last, _ := s.runAround(index, meteo.Humidity, x)
		if after, _ := s.neighbour(last, 1, meteo.Humidity); after >= 0 {
			s.saturatedUntil(after, r)
		}
	}
}

// saturatedUntil judges the run of equal humidities that ends before an index: that of a sensor that is stuck while the air is saturated ends
// where the sensor returns to what the air has become. Mist and fog end more slowly.
func (s *series) saturatedUntil(index int, r *Reviewer) {
	const v = meteo.Humidity
	last, x := s.neighbour(index, -1, v)
	if last < 0 || x < saturated || !s.fell(last, index) {
		return
	}
	after, _ := s.neighbour(index, 1, v) // a single value may be wrong itself
	if after < 0 || !s.fell(last, after) {
		return
	}
	least := saturatedLeast
	if x >= whollySaturated {
		least = finelySaturated
	}
	if first, last, readings := s.runAround(last, v, x); readings >= stuckReadings && s.lasted(first, last) >= least {
		s.failRun(first, last, v, x, r)
	}
}

// fell reports whether the humidity fell from one index to another by more than the warming of the air explains.
func (s *series) fell(from, to int) bool {
	x, y := s.entries[from].o.Values[meteo.Humidity], s.entries[to].o.Values[meteo.Humidity]
	warmed := s.entries[to].o.Values[meteo.Temperature] - s.entries[from].o.Values[meteo.Temperature] // NaN when one is not known
	return s.lasted(from, to) <= saturatedEnd && x-y-humidityPerDegree*x*max(0, warmed) >= saturatedFall
}

// stillHumidity narrows a run of equal humidities down to the longest part in which the humidity stayed the same finely. It reports false, and
// leaves the run as it is, when the source does not let it be known.
func (s *series) stillHumidity(first, last int) (from, to int, finely bool) {
	if s.inTenths(meteo.Humidity) {
		return first, last, true
	}
	if !s.inTenths(meteo.Temperature) || !s.inTenths(meteo.DewPoint) || !s.dewPointIsFiner(first) {
		return first, last, false
	}
	from, to = first, first
	for begin := first; begin <= last; {
		b := band{math.Inf(-1), math.Inf(1)}
		end := begin
		for i := begin; i <= last && b.narrow(s.entries[i]); i++ {
			end = i
		}
		start := begin
		for i := begin; i >= first && b.narrow(s.entries[i]); i-- {
			start = i
		}
		if end-start > to-from {
			from, to = start, end
		}
		begin = end + 1
	}
	if !s.mostlyKnown(from, to) {
		return first, last, false
	}
	return from, to, true
}

// mostlyKnown reports whether most entries between two indexes have a temperature and dew point that say something.
func (s *series) mostlyKnown(first, last int) bool {
	known := 0
	for _, e := range s.entries[first : last+1] {
		if _, ok := e.humidityBand(); ok {
			known++
		}
	}
	return 2*known > last-first
}

// mostApart is how many readings of a sensor that is stuck may have the dew point of another humidity, before more of them have its own: those
// whose true value is the same by chance.
const mostApart = 3

// widen extends a part of a run of equal humidities in which the humidity stayed the same finely, over a few readings of which the dew point
// says another one, to those after and before them of which it says the same.
func (s *series) widen(first, last, from, to int) (int, int) {
	b := band{math.Inf(-1), math.Inf(1)}
	for _, e := range s.entries[from : to+1] {
		b.narrow(e)
	}
	return s.widenTo(first, from, -1, &b), s.widenTo(last, to, 1, &b)
}

// widenTo returns the index, at most end, up to which a part that ends at an index reaches in one direction.
func (s *series) widenTo(end, index, direction int, b *band) int {
	same, others := 0, 0
	for i := index + direction; (end-i)*direction >= 0 && others <= mostApart; i += direction {
		if b.narrow(s.entries[i]) {
			same++
		} else {
			others++
		}
		if same > others {
			index, same, others = i, 0, 0
		}
	}
	return index
}

// band is where a humidity can be, %.
type band struct{ low, high float64 }

// narrow narrows the band down to that of the temperature and dew point of an entry, and reports whether any humidity is in both. An entry that
// lacks one of them leaves the band as it is.
func (b *band) narrow(e *entry) bool {
	other, ok := e.humidityBand()
	if !ok {
		return true
	}
	low, high := max(b.low, other.low), min(b.high, other.high)
	if low > high {
		return false
	}
	b.low, b.high = low, high
	return true
}

// humidityBand returns where the humidity is by the temperature and dew point, which are rounded to tenths of a degree.
func (e *entry) humidityBand() (band, bool) {
	t, ok := e.trusted(meteo.Temperature)
	td, both := e.value(meteo.DewPoint)
	if !ok || !both {
		return band{}, false
	}
	return band{clean.RelativeHumidity(t+rounding, td-rounding), clean.RelativeHumidity(t-rounding, td+rounding)}, true
}

// dewPointIsFiner reports whether the dew points before an index say more of the humidity than the humidity itself.
func (s *series) dewPointIsFiner(index int) bool {
	seen, off := 0, 0
	for i := index - 1; i >= 0 && seen < finenessReadings && off < finenessLeast; i-- {
		x, ok := s.entries[i].value(meteo.Humidity)
		b, both := s.entries[i].humidityBand()
		if !ok || !both {
			continue
		}
		seen++
		if x < b.low || x > b.high {
			off++
		}
	}
	return off >= finenessLeast
}

// inTenths reports whether a source gives a variable in tenths: every fourth value at least is not a whole number.
func (s *series) inTenths(v meteo.Variable) bool {
	known, fractions := 0, 0
	for _, e := range s.entries {
		if x, ok := e.value(v); ok {
			known++
			if x != math.Trunc(x) {
				fractions++
			}
		}
	}
	return 4*fractions >= known && fractions > 0
}
