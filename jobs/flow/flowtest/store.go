package flowtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// storeCases are the promises of flow.Store: what can be asked of a store agrees with what was committed to it.
func storeCases() []testCase {
	return []testCase{
		{"it declares what it keeps", declares},
		{"questions to a store that was never written to find nothing", nothingStored},
		{"its progress counts each record once", progressCounts},
		{"its revisions are those that it keeps", revisionsKept},
		{"the last of its revisions of an id is the one that is valid", revisionsInOrder},
		{"its revisions of one station and day are those alone", revisionsSelected},
		{"its sums are those of the revisions that it keeps", sumsAgree},
		{"an error of the caller ends the reading", callerFails},
	}
}

// ask opens the store as one who only asks: Resume is not called.
func (s *suite) ask() flow.Store {
	s.Helper()
	store, ok := s.store.Open(s).(flow.Store)
	if !ok {
		s.Fatalf("what the harness opens is not a flow.Store")
	}
	s.Cleanup(func() { _ = store.Close() }) // closing twice is harmless
	return store
}

func declares(s *suite) {
	if got := s.ask().Keeps(); got != s.Keeps {
		s.Errorf("Keeps is %v, and the harness says %v", got, s.Keeps)
	}
}

func nothingStored(s *suite) {
	store := s.ask()
	if progress := s.progress(store); len(progress) > 0 {
		s.Errorf("Progress of an empty store is %v", progress)
	}
	if all := s.revisions(store, flow.Selection{}); len(all) > 0 {
		s.Errorf("an empty store has %d revisions", len(all))
	}
	if all := s.sums(store, flow.Selection{}); len(all) > 0 {
		s.Errorf("an empty store has %d sums", len(all))
	}
	err := store.Refused(s.ctx(), func(flow.Refused) error { return errors.New("there is one") })
	if err != nil {
		s.Errorf("Refused of an empty store: %v", err)
	}
	s.expect()
}

func progressCounts(s *suite) {
	a := run(0, 100, 0, 10)
	b := Batch(0, a.End, Observation(0, 3, 2), Observation(0, 10, 1), Observation(0, 3, 2))
	empty := &flow.Batch{Partition: 0, Start: b.End, End: b.End + 5}
	other := run(2, 0, 0, 3)
	sink := s.open(-1, 0, 2)
	for _, batch := range []*flow.Batch{a, b, empty, other} {
		s.commit(sink, batch)
	}
	s.close(sink)
	progress := s.progress(s.ask())
	want := map[int32]int64{0: empty.End, 2: other.End}
	if !slices.Equal(slices.Sorted(maps.Keys(progress)), slices.Sorted(maps.Keys(want))) {
		s.Fatalf("Progress is of the partitions %v, want %v", slices.Sorted(maps.Keys(progress)), slices.Sorted(maps.Keys(want)))
	}
	for p, records := range map[int32]int64{0: 13, 2: 3} {
		got := progress[p]
		switch {
		case got.Next != want[p]:
			s.Errorf("partition %d: Next is %d, want %d", p, got.Next, want[p])
		case got.Read != records || got.Written+got.Duplicates != records || got.Rejected != 0:
			s.Errorf("partition %d: %+v; want %d read, and as many written and duplicates", p, got, records)
		case got.TopicID == "":
			s.Errorf("partition %d: no TopicID", p)
		case got.UpdatedAt.IsZero():
			s.Errorf("partition %d: no UpdatedAt", p)
		}
	}
}

// someRevisions commits batches of two stations with corrections, over midnight, and returns them.
func someRevisions(s *suite) []*flow.Batch {
	a, b := run(0, 0, 0, 600), run(1, 0, 355, 365) // midnight is at 360
	c := Batch(0, a.End, Observation(0, 1, 3), Observation(0, 500, 2), Observation(0, 1, 2), Observation(0, 600, 1))
	d := Batch(1, b.End, Observation(1, 360, 2), Observation(1, 359, 4))
	sink := s.open(-1, 0, 1)
	for _, batch := range []*flow.Batch{a, b, c, d} {
		s.commit(sink, batch)
	}
	s.close(sink)
	return []*flow.Batch{a, b, c, d}
}

func revisionsKept(s *suite) {
	batches := someRevisions(s)
	s.sameRevisions(s.revisions(s.ask(), flow.Selection{}), revisionsOf(s.Keeps, batches...))
}

func revisionsInOrder(s *suite) {
	batches := someRevisions(s)
	got, want := lastOfEach(s.revisions(s.ask(), flow.Selection{})), lastOfEach(revisionsOf(s.Keeps, batches...))
	for id, number := range want {
		if got[id] != number {
			s.Errorf("of %s revision %d remains, want %d", id, got[id], number)
		}
	}
}

// lastOfEach returns of each id the number of the revision that the others give way to.
func lastOfEach(all []flow.Revision) map[meteo.ID]int64 {
	last := map[meteo.ID]flow.Revision{}
	for _, r := range all {
		if before, ok := last[r.ID]; !ok || r.Replaces(before) {
			last[r.ID] = r
		}
	}
	numbers := map[meteo.ID]int64{}
	for id, r := range last {
		numbers[id] = r.Number
	}
	return numbers
}

