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
	return from, to, true
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
	t, ok := e.value(meteo.Temperature)
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
