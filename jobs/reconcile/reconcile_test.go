package reconcile_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile"
)

func id(n byte) meteo.ID { return meteo.ID{n} }

// row was fetched in an hour of its revision, and in some second of that.
type row struct {
	id       meteo.ID
	revision int64
	second   int64
}

func (r row) revisionOf() flow.Revision {
	return flow.Revision{ID: r.id, StationID: "SN-DK", Number: r.revision, FetchedAt: r.fetchedAt()}
}

func (r row) fetchedAt() time.Time { return time.Unix(3600*r.revision+r.second, 0) }

// observation is what the clean topic holds. A higher id is of a later hour of the same series.
func (r row) observation() *meteo.Observation {
	o := &meteo.Observation{ID: r.id, Revision: r.revision}
	o.StationID, o.Source, o.Kind, o.FetchedAt = "SN-DK", "generate", meteo.Observed, r.fetchedAt()
	o.ObservedAt = time.Unix(3600*int64(r.id[0]), 0)
	return o
}

func scan(rows ...row) func(func(flow.Revision) error) error {
	return func(each func(flow.Revision) error) error {
		for _, r := range rows {
			if err := each(r.revisionOf()); err != nil {
				return err
			}
		}
		return nil
	}
}

// reference holds ids 1 to 3; id 2 in revisions 1 and 2.
func reference() *reconcile.Reference {
	r := reconcile.NewReference(func(string) int32 { return 0 })
	r.Add(0, row{id(1), 1, 0}.observation())
	r.Add(0, row{id(2), 1, 0}.observation())
	r.Add(0, row{id(2), 2, 0}.observation())
	r.Add(1, row{id(3), 1, 0}.observation())
	return r
}

func TestAStoreIsComparedWithTheCleanTopic(t *testing.T) {
	all := []row{{id(1), 1, 0}, {id(2), 2, 0}, {id(3), 1, 0}}
	for name, c := range map[string]struct {
		rows        []row
		excepted    map[meteo.ID]bool
		extrasCount bool
		want        func(reconcile.Differences) []string // the list that must name id
		named       meteo.ID
		count       int64
	}{
		"equal":                                      {rows: all, extrasCount: true},
		"every revision is kept":                     {rows: append([]row{{id(2), 1, 0}}, all...), extrasCount: true},
		"one is missing":                             {rows: all[:2], want: func(d reconcile.Differences) []string { return d.Missing }, named: id(3), count: 1},
		"one is missing that the store refused":      {rows: all[:2], excepted: map[meteo.ID]bool{id(3): true}},
		"one is stale":                               {rows: []row{{id(1), 1, 0}, {id(2), 1, 0}, {id(3), 1, 0}}, want: func(d reconcile.Differences) []string { return d.Stale }, named: id(2), count: 1},
		"one is of another fetch":                    {rows: []row{{id(1), 1, 0}, {id(2), 2, 0}, {id(3), 1, 5}}, want: func(d reconcile.Differences) []string { return d.Stale }, named: id(3), count: 1},
		"one is doubled":                             {rows: append([]row{{id(1), 1, 0}}, all...), want: func(d reconcile.Differences) []string { return d.Doubled }, named: id(1), count: 1},
		"one is too many":                            {rows: append([]row{{id(9), 1, 0}}, all...), extrasCount: true, want: func(d reconcile.Differences) []string { return d.Extra }, named: id(9), count: 1},
		"one more that the topic does not keep more": {rows: append([]row{{id(9), 1, 0}}, all...)},
	} {
		t.Run(name, func(t *testing.T) {
			ref := reference()
			tally, d, err := ref.Compare("store", flow.LastRevision, c.excepted, c.extrasCount, scan(c.rows...))
			if err != nil {
				t.Fatal(err)
			}
			if d.Count != c.count {
				t.Errorf("%d differences, want %d: %+v", d.Count, c.count, d)
			}
			if c.want != nil {
				if list := c.want(d); len(list) != 1 || list[0] != c.named.String() {
					t.Errorf("named %v, want %s", list, c.named)
				}
			}
			equal := tally.Hash() == ref.Tally("clean").Hash()
			if differs := c.count > 0 && name != "one is doubled" || c.excepted != nil; equal == differs {
				t.Errorf("the hashes are equal: %v", equal)
			}
		})
	}
}

// stream forgets after a while: what is fetched again then is in the topic, and in a store of every revision, twice.
func TestWhatTheTopicHasTwiceAStoreMayHaveTwice(t *testing.T) {
	a, b, c := row{id(1), 1, 0}, row{id(1), 1, 50}, row{id(1), 2, 0}
	ref := reconcile.NewReference(nil)
	for _, r := range []row{a, c, b, a, b, a} {
		ref.Add(0, r.observation())
	}
	for n, rows := range [][]row{{c}, {a, b, c}, {a, a, a, b, b, c}, {a, a, a, a, b, b, b, c, c}} {
		_, d, err := ref.Compare("store", flow.EveryRevision, nil, true, scan(rows...))
		if want := []int64{0, 0, 0, 3}[n]; err != nil || d.Count != want {
			t.Errorf("%v: %d differences, want %d: %+v, %v", rows, d.Count, want, d, err)
		}
	}
}

func TestOfTwoRevisionsOfOneFetchTheLaterOneIsValid(t *testing.T) {
	first, second := row{id(1), 1, 3600}, row{id(1), 2, 0} // fetched at the same moment
	ref := reconcile.NewReference(nil)
	ref.Add(0, first.observation())
	ref.Add(0, second.observation())
	for n, rows := range [][]row{{second}, {first, second}, {first}} {
		_, d, err := ref.Compare("store", flow.LastRevision, nil, true, scan(rows...))
		if stale := n == 2; err != nil || (len(d.Stale) == 1) != stale || d.Count > 1 {
			t.Errorf("%v: %+v, %v; stale is wanted: %v", rows, d, err, stale)
		}
	}
}

