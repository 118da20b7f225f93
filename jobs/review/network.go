package review

import (
	"math"
	"slices"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
)

// The times of the comparison of neighbours.
const (
	slotLength  = 30 * time.Minute
	slotsPerDay = int64(24 * time.Hour / slotLength)
	// slotPatience is how long after its end readings of a slot are waited for, in the time of the readings.
	slotPatience = 30 * time.Minute
	// historyDays is how long values are remembered.
	historyDays  = 10
	historySlots = historyDays * slotsPerDay
)

// networkKey names the stations that are compared with each other: those of one source.
type networkKey string

// network is the stations of one source, side by side in slots of half an hour.
type network struct {
	stations []*station
	slot     int64 // the first that is not judged yet, counted from 1970
	newest   int64 // the latest time of a reading, microseconds since 1970
}

// station is what a network knows of one of its stations.
type station struct {
	series              *series
	latitude, longitude float64
	near                []int // the indexes of the stations that it is compared with, the nearest first
	compared            [len(compared)]comparison
}

func (r *Reviewer) networkOf(o *meteo.Observation) *network {
	key := networkKey(o.Source)
	n := r.networks[key]
	if n == nil {
		n = &network{slot: slotOf(o.ObservedAt.UnixMicro())}
		r.networks[key] = n
	}
	return n
}

func slotOf(at int64) int64 {
	length := slotLength.Microseconds()
	return (at - ((at%length)+length)%length) / length
}

// join adds the station of an observation, and returns its index.
func (n *network) join(s *series, o *meteo.Observation) int {
	st := &station{series: s, latitude: o.Latitude, longitude: o.Longitude}
	for i := range st.compared {
		st.compared[i] = newComparison()
	}
	n.stations = append(n.stations, st)
	for i := range n.stations {
		n.stations[i].near = n.nearest(i)
		for k := range compared {
			n.stations[i].compared[k].fitted = -1
		}
	}
	return len(n.stations) - 1
}

// nearest returns the indexes of the neighbours of a station.
func (n *network) nearest(i int) []int {
	me := n.stations[i]
	var all []int
	distance := make([]float64, len(n.stations))
	for k, other := range n.stations {
		distance[k] = meteo.DistanceKM(me.latitude, me.longitude, other.latitude, other.longitude)
		if k != i && distance[k] <= neighbourReach {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b int) int {
		switch {
		case distance[a] < distance[b]:
			return -1
		case distance[a] > distance[b]:
			return 1
		}
		return a - b
	})
	return all[:min(len(all), neighboursNow)]
}

// add takes in a reading, and judges the slots that are over.
func (n *network) add(s *series, e *entry, r *Reviewer) {
	slot := slotOf(e.at)
	if slot < n.slot { // late: what was found of its slot counts for it
		for k := range compared {
			if n.stations[s.member].compared[k].isFlagged(slot) {
				n.fail(e, k, r)
			}
		}
		return
	}
	n.newest = max(n.newest, e.at)
	if slot-n.slot > historySlots { // nothing of before is of use
		n.slot = slot
	}
	for ; (n.slot+1)*slotLength.Microseconds()+slotPatience.Microseconds() <= n.newest; n.slot++ {
		n.judge(n.slot, r)
	}
}

// finish judges the slots that readings were waited for.
func (n *network) finish(r *Reviewer) {
	for ; n.slot*slotLength.Microseconds() <= n.newest; n.slot++ {
		n.judge(n.slot, r)
	}
}

// fail notes that an entry's value of a compared variable fails.
func (n *network) fail(e *entry, k int, r *Reviewer) {
	if _, ok := e.value(compared[k].variable); ok {
		r.fail(e, neighbours, compared[k].variable)
	}
}

// failSlot notes that all values of a station in a slot fail.
func (n *network) failSlot(st *station, slot int64, k int, r *Reviewer) {
	for _, e := range st.series.in(slot) {
		n.fail(e, k, r)
	}
}

// in returns the entries of a slot.
func (s *series) in(slot int64) []*entry {
	begin, end := slot*slotLength.Microseconds(), (slot+1)*slotLength.Microseconds()
	from, _ := slices.BinarySearchFunc(s.entries, begin, func(e *entry, at int64) int { return int(e.at - at) })
	to, _ := slices.BinarySearchFunc(s.entries, end, func(e *entry, at int64) int { return int(e.at - at) })
	return s.entries[from:to]
}

// middle returns the median of a variable's values in a slot, without those that failed otherwise; NaN when there is none.
func (s *series) middle(slot int64, v meteo.Variable) float64 {
	var values []float64
	for _, e := range s.in(slot) {
		if x, ok := e.value(v); ok && !e.failed[spike].has(v) && !e.failed[stuck].has(v) && !e.failedStep(v) {
			values = append(values, x)
		}
	}
	return median(values)
}

func (e *entry) failedStep(v meteo.Variable) bool {
	return slices.Contains(e.o.QC, meteo.Failure{Subject: v.String(), Rule: clean.RuleStep})
}

// median sorts the numbers and returns the one in the middle; NaN when there is none.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	slices.Sort(xs)
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}
