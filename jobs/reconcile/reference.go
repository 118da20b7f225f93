package reconcile

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"senmeteo/jobs/meteo"
)

// Reference is what every store must hold: the last revision of each id of the clean topic.
type Reference struct {
	partitionOf func(stationID string) int32
	entries     map[meteo.ID]*entry
	records     int64 // revisions of the clean topic, not only the last of each id
}

type entry struct {
	partition int32
	revision  int64
	stored    int64 // the last revision of the store at hand; 0: none
}

// NewReference makes an empty Reference.
func NewReference(partitionOf func(stationID string) int32) *Reference {
	return &Reference{partitionOf: partitionOf, entries: map[meteo.ID]*entry{}}
}

// Add notes a record of the clean topic.
func (r *Reference) Add(partition int32, id meteo.ID, revision int64) {
	r.records++
	e := r.entries[id]
	if e == nil {
		e = &entry{partition: partition}
		r.entries[id] = e
	}
	e.revision = max(e.revision, revision)
}

// Tally sums up what a topic or store holds. Equal hashes mean equal (id, last revision) pairs.
type Tally struct {
	Name         string           `json:"name"`
	Observations int64            `json:"observations"` // ids
	Records      int64            `json:"records"`      // rows or records: more than ids where every revision is kept
	Hashes       map[int32]string `json:"hashes"`       // by partition, 16 hexadecimal digits
}

// Tally returns the Reference's own.
func (r *Reference) Tally(name string) Tally {
	sums := map[int32]uint64{}
	for id, e := range r.entries {
		sums[e.partition] += hash(id, e.revision)
	}
	return tally(name, int64(len(r.entries)), r.records, sums)
}

func tally(name string, observations, records int64, sums map[int32]uint64) Tally {
	t := Tally{Name: name, Observations: observations, Records: records, Hashes: map[int32]string{}}
	for p, s := range sums {
		t.Hashes[p] = fmt.Sprintf("%016x", s)
	}
	return t
}

// Hash is the hash over all partitions.
func (t Tally) Hash() string {
	var sum uint64
	for _, text := range t.Hashes {
		h, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			return text // not made by tally
		}
		sum += h
	}
	return fmt.Sprintf("%016x", sum)
}

// hash of one pair; the sum over all pairs does not depend on their order.
func hash(id meteo.ID, revision int64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(id[:]) // a hash never fails
	var buf [8]byte
	binary.LittleEndian.PutUint64(buf[:], uint64(revision))
	_, _ = h.Write(buf[:])
	return h.Sum64()
}

// Differences are what a store has otherwise than the clean topic. Each list names the first ids in their order.
type Differences struct {
	Store   string   `json:"store"`
	Missing []string `json:"missing,omitempty"` // in the clean topic, not in the store
	Extra   []string `json:"extra,omitempty"`   // in the store, not in the clean topic
	Stale   []string `json:"stale,omitempty"`   // another revision than the clean topic's last
	Doubled []string `json:"doubled,omitempty"` // the same revision twice
	Count   int64    `json:"count"`             // of all, named or not
}

// named is how many ids each list of Differences names at the most.
const named = 10

// Compare reads a store and holds it against the Reference. The ids in excepted were refused by the store and are
// kept beside it. An id that the clean topic no longer keeps is Extra only when extras count.
func (r *Reference) Compare(store string, excepted map[meteo.ID]bool, extrasCount bool, scan func(each func(meteo.ID, string, int64) error) error) (Tally, Differences, error) {
	for _, e := range r.entries {
		e.stored = 0
	}
	var records int64
	seen := map[revisionKey]struct{}{}
	extra := map[meteo.ID]entry{}
	var doubled []meteo.ID
	err := scan(func(id meteo.ID, station string, revision int64) error {
		e := r.entries[id]
		if e == nil {
			if !extrasCount {
				return nil
			}
			known := extra[id]
			extra[id] = entry{partition: r.partitionOf(station), stored: max(known.stored, revision)}
		} else {
			e.stored = max(e.stored, revision)
		}
		records++
		key := revisionKey{id, revision}
		if _, twice := seen[key]; twice {
			doubled = append(doubled, id)
		}
		seen[key] = struct{}{}
		return nil
	})
	if err != nil {
		return Tally{}, Differences{}, err
	}
	return r.conclude(store, excepted, extra, doubled, records)
}

type revisionKey struct {
	id       meteo.ID
	revision int64
}

func (r *Reference) conclude(store string, excepted map[meteo.ID]bool, extra map[meteo.ID]entry, doubled []meteo.ID, records int64) (Tally, Differences, error) {
	sums := map[int32]uint64{}
	var observations int64
	var missing, stale, strange []meteo.ID
	for id, e := range r.entries {
		switch {
		case e.stored == 0 && excepted[id]:
			continue
		case e.stored == 0:
			missing = append(missing, id)
			continue
		case e.stored != e.revision && !excepted[id]:
			stale = append(stale, id)
		}
		observations++
		sums[e.partition] += hash(id, e.stored)
	}
	for id, e := range extra {
		strange = append(strange, id)
		observations++
		sums[e.partition] += hash(id, e.stored)
	}
	d := Differences{Store: store, Missing: first(missing), Extra: first(strange), Stale: first(stale), Doubled: first(doubled)}
	d.Count = int64(len(missing) + len(strange) + len(stale) + len(doubled))
	return tally(store, observations, records, sums), d, nil
}

func first(ids []meteo.ID) []string {
	slices.SortFunc(ids, func(a, b meteo.ID) int { return slices.Compare(a[:], b[:]) })
	var out []string
	for _, id := range ids[:min(len(ids), named)] {
		out = append(out, id.String())
	}
	return out
}
