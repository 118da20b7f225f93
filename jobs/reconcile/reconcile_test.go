package reconcile_test

import (
	"context"
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
	return flow.RevisionOf(r.observation())
}

func (r row) fetchedAt() time.Time { return time.Unix(3600*r.revision+r.second, 0) }

// observation is what the clean topic holds. A higher id is of a later hour of the same series.
func (r row) observation() *meteo.Observation {
	o := &meteo.Observation{ID: r.id, Revision: r.revision}
	o.StationID, o.Source, o.Kind, o.FetchedAt = "SN-DK", "generate", meteo.Observed, r.fetchedAt()
	o.ObservedAt = time.Unix(3600*int64(r.id[0]), 0)
	return o
}

// holding is a store of revisions in the order of their commits.
type holding []flow.Revision

func (h holding) Revisions(_ context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	for _, r := range h {
		if sel.Has(r.StationID, r.ObservedAt) {
			if err := each(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h holding) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	summer := flow.NewSummer()
	_ = h.Revisions(ctx, sel, func(r flow.Revision) error { summer.Add(r); return nil })
	return summer.Each(each)
}

func scan(rows ...row) holding {
	var h holding
	for _, r := range rows {
		h = append(h, r.revisionOf())
	}
	return h
}

// referenceOf is of one partition.
func referenceOf(t *testing.T, rows ...row) *reconcile.Reference {
	t.Helper()
	r := reconcile.NewReference(func(string) int32 { return 0 }, 2)
	t.Cleanup(func() { _ = r.Close() })
	for _, row := range rows {
		if err := r.Add(row.observation()); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.SumUp(); err != nil {
		t.Fatal(err)
	}
	return r
}

// reference holds ids 1 to 3; id 2 in revisions 1 and 2.
func reference(t *testing.T) *reconcile.Reference {
	t.Helper()
	return referenceOf(t, row{id(1), 1, 0}, row{id(2), 1, 0}, row{id(2), 2, 0}, row{id(3), 1, 0})
}

var (
	lastRevision  = reconcile.Terms{Name: "rows", Keeps: flow.LastRevision, ExtrasCount: true, InMemory: 2}
	everyRevision = reconcile.Terms{Name: "files", Keeps: flow.EveryRevision, ExtrasCount: true, InMemory: 2}
)

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
			ref := reference(t)
			tally, d, err := ref.Compare(t.Context(), scan(c.rows...), reconcile.Terms{Keeps: flow.LastRevision, Excepted: c.excepted, ExtrasCount: c.extrasCount, InMemory: 2})
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
	ref := referenceOf(t, a, c, b, a, b, a)
	for n, rows := range [][]row{{c}, {a, b, c}, {a, a, a, b, b, c}, {a, a, a, a, b, b, b, c, c}} {
		_, d, err := ref.Compare(t.Context(), scan(rows...), everyRevision)
		if want := []int64{0, 0, 0, 3}[n]; err != nil || d.Count != want {
			t.Errorf("%v: %d differences, want %d: %+v, %v", rows, d.Count, want, d, err)
		}
	}
}

func TestOfTwoRevisionsOfOneFetchTheLaterOneIsValid(t *testing.T) {
	first, second := row{id(1), 1, 3600}, row{id(1), 2, 0} // fetched at the same moment
	ref := referenceOf(t, first, second)
	for n, rows := range [][]row{{second}, {first, second}, {first}} {
		_, d, err := ref.Compare(t.Context(), scan(rows...), lastRevision)
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
		_, got, err := reference(t).Compare(t.Context(), scan(c.rows...), reconcile.Terms{Keeps: flow.LastObservation, ExtrasCount: true, InMemory: 2})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestWhereRetentionHasTakenRecordsAStoreOfLastObservationsMayKeepWhatTheyHeldAndNoOlderOnes(t *testing.T) {
	a, b, gone := row{id(1), 1, 0}, row{id(50), 1, 0}, row{id(100), 1, 0} // hours, of three days
	for name, c := range map[string]struct {
		store holding
		extra []string
	}{
		"what the topic has newest":                {scan(b), nil},
		"that, and one that the topic has dropped": {scan(b, gone), nil},
		"that, and an older one of the topic":      {scan(a, b), []string{a.id.String()}},
	} {
		_, got, err := referenceOf(t, a, b).Compare(t.Context(), c.store, reconcile.Terms{Keeps: flow.LastObservation, InMemory: 2})
		if err != nil || !reflect.DeepEqual(got, reconcile.Differences{Extra: c.extra, Count: int64(len(c.extra))}) {
			t.Errorf("%s: %+v, %v; want %v", name, got, err, c.extra)
		}
	}
}

func TestATallyCountsIDsAndRecords(t *testing.T) {
	ref := reference(t)
	if got := ref.Tally("clean topic"); got.Observations != 3 || got.Records != 4 || got.Name != "clean topic" || len(got.Hashes) != 1 {
		t.Errorf("the clean topic: %+v", got)
	}
	got, _, err := ref.Compare(t.Context(), scan(row{id(1), 1, 0}, row{id(2), 1, 0}, row{id(2), 2, 0}, row{id(9), 1, 0}), everyRevision)
	if err != nil || got.Observations != 3 || got.Records != 4 || got.Name != everyRevision.Name {
		t.Errorf("the lake: %+v, %v", got, err)
	}
}

func TestDifferencesNameTheFirstTenIDsInTheirOrder(t *testing.T) {
	var rows []row
	for n := byte(12); n > 0; n-- {
		rows = append(rows, row{id(n), 1, 0})
	}
	_, got, err := referenceOf(t, rows...).Compare(t.Context(), scan(), lastRevision)
	if err != nil || got.Count != 12 || len(got.Missing) != 10 || got.Missing[0] != id(1).String() || got.Missing[9] != id(10).String() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTheHashDoesNotDependOnTheOrder(t *testing.T) {
	var a, b []row
	for n := range byte(50) {
		a = append(a, row{id(n), int64(n) + 1, 0})
		b = append(b, row{id(49 - n), int64(49-n) + 1, 0})
	}
	hash := func(rows ...row) string { return referenceOf(t, rows...).Tally("").Hash() }
	if hash(a...) != hash(b...) {
		t.Error("another order, another hash")
	}
	if b = append(b, row{id(7), 99, 0}); hash(a...) == hash(b...) {
		t.Error("another revision, the same hash")
	}
}

func TestAStoreThatCannotBeReadIsNotADifference(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, s := range map[string]reconcile.Asked{
		"its sums":      failing{sums: broken},
		"its revisions": failing{revisions: broken, holding: scan(row{id(1), 7, 0})},
	} {
		if _, _, err := reference(t).Compare(t.Context(), s, lastRevision); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, d, err := reference(t).Compare(t.Context(), failing{revisions: broken, holding: scan(row{id(1), 1, 0}, row{id(2), 2, 0}, row{id(3), 1, 0})}, lastRevision); err != nil || d.Count != 0 {
		t.Errorf("sums that agree: %v, %v; want no question for revisions", d, err)
	}
}

// failing is a store that can't answer a question.
type failing struct {
	holding
	sums, revisions error
}

func (f failing) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	if f.sums != nil {
		return f.sums
	}
	return f.holding.Sums(ctx, sel, each)
}

func (f failing) Revisions(context.Context, flow.Selection, func(flow.Revision) error) error {
	return f.revisions
}

func TestALedgerThatDoesNotBalanceSaysWhere(t *testing.T) {
	good := reconcile.Partition{
		Partition: 3, Read: 10, Expanded: 2, Clean: 7, Duplicates: 2, Dead: 2, Rerouted: 1, Verdicts: 7, Stale: 2, RawRecords: 10, CleanRecords: 7, DeadLetters: 2, RawVerdicts: 9,
	}
	if errs := good.Errors(); len(errs) != 0 {
		t.Errorf("a balanced ledger has errors: %v", errs)
	}
	for name, change := range map[string]func(*reconcile.Partition){
		"read and":          func(p *reconcile.Partition) { p.Duplicates++ },
		"raw topic":         func(p *reconcile.Partition) { p.RawRecords++ },
		"clean topic":       func(p *reconcile.Partition) { p.CleanRecords-- },
		"dead-letter topic": func(p *reconcile.Partition) { p.DeadLetters++ },

		"holds 8 verdicts": func(p *reconcile.Partition) { p.RawVerdicts-- },
		"has accepted 8":   func(p *reconcile.Partition) { p.Verdicts, p.RawVerdicts = 8, 10 },
		"and dropped 3":    func(p *reconcile.Partition) { p.Stale, p.RawVerdicts = 3, 10 },

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
	// A partition that was recreated holds none of the verdicts either.
	empty := good
	empty.RawRecords, empty.RawVerdicts = 0, 0
	if errs := empty.Errors(); len(errs) != 2 || !strings.Contains(errs[1], "holds 0 verdicts") {
		t.Errorf("an empty raw topic: %v", errs)
	}
	trimmed := good
	trimmed.RawRecords, trimmed.CleanRecords, trimmed.DeadLetters, trimmed.RawVerdicts = -1, -1, -1, 3
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
