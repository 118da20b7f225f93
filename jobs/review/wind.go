package review

import (
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
)

// A mean wind in km/h is 3.6 times that in m/s. It is told from a gusty minute by standing out this much from both neighbours in time: less is
// enough when both have a gust and it has none, since the strongest wind does not come without one.
var (
	windAlone    = windJump{rise: 4, times: 2.2}
	windLessGust = windJump{rise: 2, times: 1.5}
)

// windJump is how far a mean wind must be above the higher one of its neighbours: m/s, and as a multiple of it.
type windJump struct{ rise, times float64 }

// gustReach is how many readings away a neighbour with a gust is looked for: one without may be in km/h itself.
const gustReach = 3

// windUnits judges the readings for which the one at an index is a new neighbour.
func (s *series) windUnits(index int, r *Reviewer) {
	for i := max(1, index-gustReach); i <= index+gustReach && i < len(s.entries)-1; i++ {
		if s.isWindInOtherUnit(i) {
			r.fail(s.entries[i], spike, meteo.WindSpeed)
		}
	}
}

// isWindInOtherUnit reports whether a mean wind is in km/h between two in m/s. Where a gust is known, which then is below it, the rule of
// consistency finds it; without one only the neighbours in time can tell.
func (s *series) isWindInOtherUnit(i int) bool {
	x, ok := s.entries[i].value(meteo.WindSpeed)
	if !ok || s.entries[i].o.Values.Has(meteo.WindGust) {
		return false
	}
	before, after := s.windNeighbour(i, -1), s.windNeighbour(i, 1)
	if before == nil || after == nil {
		return false
	}
	least := windAlone
	if before.Has(meteo.WindGust) && after.Has(meteo.WindGust) {
		least = windLessGust
	}
	most := max(before[meteo.WindSpeed], after[meteo.WindSpeed])
	return x >= most+least.rise && x >= most*least.times
}

// windNeighbour returns the nearest values before (-1) or after (1) an index whose mean wind is trusted: those with a gust, if they are among
// the next ones. It is nil when there are none within spikeReach.
func (s *series) windNeighbour(index, direction int) (nearest *meteo.Values) {
	seen := 0
	for i := index + direction; i >= 0 && i < len(s.entries) && seen < gustReach; i += direction {
		e := s.entries[i]
		if time.Duration((e.at-s.entries[index].at)*int64(direction))*time.Microsecond > spikeReach {
			break
		}
		if _, ok := e.value(meteo.WindSpeed); !ok || e.failed[spike].has(meteo.WindSpeed) || e.fails(clean.RuleConsistency, meteo.WindSpeed) {
			continue
		}
		if e.o.Values.Has(meteo.WindGust) {
			return &e.o.Values
		}
		if nearest == nil {
			nearest = &e.o.Values
		}
		seen++
	}
	return nearest
}
