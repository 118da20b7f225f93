package clean

import (
	"time"

	"senmeteo/jobs/meteo"
)

// Readings cleans readings that are not on a topic, such as those of a file, as the step does those of one partition.
type Readings struct{ memory *memory }

// NewReadings makes it. An id is remembered for 48 hours after it arrived. Nil limits are those of the regions of Senegal.
func NewReadings(limits Limits) *Readings {
	return &Readings{memory: newMemory(defaultWindow, 0, limits)}
}

// Clean makes an observation of a reading that arrives at a time: it checks it and counts its revision. A duplicate, and what is refused,
// is left without a quality.
func (r *Readings) Clean(o *meteo.Observation, arrived time.Time) (duplicate bool, refusal *meteo.Refusal) {
	r.memory.forget(arrived)
	return r.memory.clean(o, arrived)
}

// Judge takes in the verdict of `review` on an observation that Clean made, as the next revision of it: what failed is no longer trusted by
// the rule of steps. It reports whether the observation, as it is, is the last revision that is known.
func (r *Readings) Judge(o *meteo.Observation, arrived time.Time) bool {
	if !r.memory.isLast(o) {
		return false
	}
	o.Revision++
	r.memory.add(o, arrived)
	return true
}

// clean decides what a reading that arrives at a time is: an observation, which it completes and remembers, a duplicate, or refused.
func (m *memory) clean(o *meteo.Observation, arrived time.Time) (duplicate bool, refusal *meteo.Refusal) {
	if refusal := implausibleTime(o, arrived); refusal != nil {
		return false, refusal
	}
	takeBack(o)
	o.ID = o.Identity.ID()
	revision, ok := m.revision(o)
	if !ok {
		return true, nil
	}
	o.Revision = revision
	o.FetchedAt = atArrival(o.FetchedAt, arrived)
	Check(o, m.recentOf(o))
	m.add(o, arrived)
	return false, nil
}
