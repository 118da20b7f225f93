package reconcile

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Reference is what the stores must hold, by what the clean topic holds.
type Reference struct {
	partitionOf func(stationID string) int32
	entries     map[meteo.ID]*entry
	records     int64                              // revisions of the clean topic, not only the last of each id
	times       map[revisionKey]int                // how often the clean topic has each revision of the ids that it has more than one of
	newest      map[flow.Series]*meteo.Observation // what a store of last observations holds
}

// version tells two revisions of an id apart.
type version struct {
	fetched  int64 // milliseconds since 1970
	revision int64 // 0: there is none
}

func versionOf(r flow.Revision) version { return version{r.FetchedAt.UnixMilli(), r.Number} }

// after is the later of two versions that came in this order: what was fetched last, as flow.Revision.Replaces says.
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
	return &Reference{
		partitionOf: partitionOf, entries: map[meteo.ID]*entry{}, times: map[revisionKey]int{}, newest: map[flow.Series]*meteo.Observation{},
	}
}

// Add notes a record of the clean topic. Those of a partition come in their order.
func (r *Reference) Add(partition int32, o *meteo.Observation) {
	r.records++
	r.noteNewest(o)
	v := versionOf(flow.RevisionOf(o))
	e := r.entries[o.ID]
	if e == nil {
		r.entries[o.ID] = &entry{partition: partition, clean: v}
		return
	}
	if !e.several {
		e.several = true
		r.times[revisionKey{o.ID, e.clean}] = 1
	}
	r.times[revisionKey{o.ID, v}]++
	e.clean = v.after(e.clean)
}

func (r *Reference) noteNewest(o *meteo.Observation) {
	series := flow.SeriesOf(o)
	if before := r.newest[series]; before == nil || flow.IsNewer(o, before) {
		kept := *o
		r.newest[series] = &kept
	}
}

// expected returns the ids that a store should hold; nil: all.
func (r *Reference) expected(keeps flow.Reduction) map[meteo.ID]bool {
	if keeps != flow.LastObservation {
		return nil
	}
	ids := map[meteo.ID]bool{}
	for _, o := range r.newest {
		ids[o.ID] = true
	}
	return ids
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

// Compare compares a store with the Reference. The ids in excepted were refused by the store. An id that the clean
// topic no longer keeps is Extra only when extras count. What scan gives comes in the order of flow.Store.Revisions.
func (r *Reference) Compare(store string, keeps flow.Reduction, excepted map[meteo.ID]bool, extrasCount bool, scan func(each func(flow.Revision) error) error) (Tally, Differences, error) {
	for _, e := range r.entries {
		e.stored = version{}
	}
	c := comparison{
		ref: r, expected: r.expected(keeps), extrasCount: extrasCount, extra: map[meteo.ID]entry{},
		seen: map[revisionKey]struct{}{}, more: map[revisionKey]int{},
	}
	if err := scan(c.add); err != nil {
		return Tally{}, Differences{}, err
	}
	tally, differences := c.conclude(store, excepted)
	return tally, differences, nil
}

type revisionKey struct {
	id meteo.ID
	version
}

// comparison is one call of Compare.
type comparison struct {
	ref         *Reference
	expected    map[meteo.ID]bool // nil: all of the Reference
	extrasCount bool
	records     int64
	seen        map[revisionKey]struct{}
	more        map[revisionKey]int // how often a revision came again
	extra       map[meteo.ID]entry
	doubled     []meteo.ID
}

func (c *comparison) expects(id meteo.ID) bool { return c.expected == nil || c.expected[id] }

func (c *comparison) add(r flow.Revision) error {
	id, v := r.ID, versionOf(r)
	switch e := c.ref.entries[id]; {
	case e != nil && c.expects(id):
		e.stored = v.after(e.stored)
	case e == nil && !c.extrasCount:
		return nil
	default:
		c.extra[id] = entry{partition: c.ref.partitionOf(r.StationID), stored: v.after(c.extra[id].stored)}
	}
	c.records++
	key := revisionKey{id, v}
	if _, twice := c.seen[key]; twice {
		if c.more[key]++; c.more[key] >= c.ref.times[key] {
			c.doubled = append(c.doubled, id)
		}
	}
	c.seen[key] = struct{}{}
	return nil
}

func (c *comparison) conclude(store string, excepted map[meteo.ID]bool) (Tally, Differences) {
	sums := map[int32]uint64{}
	var observations int64
	var missing, stale, extra []meteo.ID
	for id, e := range c.ref.entries {
		switch {
		case !c.expects(id), e.stored.revision == 0 && excepted[id]:
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
	for id, e := range c.extra {
		extra = append(extra, id)
		observations++
		sums[e.partition] += hash(id, e.stored)
	}
	d := Differences{Store: store, Missing: first(missing), Extra: first(extra), Stale: first(stale), Doubled: first(c.doubled)}
	d.Count = int64(len(missing) + len(extra) + len(stale) + len(c.doubled))
	return tally(store, observations, c.records, sums), d
}

func first(ids []meteo.ID) []string {
	slices.SortFunc(ids, func(a, b meteo.ID) int { return slices.Compare(a[:], b[:]) })
	var out []string
	for _, id := range ids[:min(len(ids), named)] {
		out = append(out, id.String())
	}
	return out
}
