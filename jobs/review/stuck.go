package review

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// A sensor is stuck when its value is the same in at least stuckReadings readings and for as long as alone says, or for
// stuckInChange while the temperature and the humidity show that the air has changed.
const (
	stuckReadings = 7
	stuckInChange = 2 * time.Hour
	// stuckGap ends a run: of what came between two readings that are farther apart nothing is known.
	stuckGap = 6 * time.Hour
	// humidityChange is by how much the humidity must have ranged, or would have because of the temperature, %.
	humidityChange = 8
	// humidityPerDegree is the share of itself by which the humidity falls when the same air warms by 1 °C.
	humidityPerDegree = 0.05
	// saturated: a humidity as high may stay for a night, %, unless it would have fallen by saturatedChange.
	saturated       = 95
	saturatedChange = 35
	// dryAfter is how long after rain the air may still be moistened by it.
	dryAfter = 3 * time.Hour
)

// steadies are the variables that are never the same for long, and how long alone proves that the sensor is stuck.
var steadies = [...]struct {
	variable meteo.Variable
	alone    time.Duration
}{
	{meteo.Temperature, 4 * time.Hour},
	{meteo.Humidity, 8 * time.Hour},
	{meteo.Pressure, 4 * time.Hour},
}

// stuck judges the run of equal values around an index, and all of it back to its first reading.
func (s *series) stuck(index int, r *Reviewer) {
	for _, steady := range steadies {
		v := steady.variable
		x, ok := s.entries[index].value(v)
		if !ok {
			continue
		}
		first, last, readings := s.runAround(index, v, x)
		if readings < stuckReadings {
			continue
		}
		finely, from, to := false, first, last
		if v == meteo.Humidity && s.lasted(first, last) >= stuckInChange {
			if first, last, finely = s.stillHumidity(first, last); finely && last-first+1 < stuckReadings {
				continue
			}
		}
		lasted := s.lasted(first, last)
		coarse := s.factorOfResolution(v)
		alone := lasted >= coarse*steady.alone
		switch {
		case finely:
			alone = lasted >= finelyAlone && x < saturated || lasted >= finelySaturated && x < whollySaturated
		case v == meteo.Humidity:
			alone = alone && x < saturated && !s.airSteady(first, last, x)
		}
		if !alone && (lasted < coarse*stuckInChange || !s.airChanged(first, last, v, x, float64(coarse))) {
			continue
		}
		if finely {
			first, last = s.widen(from, to, first, last)
		}
		s.failRun(first, last, v, x, r)
	}
	s.saturatedAround(index, r)
}

// failRun notes that the values x between two indexes are those of a sensor that is stuck.
func (s *series) failRun(first, last int, v meteo.Variable, x float64, r *Reviewer) {
	for _, e := range s.entries[first : last+1] {
		if e.o.Values[v] == x {
			r.fail(e, stuck, v)
		}
	}
}

// lasted returns the time from one index to another.
func (s *series) lasted(first, last int) time.Duration {
	return time.Duration(s.entries[last].at-s.entries[first].at) * time.Microsecond
}

// runAround returns the first and last index, and the number, of the readings around an index whose value is the same. Unknown values and spikes
// do not interrupt them.
func (s *series) runAround(index int, v meteo.Variable, x float64) (first, last, readings int) {
	first, last, readings = index, index, 1
	for _, direction := range [...]int{-1, 1} {
		end := index
		for i := index + direction; i >= 0 && i < len(s.entries); i += direction {
			e := s.entries[i]
			if (e.at-s.entries[end].at)*int64(direction) > stuckGap.Microseconds() {
				break
			}
			y, ok := e.value(v)
			if !ok || e.failed[spike].has(v) {
				continue
			}
			if y != x {
				break
			}
			end = i
			readings++
		}
		first, last = min(first, end), max(last, end)
	}
	return first, last, readings
}

// airChanged reports whether temperature and humidity between two indexes show that a value x of one of them should have changed.
func (s *series) airChanged(first, last int, v meteo.Variable, x, coarse float64) bool {
	switch v {
	case meteo.Temperature:
		return s.ranged(first, last, meteo.Humidity) >= humidityChange*coarse
	case meteo.Humidity:
		if x >= saturated { // air that cools stays saturated
			return humidityPerDegree*x*s.warmed(first, last) >= saturatedChange
		}
		return humidityPerDegree*x*s.ranged(first, last, meteo.Temperature) >= humidityChange && !s.wet(first, last)
	}
	return false
}

// airSteady reports whether the temperature between two indexes is known and so steady that a humidity x may have stayed the same.
func (s *series) airSteady(first, last int, x float64) bool {
	ranged := s.ranged(first, last, meteo.Temperature)
	return ranged > 0 && humidityPerDegree*x*ranged < humidityChange/2
}

// wet reports whether it rained between two indexes or in the hours before: rain cools the air and moistens it at the same time.
func (s *series) wet(first, last int) bool {
	since := s.entries[first].at - dryAfter.Microseconds()
	for i := last; i >= 0 && s.entries[i].at >= since; i-- {
		if vs := &s.entries[i].o.Values; vs[meteo.Rain] > 0 || vs[meteo.RainRate] > 0 {
			return true
		}
	}
	return false
}

// warmed returns by how much the temperature rose between two indexes at most, from its lowest before: without values that failed a rule.
func (s *series) warmed(first, last int) (rise float64) {
	low := math.Inf(1)
	for _, e := range s.entries[first : last+1] {
		if x, ok := e.trusted(meteo.Temperature); ok {
			low = min(low, x)
			rise = max(rise, x-low)
		}
	}
	return rise
}

// ranged returns the difference of the highest and lowest value of a variable between two indexes, without those that failed a rule.
func (s *series) ranged(first, last int, v meteo.Variable) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, e := range s.entries[first : last+1] {
		if x, ok := e.trusted(v); ok {
			low, high = min(low, x), max(high, x)
		}
	}
	return max(0, high-low)
}

// factorOfResolution returns 2 for temperatures and pressures of a source that gives whole numbers, which stay the same for longer, and 1 for
// others.
func (s *series) factorOfResolution(v meteo.Variable) time.Duration {
	if v == meteo.Humidity {
		return 1
	}
	for _, e := range s.entries {
		if x := e.o.Values[v]; meteo.Known(x) && x != math.Trunc(x) {
			return 1
		}
	}
	return 2
}
