package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile/sorted"
)

// Asked is what Compare asks of a flow.Store.
type Asked interface {
	Sums(ctx context.Context, s flow.Selection, each func(flow.DaySum) error) error
	Revisions(ctx context.Context, s flow.Selection, each func(flow.Revision) error) error
}

// Terms are how a store is compared.
type Terms struct {
	Name        string
	Keeps       flow.Reduction
	Selection   flow.Selection    // that of all that was added to the Reference; of last observations it may be a part of that
	Excepted    map[meteo.ID]bool // ids that the store refused
	ExtrasCount bool              // an id that the clean topic does not keep is Extra; otherwise it is ignored
	InMemory    int               // how many revisions are kept in memory
}

// Compare compares a store with the Reference after SumUp: by the sums of each station and day, and, where these differ, by
// the revisions. Several stores may be compared at the same time.
func (r *Reference) Compare(ctx context.Context, s Asked, t Terms) (Tally, Differences, error) {
	c := comparison{ref: r, Terms: t, differing: map[dayKey]int64{}}
	c.expected, c.ids = r.expected(t.Keeps, t.Selection)
	err := c.compareSums(ctx, s)
	if err == nil && len(c.differing) > 0 {
		err = c.compareRevisions(ctx, s)
	}
	if err != nil {
		return Tally{}, Differences{}, err
	}
	d := Differences{Store: t.Name, Missing: c.missing.names(), Extra: c.extra.names(), Stale: c.stale.names(), Doubled: c.doubled.names()}
	d.Count = c.missing.count + c.extra.count + c.stale.count + c.doubled.count
	return c.sums.tally(t.Name), d, nil
}

// comparison is one call of Compare.
type comparison struct {
	Terms
	sums                           summing
	ref                            *Reference
	expected                       days
	ids                            map[meteo.ID]bool // that are expected; nil: all of the Reference
	differing                      map[dayKey]int64  // how many rows the store has of them
	missing, extra, stale, doubled list
}

// compareSums finds the stations and days whose revisions have to be compared.
func (c *comparison) compareSums(ctx context.Context, s Asked) error {
	seen := make([]bool, len(c.expected))
	err := s.Sums(ctx, c.Selection, func(sum flow.DaySum) error {
		k := dayKey{int32(flow.DayNumber(sum.Day)), c.ref.stations.number(sum.StationID)}
		i, expected := c.expected.find(k)
		switch {
		case expected && c.expected[i].agrees(&sum):
			seen[i] = true
			c.sums.add(c.ref.partitionOf(sum.StationID), sum.IDs, sum.Rows, sum.Hash)
		case expected:
			seen[i] = true
			c.differing[k] = sum.Rows
		case c.ExtrasCount || c.ref.has(k):
			c.differing[k] = sum.Rows
		}
		return nil
	})
	for i := range c.expected {
		if !seen[i] {
			c.differing[c.expected[i].dayKey] = 0
		}
	}
	return err
}

// has reports whether the topic has anything of a station and day.
func (r *Reference) has(k dayKey) bool {
	_, ok := r.days.find(k)
	return ok
}

// mostQuestions is how many parts of a store are read; the last one goes to the last day that differs.
const mostQuestions = 32

// questions returns selections that have all that the store holds of the stations and days that differ.
func (c *comparison) questions() []flow.Selection {
	days, stations := map[int32]bool{}, map[int32]bool{}
	for k, rows := range c.differing {
		if rows > 0 {
			days[k.day], stations[k.station] = true, true
		}
	}
	sel := c.Selection
	if len(stations) == 1 {
		for s := range stations {
			sel.StationID = c.ref.stations.name(s)
		}
	}
	var spans [][2]int32
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if n := len(spans); n > 0 && (spans[n-1][1] == day-1 || n == mostQuestions) {
			spans[n-1][1] = day
		} else {
			spans = append(spans, [2]int32{day, day})
		}
	}
	var all []flow.Selection
	for _, span := range spans {
		all = append(all, between(sel, span[0], span[1]))
	}
	return all
}

// compareRevisions compares the ids of the stations and days that differ.
func (c *comparison) compareRevisions(ctx context.Context, s Asked) (err error) {
	stored := sorted.New(c.InMemory)
	defer func() { err = errors.Join(err, stored.Close()) }()
	for _, q := range c.questions() {
		err := s.Revisions(ctx, q, func(r flow.Revision) error {
			kept := c.ref.stations.revision(r)
			if _, differs := c.differing[keyOf(kept.Key)]; !differs {
				return nil
			}
			return stored.Add(kept)
		})
		if err != nil {
			return err
		}
	}
	return c.merge(&histories{cursor: c.ref.revisions.Read()}, &histories{cursor: stored.Read()})
}

// merge goes through what the topic has, and what the store has of the days that differ, side by side.
func (c *comparison) merge(clean, stored *histories) error {
	h, err := c.nextDiffering(clean)
	if err != nil {
		return err
	}
	s, err := stored.next()
	for err == nil && (h != nil || s != nil) {
		order := 0
		switch {
		case s == nil:
			order = -1
		case h == nil:
			order = 1
		default:
			order = h.Compare(&s.Key)
		}
		switch {
		case order < 0:
			c.compare(h, nil)
		case order > 0:
			c.compare(nil, s)
		default:
			c.compare(h, s)
		}
		if order <= 0 {
			h, err = c.nextDiffering(clean)
		}
		if order >= 0 && err == nil {
			s, err = stored.next()
		}
	}
	return err
}

// nextDiffering returns the topic's next history of a day that differs, or nil.
func (c *comparison) nextDiffering(clean *histories) (*history, error) {
	for {
		h, err := clean.next()
		if h == nil || err != nil {
			return nil, err
		}
		if _, differs := c.differing[keyOf(h.Key)]; differs {
			return h, nil
		}
	}
}

// compare compares what the topic has of an id with what the store has of it; nil: nothing.
func (c *comparison) compare(clean, stored *history) {
	expected := clean != nil && (c.ids == nil || c.ids[clean.ID])
	switch {
	case stored == nil:
		if expected && !c.Excepted[clean.ID] {
			c.missing.add(clean.ID)
		}
		return
	case clean == nil && !c.ExtrasCount:
		return
	case !expected:
		c.extra.add(stored.ID)
	case stored.last != clean.last && !c.Excepted[stored.ID]:
		c.stale.add(stored.ID)
	}
	c.sums.add(c.ref.partitionOf(c.ref.stations.name(stored.Station)), 1, stored.rows, stored.last.hash(stored.ID))
	for _, v := range stored.versions {
		for range v.times - max(1, clean.times(v.version)) {
			c.doubled.add(stored.ID)
		}
	}
}
