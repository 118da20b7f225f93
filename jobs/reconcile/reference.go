package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile/sorted"
)

// Reference is what the stores must hold, by what the clean topic holds. Its memory is bounded by the number of days with
// observations times that of their stations, not by the number of observations; the
// revisions of one id are in memory while it is compared.
type Reference struct {
	partitionOf func(stationID string) int32
	stations    stations
	revisions   *sorted.Set
	newest      map[flow.Series]*meteo.Observation // what a store of last observations holds
	days        days                               // of SumUp
}

// NewReference makes an empty Reference, which keeps so many revisions in memory and the others in a temporary file.
func NewReference(partitionOf func(stationID string) int32, inMemory int) *Reference {
	return &Reference{partitionOf: partitionOf, revisions: sorted.New(inMemory), newest: map[flow.Series]*meteo.Observation{}}
}

// Add notes a record of the clean topic. Those of a partition come in their order, and all before SumUp.
func (r *Reference) Add(o *meteo.Observation) error {
	r.noteNewest(o)
	return r.revisions.Add(r.stations.revision(flow.RevisionOf(o)))
}

// Beyond notes a record of the clean topic that is not selected. Where it is the newest observation of its series, a store of last
// observations holds none that is selected. All come in the order of Add.
func (r *Reference) Beyond(o *meteo.Observation) { r.noteNewest(o) }

func (r *Reference) noteNewest(o *meteo.Observation) {
	series := flow.SeriesOf(o)
	switch before := r.newest[series]; {
	case before == nil:
		kept := *o
		r.newest[series] = &kept
	case flow.IsNewer(o, before):
		*before = *o
	}
}

// SumUp computes the sums of what was added, by which stores are compared.
func (r *Reference) SumUp() error {
	r.days = nil
	all := histories{cursor: r.revisions.Read()}
	for {
		h, err := all.next()
		if err != nil {
			return err
		}
		if h == nil {
			return nil
		}
		r.days.add(h)
	}
}

// Close removes the temporary file.
func (r *Reference) Close() error { return r.revisions.Close() }

// Tally returns the Reference's own.
func (r *Reference) Tally(name string) Tally {
	sums := summing{}
	for i := range r.days {
		d := &r.days[i]
		sums.add(r.partitionOf(r.stations.name(d.station)), d.ids, d.rows, d.hash)
	}
	return sums.tally(name)
}

// Within narrows a selection to the days that the clean topic has observations of, if it has any.
func (r *Reference) Within(s flow.Selection) flow.Selection {
	if len(r.days) == 0 {
		return s
	}
	return between(s, r.days[0].day, r.days[len(r.days)-1].day)
}

// between narrows a selection to the days from first to last.
func between(s flow.Selection, first, last int32) flow.Selection {
	if from := flow.DayOfNumber(int64(first)); s.From.Before(from) {
		s.From = from
	}
	if to := flow.DayOfNumber(int64(last) + 1); s.To.IsZero() || to.Before(s.To) {
		s.To = to
	}
	return s
}

// expected returns the sums of what a store should hold, and its ids; nil: all. Of last observations it is what is selected.
func (r *Reference) expected(keeps flow.Reduction, sel flow.Selection) (days, map[meteo.ID]bool) {
	if keeps != flow.LastObservation {
		return r.days, nil
	}
	all, ids := sorted.New(len(r.newest)), make(map[meteo.ID]bool, len(r.newest))
	for _, o := range r.newest {
		if !sel.Has(o.StationID, o.ObservedAt) {
			continue
		}
		ids[o.ID] = true
		_ = all.Add(r.stations.revision(flow.RevisionOf(o))) // all of them fit into memory
	}
	newest := &Reference{revisions: all}
	_ = newest.SumUp() // memory can be read
	return newest.days, ids
}

// dayKey is a station and a day of observed_at, UTC.
type dayKey struct{ day, station int32 }

func keyOf(k sorted.Key) dayKey { return dayKey{k.Day, k.Station} }

// day is the sums of a station and a day, as those of flow.DaySum.
type day struct {
	dayKey
	ids, rows          int64
	hash, rowsHash     uint64
	numbers, fetchedMs int64
}

// days are in the order of their keys.
type days []day

// add takes in the next history in the order of their keys.
func (d *days) add(h *history) {
	k := keyOf(h.Key)
	if n := len(*d); n == 0 || (*d)[n-1].dayKey != k {
		*d = append(*d, day{dayKey: k})
	}
	sum := &(*d)[len(*d)-1]
	sum.ids++
	sum.rows += h.rows
	sum.hash += h.last.hash(h.ID)
	sum.numbers += h.last.revision
	sum.fetchedMs += h.last.fetched
	for _, v := range h.versions {
		sum.rowsHash += uint64(v.times) * v.hash(h.ID)
	}
}

// find returns the index of a key.
func (d days) find(k dayKey) (int, bool) {
	return slices.BinarySearchFunc(d, k, func(d day, k dayKey) int {
		return cmp.Or(cmp.Compare(d.day, k.day), cmp.Compare(d.station, k.station))
	})
}

// agrees reports whether a store whose sums these are has every id of the day in its last revision, and no revision more
// often than the topic. A store may hold every revision, or the last ones alone. Sums that prove neither do not agree.
func (d *day) agrees(s *flow.DaySum) bool {
	return s.IDs == d.ids && s.Hash == d.hash && s.Numbers == d.numbers && s.FetchedMs == d.fetchedMs && (s.Rows == s.IDs || s.Rows == d.rows && s.RowsHash == d.rowsHash)
}

// stations numbers stations. Several goroutines may use it.
type stations struct {
	mu      sync.Mutex
	numbers map[string]int32
	names   []string
}

func (s *stations) number(name string) int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, known := s.numbers[name]
	if !known {
		if s.numbers == nil {
			s.numbers = map[string]int32{}
		}
		name, n = strings.Clone(name), int32(len(s.names))
		s.numbers[name] = n
		s.names = append(s.names, name)
	}
	return n
}

func (s *stations) name(number int32) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[number]
}

func (s *stations) revision(r flow.Revision) sorted.Revision {
	return sorted.Revision{
		Key:       sorted.Key{Day: int32(flow.DayNumber(r.ObservedAt)), Station: s.number(r.StationID), ID: r.ID},
		FetchedAt: r.FetchedAt.UnixMilli(), Number: r.Number,
	}
}
