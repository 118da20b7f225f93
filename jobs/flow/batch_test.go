package flow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestARecordIsRejectedOnceForItsFirstRefusal(t *testing.T) {
	first, second := &meteo.Refusal{Reason: meteo.InvalidJSON}, &meteo.Refusal{Reason: meteo.TooLarge}
	b := &flow.Batch{}
	b.Reject(0, first)
	b.Reject(0, second)
	b.Reject(3, second)
	if want := []flow.Reject{{Record: 0, Refusal: first}, {Record: 3, Refusal: second}}; !slices.Equal(b.Rejects, want) {
		t.Errorf("the rejects are %v, want %v", b.Rejects, want)
	}
}

func TestARecordWeighsItsKeyItsValueAndItsFrame(t *testing.T) {
	r := flow.Record{Key: make([]byte, 7), Value: make([]byte, 500)}
	if got := r.Size(); got != 7+500+96 {
		t.Errorf("it weighs %d bytes, want 603", got)
	}
}

func TestTheFirstHeaderOfANameCounts(t *testing.T) {
	r := flow.Record{Headers: []flow.Header{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("2")}, {Key: "b", Value: []byte("3")}}}
	for key, want := range map[string]string{"a": "1", "b": "2", "c": ""} {
		if got := r.Header(key); got != want {
			t.Errorf("header %s is %q, want %q", key, got, want)
		}
	}
}

func TestWhatAStoreKeepsOfObservationsFollowsFromItsReduction(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 15, 0, minute, 0, 0, time.UTC) }
	observe := func(station string, observed, issued, fetched int) meteo.Observation {
		s, _ := meteo.StationByID(station)
		o := meteo.Observation{Reading: meteo.NewReading(s, at(observed), "generate", meteo.Observed)}
		o.IssuedAt, o.FetchedAt = at(issued), at(fetched)
		o.ID = o.Identity.ID()
		return o
	}
	observations := []meteo.Observation{
		observe("SN-DK", 10, 10, 20), // replaced by the next, which was fetched later
		observe("SN-DK", 10, 10, 21),
		observe("SN-DK", 10, 10, 19), // fetched earlier
		observe("SN-DK", 30, 30, 31), // the newest of Dakar
		observe("SN-DK", 20, 20, 50), // of an earlier time
		observe("SN-KD", 10, 10, 20), // replaced by the next, which was fetched at the same time
		observe("SN-KD", 10, 10, 20),
	}
	for reduction, want := range map[flow.Reduction][]int{
		flow.EveryRevision:   {0, 1, 2, 3, 4, 5, 6},
		flow.LastRevision:    {1, 3, 4, 6},
		flow.LastObservation: {3, 6},
	} {
		if got := reduction.Kept(observations); !slices.Equal(got, want) {
			t.Errorf("reduction %d keeps %v, want %v", reduction, got, want)
		}
	}
	forecast := func(observed, issued int) *meteo.Observation {
		o := observe("SN-DK", observed, issued, 60)
		o.ID[0]++ // another one than what it is compared with
		return &o
	}
	before := observe("SN-DK", 10, 10, 60)
	for _, test := range []struct {
		name  string
		o     *meteo.Observation
		newer bool
	}{
		{"of a later time", forecast(11, 9), true},
		{"of the same time and issued later", forecast(10, 11), true},
		{"of the same time and issued at the same time", forecast(10, 10), false},
		{"of an earlier time, though issued later", forecast(9, 11), false},
	} {
		if got := flow.IsNewer(test.o, &before); got != test.newer {
			t.Errorf("an observation %s is newer: %v, want %v", test.name, got, test.newer)
		}
	}
}

func TestASelectionIncludesItsFirstMomentAndNotItsLast(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 15, 0, minute, 0, 0, time.UTC) }
	s := flow.Selection{StationID: "SN-DK", From: at(10), To: at(20)}
	for _, test := range []struct {
		s       flow.Selection
		station string
		minute  int
		has     bool
	}{
		{s, "SN-DK", 9, false},
		{s, "SN-DK", 10, true},
		{s, "SN-DK", 19, true},
		{s, "SN-DK", 20, false},
		{s, "SN-KD", 15, false},
		{flow.Selection{}, "SN-KD", 15, true},
	} {
		if got := test.s.Has(test.station, at(test.minute)); got != test.has {
			t.Errorf("%+v has %s at minute %d: %v, want %v", test.s, test.station, test.minute, got, test.has)
		}
	}
}

