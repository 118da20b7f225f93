package reconcile_test

import (
	"errors"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile"
)

func id(n byte) meteo.ID { return meteo.ID{n} }

type row struct {
	id       meteo.ID
	revision int64
}

func scan(rows ...row) func(func(meteo.ID, string, int64) error) error {
	return func(each func(meteo.ID, string, int64) error) error {
		for _, r := range rows {
			if err := each(r.id, "SN-DK", r.revision); err != nil {
				return err
			}
		}
		return nil
	}
}

// reference holds ids 1 to 3; id 2 in revisions 1 and 2.
func reference() *reconcile.Reference {
	r := reconcile.NewReference(func(string) int32 { return 0 })
	r.Add(0, id(1), 1)
	r.Add(0, id(2), 1)
	r.Add(0, id(2), 2)
	r.Add(1, id(3), 1)
	return r
}

func TestAStoreIsHeldAgainstTheCleanTopic(t *testing.T) {
	all := []row{{id(1), 1}, {id(2), 2}, {id(3), 1}}
	for name, c := range map[string]struct {
		rows        []row
		excepted    map[meteo.ID]bool
		extrasCount bool
		want        func(reconcile.Differences) []string // the list that must name id
		named       meteo.ID
		count       int64
	}{
		"equal":                                 {rows: all, extrasCount: true},
		"every revision is kept":                {rows: append([]row{{id(2), 1}}, all...), extrasCount: true},
		"one is missing":                        {rows: all[:2], want: func(d reconcile.Differences) []string { return d.Missing }, named: id(3), count: 1},
		"one is missing that the store refused": {rows: all[:2], excepted: map[meteo.ID]bool{id(3): true}},
		"one is stale":                          {rows: []row{{id(1), 1}, {id(2), 1}, {id(3), 1}}, want: func(d reconcile.Differences) []string { return d.Stale }, named: id(2), count: 1},
		"one is doubled":                        {rows: append([]row{{id(1), 1}}, all...), want: func(d reconcile.Differences) []string { return d.Doubled }, named: id(1), count: 1},
		"one is too many":                       {rows: append([]row{{id(9), 1}}, all...), extrasCount: true, want: func(d reconcile.Differences) []string { return d.Extra }, named: id(9), count: 1},
		"one more that the topic does not keep more": {rows: append([]row{{id(9), 1}}, all...)},
	} {
		t.Run(name, func(t *testing.T) {
			ref := reference()
			tally, d, err := ref.Compare("store", c.excepted, c.extrasCount, scan(c.rows...))
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

func TestTheHashDoesNotDependOnTheOrder(t *testing.T) {
	a, b := reconcile.NewReference(nil), reconcile.NewReference(nil)
	for n := range byte(50) {
		a.Add(0, id(n), int64(n)+1)
		b.Add(0, id(49-n), int64(49-n)+1)
	}
	if a.Tally("").Hash() != b.Tally("").Hash() {
		t.Error("another order, another hash")
	}
	b.Add(0, id(7), 99)
	if a.Tally("").Hash() == b.Tally("").Hash() {
		t.Error("another revision, the same hash")
	}
}

func TestAStoreThatCannotBeReadIsNoDifference(t *testing.T) {
	broken := errors.New("disk on fire")
	_, _, err := reference().Compare("store", nil, true, func(func(meteo.ID, string, int64) error) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestABookThatDoesNotBalanceSaysWhere(t *testing.T) {
	good := reconcile.Partition{Partition: 3, Read: 10, Expanded: 2, Clean: 7, Duplicates: 2, Dead: 2, Rerouted: 1, RawRecords: 10, CleanRecords: 7, DeadLetters: 2}
	if errs := good.Errors(); len(errs) != 0 {
		t.Errorf("a balanced book has errors: %v", errs)
	}
	for name, change := range map[string]func(*reconcile.Partition){
		"read and":          func(p *reconcile.Partition) { p.Duplicates++ },
		"raw topic":         func(p *reconcile.Partition) { p.RawRecords++ },
		"clean topic":       func(p *reconcile.Partition) { p.CleanRecords-- },
		"dead-letter topic": func(p *reconcile.Partition) { p.DeadLetters++ },
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
