package reconcile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"senmeteo/jobs/query"
	"senmeteo/jobs/reconcile"
)

func result() *reconcile.Result {
	r := &reconcile.Result{
		Partitions: []reconcile.Partition{
			{Partition: 0, Read: 10, Expanded: 2, Clean: 7, Duplicates: 2, Dead: 2, Rerouted: 1, Lag: 5, RawRecords: 10, CleanRecords: 7, DeadLetters: 2},
			{Partition: 1, Read: 3, Expanded: 1, Clean: 1, Duplicates: 1, Dead: 1, Rerouted: 1, Lag: 4, RawRecords: -1, CleanRecords: -1, DeadLetters: -1},
		},
		Tallies:     []reconcile.Tally{{Name: "clean topic", Observations: 6, Records: 8, Hashes: map[int32]string{0: "0000000000000001", 1: "0000000000000002"}}},
		Differences: []reconcile.Differences{{Store: "PostgreSQL"}, {Store: "lake"}},
	}
	r.Conclude()
	return r
}

func printed(t *testing.T, r *reconcile.Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Print(&out, false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAResultIsPrintedForPeople(t *testing.T) {
	const want = `  partition  read  expanded  clean  duplicates  dead letters  rerouted  waiting
          0    10         2      7           2             2         1        5
          1     3         1      1           1             1         1        4
        all    13         3      8           3             3         2        9
clean topic          6 observations,        8 records, hash 0000000000000003
balanced: nothing is lost, nothing is doubled
`
	if got := printed(t, result()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestVerdictsArePrintedWhereThereAreAny(t *testing.T) {
	r := result()
	r.Partitions[0].Verdicts, r.Partitions[1].Stale, r.Partitions[0].RawVerdicts, r.Partitions[1].RawVerdicts = 1, 1, 5, 2
	r.Conclude()
	if got := printed(t, r); !strings.Contains(got, "verdicts of review: 1 accepted, 1 came too late\n") || !r.Balanced {
		t.Error(got)
	}
	if r.Total.RawVerdicts != 7 || r.Total.Verdicts != 1 || r.Total.Stale != 1 {
		t.Errorf("the total is %+v", r.Total)
	}
}

func TestTheTotalAddsThePartitionsUp(t *testing.T) {
	got := result().Total
	want := reconcile.Partition{
		Partition: -1, Read: 13, Expanded: 3, Clean: 8, Duplicates: 3, Dead: 3, Rerouted: 2, Lag: 9, RawRecords: 10, CleanRecords: 7, DeadLetters: 2,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWhatDoesNotBalanceIsPrinted(t *testing.T) {
	r := result()
	r.Errors = []string{"partition 1: something is wrong"}
	r.Differences[1] = reconcile.Differences{Store: "lake", Count: 2, Missing: []string{"aa"}, Stale: []string{"bb"}}
	r.Conclude()
	got := printed(t, r)
	for _, want := range []string{
		"lake: 2 differences; missing [aa], extra [], stale [bb], doubled []\n", "partition 1: something is wrong\n", "NOT BALANCED\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "PostgreSQL") || strings.Contains(got, "nothing is lost") {
		t.Errorf("it says too much:\n%s", got)
	}
}

func TestAResultIsPrintedAsOneLineOfJSON(t *testing.T) {
	var out bytes.Buffer
	if err := result().Print(&out, true); err != nil {
		t.Fatal(err)
	}
	var got reconcile.Result
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Total.Read != 13 || !got.Balanced || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v: %s", err, out.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestAResultThatCannotBePrintedFails(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		if err := result().Print(broken{}, asJSON); err == nil {
			t.Errorf("as JSON %v: no error", asJSON)
		}
	}
}

func TestTheFirstProblemIsNamed(t *testing.T) {
	ids := []string{"aa", "bb"}
	for want, r := range map[string]reconcile.Result{
		"pg differs in 3 observations, the first is aa": {Differences: []reconcile.Differences{{Store: "es"}, {Store: "pg", Count: 3, Extra: ids}}},
		"pg differs in 1 observations, the first is bb": {Errors: []string{"x"}, Differences: []reconcile.Differences{{Store: "pg", Count: 1, Doubled: ids[1:]}}},
		"partition 3: 1 read":                           {Errors: []string{"partition 3: 1 read", "another"}},
		"see above":                                     {},
	} {
		if got := r.FirstProblem(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEachStoreThatDiffersAndTheLedgerAreConditions(t *testing.T) {
	r := reconcile.Result{
		Differences: []reconcile.Differences{{Store: "HDFS"}, {Store: "PostgreSQL", Count: 3}},
		Errors:      []string{"partition 0: 3 records are missing", "partition 1"},
	}
	want := []query.Condition{
		{Kind: "k", Subject: "PostgreSQL", Message: "PostgreSQL differs from the clean topic in 3 observations"},
		{Kind: "k", Subject: "ledger", Message: "the ledger does not balance: partition 0: 3 records are missing"},
	}
	if got := r.Conditions("k"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := (&reconcile.Result{Balanced: true}).Conditions("k"); len(got) != 0 {
		t.Errorf("of a balanced one: %+v", got)
	}
}
