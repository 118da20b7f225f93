package clean

import (
	"time"

	"senmeteo/jobs/meteo"
)

// memory is what the step knows of one partition: the revisions that arrived within the window, and the newest
// readings of each station and source.
type memory struct {
	window  time.Duration
	most    int // ids; 0: any number
	limits  Limits
	buckets []bucket // from old to new
	recent  map[recentKey]*recent
}

// bucket holds the ids that arrived within a quarter of the window, and no more than a quarter of the most. Whole buckets are
// forgotten, so that an id is known for the window at least, or until three quarters of the most came after it, and a quarter longer at
// most.
type bucket struct {
	until     time.Time
	known     map[meteo.ID]known
	revisions map[meteo.ID]int64 // of those whose last revision is not the first
}

// known is what is remembered of an id: its last revision. There may be a million of them.
type known struct {
	fingerprint uint64
	fetchedAt   int64 // microseconds since 1970
}

// set remembers the last revision of an id.
func (b *bucket) set(id meteo.ID, k known, revision int64) {
	b.known[id] = k
	if revision > 1 {
		b.revisions[id] = revision
	} else {
		delete(b.revisions, id) // it was forgotten, and came again
	}
}

// revision returns the number of the last revision of an id that is known.
func (b *bucket) revision(id meteo.ID) int64 {
	if n, ok := b.revisions[id]; ok {
		return n
	}
	return 1
}

// maxRecentKeys bounds what hostile station or source names can make a partition remember.
const maxRecentKeys = 10_000

type recentKey struct {
	station, source string
	kind            meteo.Kind
}

// newMemory makes one that knows nothing. Nil limits are those of the regions of Senegal.
func newMemory(window time.Duration, most int, limits Limits) *memory {
	if limits == nil {
		limits = climatology
	}
	return &memory{window: window, most: most, limits: limits, recent: map[recentKey]*recent{}}
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
		return m.buckets[i].revision(o.ID) + 1, true
	}
	return 1, true
}

// add remembers an observation that arrived at a time.
func (m *memory) add(o *meteo.Observation, arrived time.Time) {
	m.bucketFor(arrived).set(o.ID, known{o.Fingerprint(), atArrival(o.FetchedAt, arrived).UnixMicro()}, o.Revision)
	r := m.recentOf(o)
	r.arrived = arrived
	r.add(o)
}

// forget drops what arrived longer ago than the window. The time is that of the raw record at work: what the clean topic says
// of later times, after a backlog, is needed as much as what it says of earlier ones.
func (m *memory) forget(now time.Time) {
	horizon := now.Add(-m.window)
	n := 0
	for n < len(m.buckets) && !m.buckets[n].until.After(horizon) {
		n++
	}
	if n == 0 {
		return
	}
	m.buckets = append([]bucket(nil), m.buckets[n:]...)
	for key, r := range m.recent {
		if !r.arrived.After(horizon) {
			delete(m.recent, key)
		}
	}
}

// recentOf returns the newest readings of an observation's station, source and kind.
func (m *memory) recentOf(o *meteo.Observation) *recent {
	key := recentKey{o.StationID, o.Source, o.Kind}
	r := m.recent[key]
	if r == nil {
		if len(m.recent) >= maxRecentKeys {
			clear(m.recent) // no weather service has as many: somebody invents names
		}
		r = &recent{limits: m.limits.of(o.StationID)}
		m.recent[key] = r
	}
	return r
}

// bucketFor returns the newest bucket; a new one when that is full.
func (m *memory) bucketFor(arrived time.Time) *bucket {
	if n := len(m.buckets); n > 0 && arrived.Before(m.buckets[n-1].until) && (m.most == 0 || len(m.buckets[n-1].known) < m.most/4) {
		return &m.buckets[n-1]
	}
	m.makeRoom()
	m.buckets = append(m.buckets, bucket{until: arrived.Add(m.window / 4), known: map[meteo.ID]known{}, revisions: map[meteo.ID]int64{}})
	return &m.buckets[len(m.buckets)-1]
}

// makeRoom forgets the oldest buckets until another one does not make the ids more than the most.
func (m *memory) makeRoom() {
	if m.most == 0 {
		return
	}
	ids, n := 0, len(m.buckets)
	for n > 0 && ids+len(m.buckets[n-1].known) <= m.most-m.most/4 {
		n--
		ids += len(m.buckets[n].known)
	}
	m.buckets = append([]bucket(nil), m.buckets[n:]...)
}