func revisionsSelected(s *suite) {
	batches := someRevisions(s)
	day := firstTime.Truncate(24*time.Hour).AddDate(0, 0, 1)
	sel := flow.Selection{StationID: Observation(1, 0, 1).StationID, From: day, To: day.AddDate(0, 0, 1)}
	want := slices.DeleteFunc(revisionsOf(s.Keeps, batches...), func(r flow.Revision) bool { return !sel.Has(r.StationID, r.ObservedAt) })
	if len(want) == 0 && s.Keeps != flow.LastObservation {
		s.Fatalf("the case selects nothing")
	}
	s.sameRevisions(s.revisions(s.ask(), sel), want)
}

func sumsAgree(s *suite) {
	batches := someRevisions(s)
	store := s.ask()
	day := firstTime.Truncate(24*time.Hour).AddDate(0, 0, 1)
	for _, sel := range []flow.Selection{{}, {From: day}, {To: day, StationID: Observation(0, 0, 1).StationID}} {
		summer := flow.NewSummer()
		for _, r := range revisionsOf(s.Keeps, batches...) {
			if sel.Has(r.StationID, r.ObservedAt) {
				summer.Add(r)
			}
		}
		var want []flow.DaySum
		_ = summer.Each(func(sum flow.DaySum) error { want = append(want, sum); return nil })
		got := s.sums(store, sel)
		slices.SortFunc(want, inSumOrder)
		slices.SortFunc(got, inSumOrder)
		if !slices.EqualFunc(got, want, func(a, b flow.DaySum) bool {
			return a.StationID == b.StationID && a.Day.Equal(b.Day) && a.IDs == b.IDs && a.Rows == b.Rows && a.Hash == b.Hash && a.RowsHash == b.RowsHash && a.Numbers == b.Numbers && a.FetchedMs == b.FetchedMs
		}) {
			s.Errorf("the sums of %+v are\n%+v, want\n%+v", sel, got, want)
		}
	}
}

func callerFails(s *suite) {
	someRevisions(s)
	store, enough := s.ask(), errors.New("enough")
	calls := 0
	if err := store.Revisions(s.ctx(), flow.Selection{}, func(flow.Revision) error { calls++; return enough }); !errors.Is(err, enough) || calls != 1 {
		s.Errorf("Revisions returned %v after %d calls, want the caller's error after one", err, calls)
	}
	calls = 0
	if err := store.Sums(s.ctx(), flow.Selection{}, func(flow.DaySum) error { calls++; return enough }); !errors.Is(err, enough) || calls != 1 {
		s.Errorf("Sums returned %v after %d calls, want the caller's error after one", err, calls)
	}
}

func (s *suite) progress(store flow.Store) map[int32]flow.Progress {
	s.Helper()
	progress, err := store.Progress(s.ctx())
	if err != nil {
		s.Fatalf("Progress: %v", err)
	}
	return progress
}

func (s *suite) revisions(store flow.Store, sel flow.Selection) []flow.Revision {
	s.Helper()
	var all []flow.Revision
	err := store.Revisions(s.ctx(), sel, func(r flow.Revision) error { all = append(all, r); return nil })
	if err != nil {
		s.Fatalf("Revisions of %+v: %v", sel, err)
	}
	return all
}

func (s *suite) sums(store flow.Store, sel flow.Selection) []flow.DaySum {
	s.Helper()
	var all []flow.DaySum
	err := store.Sums(s.ctx(), sel, func(sum flow.DaySum) error { all = append(all, sum); return nil })
	if err != nil {
		s.Fatalf("Sums of %+v: %v", sel, err)
	}
	return all
}

// sameRevisions compares revisions in any order.
func (s *suite) sameRevisions(got, want []flow.Revision) {
	s.Helper()
	text := func(all []flow.Revision) []string {
		var out []string
		for _, r := range all {
			out = append(out, fmt.Sprintf("%s %s %s %d %d", r.ID, r.StationID, r.ObservedAt.UTC().Format(time.RFC3339Nano), r.Number, r.FetchedAt.UnixMilli()))
		}
		slices.Sort(out)
		return out
	}
	g, w := text(got), text(want)
	if slices.Equal(g, w) {
		return
	}
	s.Errorf("%d revisions, want %d", len(g), len(w))
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			s.Errorf("the first that differs is %s, want %s", g[i], w[i])
			return
		}
	}
}

// revisionsOf are the revisions that a store should hold of batches.
func revisionsOf(keeps flow.Reduction, batches ...*flow.Batch) []flow.Revision {
	var out []flow.Revision
	for _, o := range kept(keeps, batches...) {
		out = append(out, flow.RevisionOf(o))
	}
	return out
}

func inSumOrder(a, b flow.DaySum) int {
	return cmp.Or(cmp.Compare(a.StationID, b.StationID), a.Day.Compare(b.Day))
}
