package clean

import (
	"time"

	"senmeteo/jobs/meteo"
)

// memory is what the step knows of one partition: the revisions that arrived within the window, and the newest
// readings of each station and source.
type memory struct {
	window  time.Duration
	buckets []bucket // from old to new
	recent  map[recentKey]*recent
}

// bucket holds the ids that arrived within a quarter of the window. Whole buckets are forgotten.
type bucket struct {
	until time.Time
	known map[meteo.ID]known
}

// known is what is remembered of an id: its last revision.
type known struct {
	fingerprint uint64
	fetchedAt   int64 // microseconds since 1970
	revision    int64
}

// maxRecentKeys bounds what hostile station or source names can make a partition remember.
const maxRecentKeys = 10_000

type recentKey struct {
	station, source string
	kind            meteo.Kind
}

func newMemory(window time.Duration) *memory {
	return &memory{window: window, recent: map[recentKey]*recent{}}
}

// revision decides what a reading that arrives now is: the revision to give it, or ok false for a duplicate.
func (m *memory) revision(o *meteo.Observation) (revision int64, ok bool) {
	for i := len(m.buckets) - 1; i >= 0; i-- {
		k, found := m.buckets[i].known[o.ID]
		if !found {
			continue
		}
		if k.fingerprint == o.Fingerprint() || o.FetchedAt.UnixMicro() <= k.fetchedAt {
			return 0, false
		}
		return k.revision + 1, true
	}
	return 1, true
}

// add remembers an observation that arrived at a time.
func (m *memory) add(o *meteo.Observation, arrived time.Time) {
	b := m.bucketFor(arrived)
	b.known[o.ID] = known{o.Fingerprint(), o.FetchedAt.UnixMicro(), o.Revision}
	m.recentOf(o).add(o)
}

// recentOf returns the newest readings of an observation's station, source and kind.
func (m *memory) recentOf(o *meteo.Observation) *recent {
	key := recentKey{o.StationID, o.Source, o.Kind}
	r := m.recent[key]
	if r == nil {
		if len(m.recent) >= maxRecentKeys {
			clear(m.recent) // no weather service has as many: somebody invents names
		}
		r = &recent{}
		m.recent[key] = r
	}
	return r
}

// bucketFor returns the newest bucket, after it has forgotten what is older than the window.
func (m *memory) bucketFor(arrived time.Time) *bucket {
	if n := len(m.buckets); n > 0 && arrived.Before(m.buckets[n-1].until) {
		return &m.buckets[n-1]
	}
	kept := m.buckets[:0]
	for _, b := range m.buckets {
		if b.until.After(arrived.Add(-m.window)) {
			kept = append(kept, b)
		}
	}
	clear(m.buckets[len(kept):])
	m.buckets = append(kept, bucket{until: arrived.Add(m.window / 4), known: map[meteo.ID]known{}})
	return &m.buckets[len(m.buckets)-1]
}
