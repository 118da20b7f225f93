package flow

import (
	"cmp"

	"senmeteo/jobs/meteo"
)

// Reduction is what a store keeps of all that was committed to it.
type Reduction int

// The reductions.
const (
	EveryRevision   Reduction = iota // each revision of each id; compaction may leave the last one alone
	LastRevision                     // of each id the one that was fetched last
	LastObservation                  // of each station, source and kind the newest observation, in its last revision
)

// Kept returns the indexes, in their order, of what a store keeps of observations that were committed in this order.
func (r Reduction) Kept(observations []meteo.Observation) []int {
	switch r {
	case LastRevision:
		return lastBy(observations, func(o *meteo.Observation) meteo.ID { return o.ID }, (*meteo.Observation).Replaces)
	case LastObservation:
		return lastBy(observations, SeriesOf, IsNewer)
	}
	all := make([]int, len(observations))
	for i := range all {
		all[i] = i
	}
	return all
}

// lastBy returns the indexes, in their order, of the observations that no later one of the same key replaces.
func lastBy[K comparable](observations []meteo.Observation, key func(*meteo.Observation) K, replaces func(o, before *meteo.Observation) bool) []int {
	last := make(map[K]int, len(observations))
	for i := range observations {
		o := &observations[i]
		if before, ok := last[key(o)]; !ok || replaces(o, &observations[before]) {
			last[key(o)] = i
		}
	}
	kept := make([]int, 0, len(last))
	for i := range observations {
		if last[key(&observations[i])] == i {
			kept = append(kept, i)
		}
	}
	return kept
}

// Series is what a store of last observations keeps one of.
type Series struct {
	StationID, Source string
	Kind              meteo.Kind
}

// SeriesOf returns the series of an observation.
func SeriesOf(o *meteo.Observation) Series { return Series{o.StationID, o.Source, o.Kind} }

// IsNewer reports whether o takes the place of before, which was committed earlier, in a store of last observations: it is of a
// later time, of the same time and issued later, or a revision that replaces it.
func IsNewer(o, before *meteo.Observation) bool {
	if o.ID == before.ID {
		return o.Replaces(before)
	}
	return cmp.Or(o.ObservedAt.Compare(before.ObservedAt), o.IssuedAt.Compare(before.IssuedAt)) > 0
}