func TestAStoreOfLastObservationsHoldsTheNewestOfEachSeriesAlone(t *testing.T) {
	for name, c := range map[string]struct {
		rows []row
		want reconcile.Differences
	}{
		"the newest":                  {[]row{{id(3), 1, 0}}, reconcile.Differences{}},
		"an older one":                {[]row{{id(2), 2, 0}}, reconcile.Differences{Missing: []string{id(3).String()}, Extra: []string{id(2).String()}, Count: 2}},
		"the newest and an older one": {[]row{{id(2), 2, 0}, {id(3), 1, 0}}, reconcile.Differences{Extra: []string{id(2).String()}, Count: 1}},
		"nothing":                     {nil, reconcile.Differences{Missing: []string{id(3).String()}, Count: 1}},
		"another fetch of it":         {[]row{{id(3), 1, 7}}, reconcile.Differences{Stale: []string{id(3).String()}, Count: 1}},
	} {
		_, got, err := reference().Compare("", flow.LastObservation, nil, true, scan(c.rows...))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestATallyCountsIDsAndRecords(t *testing.T) {
	ref := reference()
	if got := ref.Tally("clean topic"); got.Observations != 3 || got.Records != 4 || got.Name != "clean topic" || len(got.Hashes) != 2 {
		t.Errorf("the clean topic: %+v", got)
	}
	got, _, err := ref.Compare("lake", flow.EveryRevision, nil, true, scan(row{id(1), 1, 0}, row{id(2), 1, 0}, row{id(2), 2, 0}, row{id(9), 1, 0}))
	if err != nil || got.Observations != 3 || got.Records != 4 || got.Name != "lake" {
		t.Errorf("the lake: %+v, %v", got, err)
	}
}

func TestDifferencesNameTheFirstTenIDsInTheirOrder(t *testing.T) {
	ref := reconcile.NewReference(nil)
	for n := byte(12); n > 0; n-- {
		ref.Add(0, row{id(n), 1, 0}.observation())
	}
	_, got, err := ref.Compare("store", flow.LastRevision, nil, true, scan())
	if err != nil || got.Count != 12 || len(got.Missing) != 10 || got.Missing[0] != id(1).String() || got.Missing[9] != id(10).String() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTheHashDoesNotDependOnTheOrder(t *testing.T) {
	a, b := reconcile.NewReference(nil), reconcile.NewReference(nil)
	for n := range byte(50) {
		a.Add(0, row{id(n), int64(n) + 1, 0}.observation())
		b.Add(0, row{id(49 - n), int64(49-n) + 1, 0}.observation())
	}
	if a.Tally("").Hash() != b.Tally("").Hash() {
		t.Error("another order, another hash")
	}
	b.Add(0, row{id(7), 99, 0}.observation())
	if a.Tally("").Hash() == b.Tally("").Hash() {
		t.Error("another revision, the same hash")
	}
}

func TestAStoreThatCannotBeReadIsNotADifference(t *testing.T) {
	broken := errors.New("disk on fire")
	_, _, err := reference().Compare("store", flow.LastRevision, nil, true, func(func(flow.Revision) error) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestALedgerThatDoesNotBalanceSaysWhere(t *testing.T) {
	good := reconcile.Partition{Partition: 3, Read: 10, Expanded: 2, Clean: 7, Duplicates: 2, Dead: 2, Rerouted: 1, RawRecords: 10, CleanRecords: 7, DeadLetters: 2}
	if errs := good.Errors(); len(errs) != 0 {
		t.Errorf("a balanced ledger has errors: %v", errs)
	}
	for name, change := range map[string]func(*reconcile.Partition){
		"read and":          func(p *reconcile.Partition) { p.Duplicates++ },
		"raw topic":         func(p *reconcile.Partition) { p.RawRecords++ },
		"clean topic":       func(p *reconcile.Partition) { p.CleanRecords-- },
		"dead-letter topic": func(p *reconcile.Partition) { p.DeadLetters++ },

		"the raw topic holds 0 records":         func(p *reconcile.Partition) { p.RawRecords = 0 },
		"the clean topic holds 0 records":       func(p *reconcile.Partition) { p.CleanRecords = 0 },
		"the dead-letter topic holds 0 letters": func(p *reconcile.Partition) { p.DeadLetters = 0 },
	} {
		p := good
		change(&p)
		if errs := p.Errors(); len(errs) != 1 || !strings.Contains(errs[0], name) || !strings.Contains(errs[0], "partition 3") {
			t.Errorf("%s: %v", name, errs)
		}
	}
	trimmed := good
	trimmed.RawRecords, trimmed.CleanRecords, trimmed.DeadLetters = -1, -1, -1
	if errs := trimmed.Errors(); len(errs) != 0 {
		t.Errorf("what retention has taken counts as lost: %v", errs)
	}
}

func TestAResultBalancesOnlyWithoutErrorsAndDifferences(t *testing.T) {
	p := reconcile.Partition{Read: 1, Clean: 1, RawRecords: 1, CleanRecords: 1}
	r := reconcile.Result{Partitions: []reconcile.Partition{p, p}}
	r.Conclude()
	if !r.Balanced || r.Total.Read != 2 {
		t.Errorf("got %+v", r)
	}
	r = reconcile.Result{Partitions: []reconcile.Partition{p}, Differences: []reconcile.Differences{{Count: 1}}}
	if r.Conclude(); r.Balanced {
		t.Error("a difference balances")
	}
	p.Clean = 2
	r = reconcile.Result{Partitions: []reconcile.Partition{p}}
	if r.Conclude(); r.Balanced {
		t.Error("an error balances")
	}
}
