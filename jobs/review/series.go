package review

import (
	"slices"
	"sort"
	"time"

	"senmeteo/jobs/meteo"
)

// How long readings can still be judged, and how many of one series are kept.
const (
	window     = 26 * time.Hour
	maxEntries = 2_000
)

// series holds the readings of one station and source that can still be judged, sorted by time.
type series struct {
	entries []*entry
	network *network
	member  int // the station's index in network
}

// news is what an observation that is added says.
type news int

// The kinds of news.
const (
	nothing  news = iota // it is older than what is kept, or known already
	restated             // a later revision with the values that are known
	told                 // values to be judged
)

// add takes in an observation and returns its index, unless there is nothing new.
func (s *series) add(o *meteo.Observation) (index int, what news) {
	at := o.ObservedAt.UnixMicro()
	n := len(s.entries)
	if n > 0 && s.entries[n-1].at-at > window.Microseconds() {
		return 0, nothing
	}
	i := sort.Search(n, func(i int) bool { return s.entries[i].at >= at })
	if i < n && s.entries[i].at == at {
		return i, s.revise(i, o)
	}
	s.entries = slices.Insert(s.entries, i, &entry{o: *o, at: at})
	drop := max(0, len(s.entries)-maxEntries)
	for s.entries[n].at-s.entries[drop].at > window.Microseconds() {
		drop++
	}
	s.entries = slices.Delete(s.entries, 0, drop)
	if i < drop {
		return 0, nothing
	}
	return i - drop, told
}

// revise takes in an observation of a time that is there already.
func (s *series) revise(i int, o *meteo.Observation) news {
	known := &s.entries[i].o
	switch {
	case o.Revision <= known.Revision && !o.FetchedAt.After(known.FetchedAt):
		return nothing
	case o.Fingerprint() == known.Fingerprint():
		*known = *o
		return restated
	}
	s.entries[i] = &entry{o: *o, at: o.ObservedAt.UnixMicro()}
	return told
}
