package review

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// jump is how far a value must be beyond both of its neighbours in time to be a spike: more than 10 minutes from them, and an hour.
// In between it is interpolated; of nearer readings it is that of 10 minutes, of farther ones, up to spikeReach, that of an hour times the hours.
type jump struct {
	variable         meteo.Variable
	tenMinutes, hour float64
}

// jumps: on labelled and on measured 10-minute readings these find 99.4 to 100 % of spikes of 9 °C, 40 % and 9 hPa.
var jumps = [...]jump{
	{meteo.Temperature, 3, 5},
	{meteo.Humidity, 15, 28},
	{meteo.Pressure, 1.5, 3},
}

// spikeReach is how far away a neighbour in time may be.
const spikeReach = 2 * time.Hour

// within returns the jump for a neighbour at this distance, microseconds.
func (j *jump) within(gap int64) float64 {
	hours := float64(gap) / float64(time.Hour.Microseconds())
	if hours >= 1 {
		return j.hour * hours
	}
	return j.tenMinutes + max(0, hours-1.0/6)/(5.0/6)*(j.hour-j.tenMinutes)
}

// spikes judges the readings for which the one at an index is new, or a new neighbour: itself and those beside it.
func (s *series) spikes(index int, r *Reviewer) {
	for k := range jumps {
		j := &jumps[k]
		before, _ := s.neighbour(index, -1, j.variable)
		after, _ := s.neighbour(index, 1, j.variable)
		for _, i := range [...]int{before, index, after} {
			if i >= 0 && s.isSpike(i, j) {
				r.fail(s.entries[i], spike, j.variable)
			}
		}
	}
	s.windUnits(index, r)
}

// isSpike reports whether a value is beyond both of its neighbours in time.
func (s *series) isSpike(i int, j *jump) bool {
	x, ok := s.entries[i].value(j.variable)
	if !ok {
		return false
	}
	b, before := s.neighbour(i, -1, j.variable)
	a, after := s.neighbour(i, 1, j.variable)
	if b < 0 || a < 0 {
		return false
	}
	rise, fall := x-before, x-after
	return rise*fall > 0 && math.Abs(rise) > j.within(s.entries[i].at-s.entries[b].at) && math.Abs(fall) > j.within(s.entries[a].at-s.entries[i].at)
}

// neighbour returns the nearest usable value of a variable before (-1) or after (1) an index that is not a spike itself; the index is -1 when there
// is none within spikeReach.
func (s *series) neighbour(index, direction int, v meteo.Variable) (int, float64) {
	at := s.entries[index].at
	for i := index + direction; i >= 0 && i < len(s.entries); i += direction {
		e := s.entries[i]
		if (e.at-at)*int64(direction) > spikeReach.Microseconds() {
			break
		}
		if e.failed[spike].has(v) {
			continue
		}
		if x, ok := e.value(v); ok {
			return i, x
		}
	}
	return -1, 0
}
