package reconcile

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"senmeteo/jobs/meteo"
)

// Reference is what every store must hold: the last revision of each id of the clean topic.
type Reference struct {
	partitionOf func(stationID string) int32
	entries     map[meteo.ID]*entry
	records     int64               // revisions of the clean topic, not only the last of each id
	times       map[revisionKey]int // how often the clean topic has each revision of the ids that it has more than one of
}

// Row is what a topic or a store holds of an observation.
type Row struct {
	ID        meteo.ID
	StationID string
	Revision  int64
	FetchedAt time.Time // counts in whole milliseconds, which every store keeps
}

func (r *Row) version() version { return version{r.FetchedAt.UnixMilli(), r.Revision} }

// version tells two revisions of an id apart.
type version struct {
	fetched  int64 // milliseconds since 1970
	revision int64 // 0: there is none
}

// after is the later of two versions that came in this order: what was fetched last, as meteo.Observation.Replaces says.
func (v version) after(before version) version {
	if before.revision > 0 && v.fetched < before.fetched {
		return before
	}
	return v
}

type entry struct {
	partition int32
	clean     version // the last of the clean topic
	several   bool    // the clean topic has more than this one
	stored    version // the last of the store at hand
}

// NewReference makes an empty Reference.
func NewReference(partitionOf func(stationID string) int32) *Reference {
	return &Reference{partitionOf: partitionOf, entries: map[meteo.ID]*entry{}, times: map[revisionKey]int{}}
}

// Add notes a record of the clean topic. Those of a partition come in their order.
func (r *Reference) Add(partition int32, row Row) {
	r.records++
	e := r.entries[row.ID]
	if e == nil {
		r.entries[row.ID] = &entry{partition: partition, clean: row.version()}
		return
	}
	if !e.several {
		e.several = true
		r.times[revisionKey{row.ID, e.clean}] = 1
	}
	r.times[revisionKey{row.ID, row.version()}]++
	e.clean = row.version().after(e.clean)
}

// Tally sums up what a topic or store holds. Equal hashes mean equal ids, each with an equal last revision.
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
		sums[e.partition] += hash(id, e.clean)
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

// hash of one id and its last revision; the sum over all does not depend on their order.
func hash(id meteo.ID, v version) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(id[:]) // a hash never fails
	var buf [16]byte
	binary.LittleEndian.PutUint64(buf[:], uint64(v.revision))
	binary.LittleEndian.PutUint64(buf[8:], uint64(v.fetched))
	_, _ = h.Write(buf[:])
	return h.Sum64()
}

// Differences are what a store has otherwise than the clean topic. Each list names the first ids in their order.
type Differences struct {
	Store   string   `json:"store"`
	Missing []string `json:"missing,omitempty"` // in the clean topic, not in the store
	Extra   []string `json:"extra,omitempty"`   // in the store, not in the clean topic
	Stale   []string `json:"stale,omitempty"`   // another revision than the clean topic's last
	Doubled []string `json:"doubled,omitempty"` // the same revision more often than the topic has it
	Count   int64    `json:"count"`             // of all, named or not
}

// named is how many ids each list of Differences names at the most.
const named = 10

// Compare reads a store and holds it against the Reference. The ids in excepted were refused by the store and are
// kept beside it. An id that the clean topic no longer keeps is Extra only when extras count. The rows of one id come in the order in which
// they were stored.
func (r *Reference) Compare(store string, excepted map[meteo.ID]bool, extrasCount bool, scan func(each func(Row) error) error) (Tally, Differences, error) {
	for _, e := range r.entries {
		e.stored = version{}
	}
	var records int64
	seen, more := map[revisionKey]struct{}{}, map[revisionKey]int{}
	extra := map[meteo.ID]entry{}
	var doubled []meteo.ID
	err := scan(func(row Row) error {
		id, v := row.ID, row.version()
		e := r.entries[id]
		if e == nil {
			if !extrasCount {
				return nil
			}
			extra[id] = entry{partition: r.partitionOf(row.StationID), stored: v.after(extra[id].stored)}
		} else {
			e.stored = v.after(e.stored)
		}
		records++
		key := revisionKey{id, v}
		if _, twice := seen[key]; twice {
			if more[key]++; more[key] >= r.times[key] {
				doubled = append(doubled, id)
			}
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
	id meteo.ID
	version
}

func (r *Reference) conclude(store string, excepted map[meteo.ID]bool, extra map[meteo.ID]entry, doubled []meteo.ID, records int64) (Tally, Differences, error) {
	sums := map[int32]uint64{}
	var observations int64
	var missing, stale, strange []meteo.ID
	for id, e := range r.entries {
		switch {
		case e.stored.revision == 0 && excepted[id]:
			continue
		case e.stored.revision == 0:
			missing = append(missing, id)
			continue
		case e.stored != e.clean && !excepted[id]:
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