func TestSumsAreOfTheLastRevisionsByStationAndDayInUTC(t *testing.T) {
	day := func(n int) time.Time { return time.Date(1970, 1, 1+n, 0, 0, 0, 0, time.UTC) }
	revision := func(id byte, station string, at, fetched time.Time, number int64) flow.Revision {
		return flow.Revision{ID: meteo.ID{id}, StationID: station, ObservedAt: at, Number: number, FetchedAt: fetched}
	}
	lastMoment := day(1).Add(-time.Second)
	first := revision(1, "SN-DK", day(0), day(5), 1)
	last := revision(1, "SN-DK", day(0), day(6), 2)
	stale := revision(1, "SN-DK", day(0), day(4), 3)
	other := revision(2, "SN-DK", lastMoment, day(5), 1)
	next := revision(3, "SN-DK", day(1), day(5), 1)
	old := revision(4, "SN-KD", day(0).Add(-time.Second), day(5), 1)
	older := revision(5, "SN-KD", day(-1), day(5), 1)
	s := flow.NewSummer()
	for _, r := range []flow.Revision{first, last, stale, other, next, old, older} {
		s.Add(r)
	}
	want := []flow.DaySum{
		{StationID: "SN-DK", Day: day(0), IDs: 2, Rows: 4, Hash: last.Hash() + other.Hash(), RowsHash: first.Hash() + last.Hash() + stale.Hash() + other.Hash(), Numbers: 3, FetchedMs: 11 * 86_400_000},
		{StationID: "SN-DK", Day: day(1), IDs: 1, Rows: 1, Hash: next.Hash(), RowsHash: next.Hash(), Numbers: 1, FetchedMs: 5 * 86_400_000},
		{StationID: "SN-KD", Day: day(-1), IDs: 2, Rows: 2, Hash: old.Hash() + older.Hash(), RowsHash: old.Hash() + older.Hash(), Numbers: 2, FetchedMs: 10 * 86_400_000},
	}
	var got []flow.DaySum
	collect := func(sum flow.DaySum) error { got = append(got, sum); return nil }
	if err := s.Each(collect); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("the sums are %v, want %v", got, want)
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("no sum is %v; there are %v", w, got)
		}
	}
	got = nil
	again := revision(3, "SN-DK", day(1), day(5), 2) // fetched at the same time as next, and committed later
	s.Add(next)
	s.Add(again)
	if err := s.Each(collect); err != nil || len(got) != 1 || got[0].Hash != again.Hash() {
		t.Errorf("of two revisions that were fetched at the same time the sums are %v (%v), want the hash of the later one, %x", got, err, again.Hash())
	}
	got = nil
	s.AddOnly(next)
	if err := s.Each(collect); err != nil || !slices.Equal(got, want[1:2]) {
		t.Errorf("of one revision alone the sums are %v (%v), want %v", got, err, want[1:2])
	}
	got = nil
	if err := s.Each(collect); err != nil || len(got) != 0 {
		t.Errorf("it remembers %v (%v), want nothing after Each", got, err)
	}
}

// By psql: SELECT ('x' || left(md5('01000000000000000000000000000000:2:3'), 16))::bit(64).
func TestTheHashOfARevisionIsTheOneThatPostgreSQLComputes(t *testing.T) {
	r := flow.Revision{ID: meteo.ID{1}, Number: 2, FetchedAt: time.UnixMilli(3)}
	if got, want := fmt.Sprintf("%016x", r.Hash()), "44cb073b8389e743"; got != want {
		t.Errorf("the hash is %s, want %s", got, want)
	}
}

func TestTopicsAreTheSameByNameIDAndCluster(t *testing.T) {
	topic := flow.Topic{Name: "a", ID: "1", ClusterID: "x", Partitions: 3}
	for other, same := range map[flow.Topic]bool{
		{Name: "a", ID: "1", ClusterID: "x", Partitions: 4}: true,
		{Name: "b", ID: "1", ClusterID: "x"}:                false,
		{Name: "a", ID: "2", ClusterID: "x"}:                false,
		{Name: "a", ID: "1", ClusterID: "y"}:                false,
	} {
		if topic.Same(other) != same {
			t.Errorf("%v and %v are the same: %v, want %v", topic, other, !same, same)
		}
	}
}

func TestOfTwoRevisionsOfOneMillisecondTheOneThatWasCommittedLaterReplacesTheOther(t *testing.T) {
	at := time.UnixMilli(1_772_366_400_000)
	stored := flow.Revision{Number: 1, FetchedAt: at}
	for name, c := range map[string]struct {
		fetched time.Time
		want    bool
	}{
		"the same millisecond": {at, true},
		"later within it":      {at.Add(999 * time.Microsecond), true},
		"the one before":       {at.Add(-time.Millisecond), false},
		"the one after":        {at.Add(time.Millisecond), true},
	} {
		if got := (flow.Revision{Number: 2, FetchedAt: c.fetched}).Replaces(stored); got != c.want {
			t.Errorf("fetched in %s: %v, want %v", name, got, c.want)
		}
	}
}
