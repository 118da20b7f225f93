package reconcile_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile"
)

var firstDay = time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC)

// observed is an observation of some station and hour, in a revision that was fetched in some minute.
func observed(station, hour int, revision int64, minute int) meteo.Observation {
	o := meteo.Observation{Revision: revision}
	o.StationID, o.Source, o.Kind = meteo.Stations[station].ID, "generate", meteo.Observed
	o.ObservedAt = firstDay.Add(time.Duration(hour) * time.Hour)
	o.FetchedAt = firstDay.AddDate(0, 1, 0).Add(time.Duration(minute) * time.Minute)
	o.ID = o.Identity.ID()
	return o
}

// watched is a store that remembers what its revisions were asked of.
type watched struct {
	holding
	asked []flow.Selection
}

func (w *watched) Revisions(ctx context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	w.asked = append(w.asked, sel)
	return w.holding.Revisions(ctx, sel, each)
}

func partitionOf(station string) int32 { return int32(len(station)+int(station[len(station)-1])) % 3 }

func newReference(t *testing.T, inMemory int, topic []meteo.Observation) *reconcile.Reference {
	t.Helper()
	ref := reconcile.NewReference(partitionOf, inMemory)
	t.Cleanup(func() { _ = ref.Close() })
	for i := range topic {
		if err := ref.Add(&topic[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := ref.SumUp(); err != nil {
		t.Fatal(err)
	}
	return ref
}

func storeOf(keeps flow.Reduction, topic []meteo.Observation) holding {
	var h holding
	for _, i := range keeps.Kept(topic) {
		h = append(h, flow.RevisionOf(&topic[i]))
	}
	return h
}

// Of 3 stations and 5 days, hour by hour, one row of the second station and the third day is damaged. It has two revisions.
func TestTheOneThatDiffersIsNamedAndOnlyItsStationAndDayAreRead(t *testing.T) {
	var topic []meteo.Observation
	for hour := range 5 * 24 {
		for station := range 3 {
			topic = append(topic, observed(station, hour, 1, hour), observed(station, hour, 2, hour+30))
		}
	}
	victim := observed(1, 2*24+7, 2, 2*24+7+30)
	day := flow.Selection{StationID: victim.StationID, From: firstDay.AddDate(0, 0, 2), To: firstDay.AddDate(0, 0, 3)}
	other := flow.RevisionOf(&victim)
	moved := observed(1, 2*24+7, 2, 0)
	moved.ObservedAt = moved.ObservedAt.Add(time.Minute)
	moved.ID = moved.Identity.ID()
	at := func(h holding) int {
		return slices.IndexFunc(h, func(r flow.Revision) bool { return r.ID == victim.ID && r.Number == 2 })
	}
	id := []string{victim.ID.String()}
	for name, c := range map[string]struct {
		damage func(h holding) holding
		want   reconcile.Differences
		read   bool
	}{
		"nothing": {damage: func(h holding) holding { return h }},
		"it is missing": {read: true, want: reconcile.Differences{Missing: id, Count: 1}, damage: func(h holding) holding {
			return slices.DeleteFunc(h, func(r flow.Revision) bool { return r.ID == victim.ID })
		}},
		"it is doubled": {read: true, want: reconcile.Differences{Doubled: id, Count: 1}, damage: func(h holding) holding { return append(h, other) }},
		"it is there three times": {read: true, want: reconcile.Differences{Doubled: []string{id[0], id[0]}, Count: 2}, damage: func(h holding) holding {
			return append(h, other, other)
		}},
		"it has another revision": {read: true, want: reconcile.Differences{Stale: id, Count: 1}, damage: func(h holding) holding { h[at(h)].Number = 3; return h }},
		"it has another fetched_at": {read: true, want: reconcile.Differences{Stale: id, Count: 1}, damage: func(h holding) holding {
			h[at(h)].FetchedAt = other.FetchedAt.Add(time.Millisecond)
			return h
		}},
		"it has the values of another time": {read: true, want: reconcile.Differences{Missing: id, Extra: []string{moved.ID.String()}, Count: 2}, damage: func(h holding) holding {
			h = slices.DeleteFunc(h, func(r flow.Revision) bool { return r.ID == victim.ID })
			return append(h, flow.RevisionOf(&moved))
		}},
	} {
		for _, keeps := range []flow.Reduction{flow.EveryRevision, flow.LastRevision} {
			for _, inMemory := range []int{10, 1000} {
				t.Run(fmt.Sprintf("%s, reduction %d, %d in memory", name, keeps, inMemory), func(t *testing.T) {
					ref := newReference(t, inMemory, topic)
					store := &watched{holding: c.damage(storeOf(keeps, topic))}
					tally, got, err := ref.Compare(t.Context(), store, reconcile.Terms{Keeps: keeps, ExtrasCount: true, InMemory: inMemory})
					if err != nil || !reflect.DeepEqual(got, c.want) {
						t.Errorf("got %+v, want %+v; %v", got, c.want, err)
					}
					if c.read && !reflect.DeepEqual(store.asked, []flow.Selection{day}) || !c.read && store.asked != nil {
						t.Errorf("read %v, want %v: %v", store.asked, day, c.read)
					}
					if tally.Records != int64(len(store.holding)) {
						t.Errorf("the tally has %d records of %d", tally.Records, len(store.holding))
					}
				})
			}
		}
	}
}

// hashKept is a store that keeps hashes beside the revisions, one of which was changed without its hash.
type hashKept struct {
	*watched
	hashes holding
}

func (h hashKept) Sums(ctx context.Context, s flow.Selection, each func(flow.DaySum) error) error {
	var sums []flow.DaySum
	if err := h.hashes.Sums(ctx, s, func(sum flow.DaySum) error { sums = append(sums, sum); return nil }); err != nil {
		return err
	}
	return h.watched.Sums(ctx, s, func(changed flow.DaySum) error {
		for _, kept := range sums {
			if kept.StationID == changed.StationID && kept.Day.Equal(changed.Day) {
				changed.Hash, changed.RowsHash = kept.Hash, kept.RowsHash
			}
		}
		return each(changed)
	})
}

func TestARevisionThatWasChangedWithoutItsHashIsNamed(t *testing.T) {
	topic := []meteo.Observation{observed(0, 0, 1, 0), observed(0, 1, 1, 1), observed(1, 0, 1, 0)}
	for name, change := range map[string]func(*flow.Revision){
		"its number":  func(r *flow.Revision) { r.Number++ },
		"its fetched": func(r *flow.Revision) { r.FetchedAt = r.FetchedAt.Add(time.Millisecond) },
	} {
		kept := storeOf(flow.LastRevision, topic)
		changed := slices.Clone(kept)
		change(&changed[1])
		store := hashKept{&watched{holding: changed}, kept}
		_, got, err := newReference(t, 10, topic).Compare(t.Context(), store, reconcile.Terms{Keeps: flow.LastRevision, ExtrasCount: true, InMemory: 10})
		if want := (reconcile.Differences{Stale: []string{changed[1].ID.String()}, Count: 1}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
	}
}

// A lake that lost a revision and has another one twice has as many rows as it should.
func TestALostRevisionDoesNotHideADoubledOne(t *testing.T) {
	topic := []meteo.Observation{observed(0, 1, 1, 1), observed(0, 1, 2, 2)}
	second := flow.RevisionOf(&topic[1])
	_, got, err := newReference(t, 10, topic).Compare(t.Context(), holding{second, second}, reconcile.Terms{Keeps: flow.EveryRevision, ExtrasCount: true, InMemory: 10})
	if want := (reconcile.Differences{Doubled: []string{second.ID.String()}, Count: 1}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v; %v", got, want, err)
	}
}

func TestManyDaysThatDifferAreReadByFewQuestions(t *testing.T) {
	var topic []meteo.Observation
	for day := range 200 {
		topic = append(topic, observed(day%2, 24*day, 1, day))
	}
	store := &watched{holding: storeOf(flow.LastRevision, topic)}
	for i := 0; i < 200; i += 3 {
		store.holding[i].Number++
	}
	_, got, err := newReference(t, 7, topic).Compare(t.Context(), store, reconcile.Terms{Keeps: flow.LastRevision, ExtrasCount: true, InMemory: 7})
	if err != nil || got.Count != 67 || len(got.Stale) != 10 || len(store.asked) != 32 {
		t.Errorf("%d differences by %d questions, want 67 by 32; %v", got.Count, len(store.asked), err)
	}
}

func TestOnlyTheDaysOfWhichTheStoreHasSomethingAreReadAndNeighboursTogether(t *testing.T) {
	var topic []meteo.Observation
	for day := range 9 {
		topic = append(topic, observed(0, 24*day, 1, day), observed(1, 24*day+1, 1, day))
	}
	day := func(n int) time.Time { return firstDay.AddDate(0, 0, n) }
	limits := flow.Selection{From: firstDay.Add(-time.Hour), To: day(8).Add(2 * time.Hour)}
	both := func(days ...int) func(flow.Revision) bool {
		return func(r flow.Revision) bool {
			return slices.Contains(days, int(flow.DayNumber(r.ObservedAt)-flow.DayNumber(firstDay)))
		}
	}
	for name, c := range map[string]struct {
		damaged, missing []int
		want             []flow.Selection
	}{
		"an empty store":           {missing: []int{0, 1, 2, 3, 4, 5, 6, 7, 8}},
		"days are missing":         {missing: []int{2, 3}},
		"days are damaged":         {damaged: []int{1, 2, 3, 6}, want: []flow.Selection{{From: day(1), To: day(4)}, {From: day(6), To: day(7)}}},
		"one between missing ones": {damaged: []int{5}, missing: []int{4, 6}, want: []flow.Selection{{From: day(5), To: day(6)}}},
		"the first and the last":   {damaged: []int{0, 8}, want: []flow.Selection{{From: day(0), To: day(1)}, {From: day(8), To: limits.To}}},
		"the last of all":          {damaged: []int{8}, missing: []int{0, 1, 2, 3, 4, 5, 6, 7}, want: []flow.Selection{{From: day(8), To: limits.To}}},
	} {
		store := &watched{holding: slices.DeleteFunc(storeOf(flow.LastRevision, topic), both(c.missing...))}
		for i := range store.holding {
			if both(c.damaged...)(store.holding[i]) {
				store.holding[i].Number++
			}
		}
		_, got, err := newReference(t, 100, topic).Compare(t.Context(), store, reconcile.Terms{Keeps: flow.LastRevision, ExtrasCount: true, InMemory: 100, Selection: limits})
		if want := int64(2 * (len(c.damaged) + len(c.missing))); err != nil || got.Count != want || !reflect.DeepEqual(store.asked, c.want) {
			t.Errorf("%s: %d differences by %v, want %d by %v; %v", name, got.Count, store.asked, want, c.want, err)
		}
	}
}

// exact compares as Compare does, with every id and revision in memory and without sums.
func exact(topic []meteo.Observation, store holding, terms reconcile.Terms) (differences reconcile.Differences, observations, records int64, hash uint64) {
	type key struct {
		id     meteo.ID
		fetch  int64
		number int64
	}
	keyOf := func(r flow.Revision) key { return key{r.ID, r.FetchedAt.UnixMilli(), r.Number} }
	last := func(all map[meteo.ID]flow.Revision, r flow.Revision) {
		if before, ok := all[r.ID]; !ok || r.Replaces(before) {
			all[r.ID] = r
		}
	}
	clean, stored, expected := map[meteo.ID]flow.Revision{}, map[meteo.ID]flow.Revision{}, map[meteo.ID]bool{}
	times, came := map[key]int{}, map[key]int{}
	for i := range topic {
		last(clean, flow.RevisionOf(&topic[i]))
		times[keyOf(flow.RevisionOf(&topic[i]))]++
	}
	for _, r := range storeOf(terms.Keeps, topic) {
		expected[r.ID] = true
	}
	var missing, extra, stale, doubled []string
	for _, r := range store {
		if _, known := clean[r.ID]; !known && !terms.ExtrasCount {
			continue
		}
		records++
		last(stored, r)
		if came[keyOf(r)]++; came[keyOf(r)] > max(1, times[keyOf(r)]) {
			doubled = append(doubled, r.ID.String())
		}
	}
	for id, r := range stored {
		observations++
		hash += r.Hash()
		switch {
		case !expected[id]:
			extra = append(extra, id.String())
		case keyOf(r) != keyOf(clean[id]) && !terms.Excepted[id]:
			stale = append(stale, id.String())
		}
	}
	for id := range expected {
		if _, ok := stored[id]; !ok && !terms.Excepted[id] {
			missing = append(missing, id.String())
		}
	}
	first := func(ids []string) []string {
		slices.Sort(ids)
		return ids[:min(len(ids), 10)]
	}
	count := int64(len(missing) + len(extra) + len(stale) + len(doubled))
	return reconcile.Differences{Store: terms.Name, Missing: first(missing), Extra: first(extra), Stale: first(stale), Doubled: first(doubled), Count: count}, observations, records, hash
}

// damaged returns a store after some accidents.
func damaged(random *rand.Rand, store holding) holding {
	store = slices.Clone(store)
	for range random.IntN(4) {
		if len(store) == 0 {
			return store
		}
		i := random.IntN(len(store))
		switch random.IntN(7) {
		case 0:
			store = slices.Delete(store, i, i+1)
		case 1:
			store = append(store, store[i])
		case 2:
			store[i].Number++
		case 3:
			store[i].FetchedAt = store[i].FetchedAt.Add(time.Duration(random.IntN(3)-1) * time.Millisecond)
		case 4:
			o := observed(random.IntN(4), 24*random.IntN(9)+23, 1, 1)
			store = append(store, flow.RevisionOf(&o))
		case 5:
			day := flow.DayNumber(store[i].ObservedAt)
			store = slices.DeleteFunc(store, func(r flow.Revision) bool { return flow.DayNumber(r.ObservedAt) == day })
		case 6:
			store[i].Number, store[i].FetchedAt = store[0].Number, store[0].FetchedAt
		}
	}
	return store
}

func TestSumsAndDetailsNameWhatAFullComparisonNames(t *testing.T) {
	random, differing := rand.New(rand.NewPCG(3, 4)), 0
	const rounds = 2000
	for round := range rounds {
		topic := make([]meteo.Observation, random.IntN(80))
		for i := range topic {
			topic[i] = observed(random.IntN(3), random.IntN(4*24)/5, int64(1+random.IntN(3)), random.IntN(4))
		}
		terms := reconcile.Terms{
			Name: "store", Keeps: flow.Reduction(random.IntN(3)), ExtrasCount: true, InMemory: 1 + random.IntN(40), Excepted: map[meteo.ID]bool{},
		}
		store := storeOf(terms.Keeps, topic)
		if terms.Keeps == flow.EveryRevision && random.IntN(2) == 0 { // a compacted day, and what came after
			n := random.IntN(len(topic) + 1)
			store = append(storeOf(flow.LastRevision, topic[:n]), storeOf(flow.EveryRevision, topic[n:])...)
		}
		store = damaged(random, store)
		if random.IntN(4) == 0 { // retention has taken the first records
			topic = topic[random.IntN(len(topic)+1):]
			terms.ExtrasCount = false
		}
		for range random.IntN(3) {
			if len(topic) > 0 {
				terms.Excepted[topic[random.IntN(len(topic))].ID] = true
			}
		}
		ref := newReference(t, terms.InMemory, topic)
		if !terms.ExtrasCount {
			terms.Selection = ref.Within(flow.Selection{})
		}
		tally, got, err := ref.Compare(t.Context(), store, terms)
		want, observations, records, hash := exact(topic, store, terms)
		if want.Count > 0 {
			differing++
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || tally.Observations != observations || tally.Records != records || tally.Hash() != fmt.Sprintf("%016x", hash) {
			t.Fatalf("round %d, %+v: got %+v with %+v, want %+v with %d observations, %d records, hash %016x; %v", round, terms, got, tally, want, observations, records, hash, err)
		}
	}
	if differing < rounds/4 || differing > rounds*9/10 {
		t.Errorf("%d of %d rounds differ: too few of one kind", differing, rounds)
	}
}
