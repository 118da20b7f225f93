package hdfs

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// openDay is a day after all that flowtest.Observation makes for small numbers.
var openDay = time.Date(2024, 2, 5, 7, 0, 0, 0, time.UTC)

// fill commits batches one after the other and returns the offset after the last.
func fill(t testing.TB, l *Lake, partition int32, start int64, batches ...[]meteo.Observation) int64 {
	t.Helper()
	if _, err := l.Acquire(t.Context(), partition); err != nil {
		t.Fatal(err)
	}
	for _, observations := range batches {
		b := flowtest.Batch(partition, start, observations...)
		if _, err := l.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		start = b.End
	}
	return start
}

// revisions makes observations of a partition: n of them from first on, in one revision.
func revisions(partition int32, first, n int, revision int64) []meteo.Observation {
	var out []meteo.Observation
	for i := range n {
		out = append(out, flowtest.Observation(partition, first+i, revision))
	}
	return out
}

// fillThreeBatches leaves the first day with five files of two partitions, in which some observations have two revisions
// and one is there twice.
func fillThreeBatches(t testing.TB, l *Lake) {
	t.Helper()
	fill(t, l, 0, 0, revisions(0, 0, 20, 1), revisions(0, 5, 10, 2), revisions(0, 19, 3, 1))
	fill(t, l, 1, 0, revisions(1, 0, 20, 2), revisions(1, 0, 20, 1))
}

// wanted is what fillThreeBatches leaves after compaction.
func wanted() map[flowtest.Row]int {
	want := map[flowtest.Row]int{}
	for n := range 22 {
		o := flowtest.Observation(0, n, 1)
		if n >= 5 && n < 15 {
			o = flowtest.Observation(0, n, 2)
		}
		want[flowtest.RowOf(&o)] = 1
	}
	for n := range 20 {
		o := flowtest.Observation(1, n, 2)
		want[flowtest.RowOf(&o)] = 1
	}
	return want
}

func count(rows []flowtest.Row) map[flowtest.Row]int {
	out := map[flowtest.Row]int{}
	for _, r := range rows {
		out[r]++
	}
	return out
}

// scanned counts what the lake holds, published or pending.
func scanned(t testing.TB, l *Lake) map[flowtest.Row]int {
	t.Helper()
	out := map[flowtest.Row]int{}
	for _, o := range seen(t, l) {
		out[flowtest.RowOf(&o)]++
	}
	return out
}

func TestCompactionKeepsTheLastRevisionOfEachObservationInOneSortedFile(t *testing.T) {
	onEachFileSystem(t, func(t *testing.T, root string) {
		l := openLake(t, testConfig(root))
		fillThreeBatches(t, l)
		report, err := l.Compact(t.Context(), openDay, false)
		if err != nil {
			t.Fatal(err)
		}
		if report.Days != 1 || report.FilesBefore != 5 || report.RowsBefore != 73 || report.RowsAfter != 42 || report.BytesAfter == 0 || report.BytesBefore <= report.BytesAfter {
			t.Errorf("the report is %+v", report)
		}
		if got := count(published(t, l)); !maps.Equal(got, wanted()) {
			t.Errorf("readers see %v", got)
		}
		days, err := l.listDays(t.Context(), flow.Selection{})
		if err != nil || len(days["2024-01-31"]) != 1 {
			t.Fatalf("the day has the files %v (%v), want one", days, err)
		}
		rows := contentOf(t, l, days["2024-01-31"][0])
		if !slices.IsSortedFunc(rows, func(a, b meteo.Observation) int { return inFileOrder(&a, &b) }) {
			t.Error("the compacted file is not sorted")
		}
		if err := l.Verify(t.Context()); err != nil {
			t.Error(err)
		}

		again, err := l.Compact(t.Context(), openDay, false)
		if err != nil || again != (flow.Compaction{}) {
			t.Errorf("a second compaction did %+v (%v), want nothing", again, err)
		}
	})
}

func TestADayIsCompactedAgainWhenFilesCameLate(t *testing.T) {
	l := openLake(t, testConfig("file://"+t.TempDir()))
	next := fill(t, l, 0, 0, revisions(0, 0, 20, 1))
	compact(t, l, 1)
	fill(t, l, 0, next, revisions(0, 15, 10, 2))
	compact(t, l, 1)
	got := published(t, l)
	if len(got) != 25 {
		t.Errorf("readers see %d rows, want 25", len(got))
	}
}

func TestDaysThatAreCompactedAreRewrittenOnlyWhenAllAreToBe(t *testing.T) {
	l := openLake(t, testConfig("file://"+t.TempDir()))
	fill(t, l, 0, 0, revisions(0, 0, 2*1440, 1)) // three days
	compact(t, l, 3)
	compact(t, l, 0)
	report, err := l.Compact(t.Context(), openDay, true)
	if err != nil || report.Days != 3 || report.RowsBefore != 2*1440 || report.RowsAfter != 2*1440 {
		t.Errorf("Compact did %+v (%v), want three days", report, err)
	}
	if got := published(t, l); len(got) != 2*1440 {
		t.Errorf("readers see %d rows, want %d", len(got), 2*1440)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatAFailedCompactionHadWrittenIsRemoved(t *testing.T) {
	l, folder := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 3*1440, 1)) // four days
	if err := os.WriteFile(filepath.Join(folder, "date=2024-02-01", "mine.parquet"), []byte("Date,Temp\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := l.Compact(t.Context(), openDay, false)
	if flow.ClassOf(err) != flow.BadInput || !strings.Contains(err.Error(), "date=2024-02-01/mine.parquet") || report.Days != 1 {
		t.Errorf("Compact did %+v and returned %v, want one day and a failure that names the file", report, err)
	}
	if left, err := l.list(t.Context(), tmpFolder); err != nil || len(left) != 0 {
		t.Errorf("%v are left (%v)", left, err)
	}
}

func TestTheOpenDayIsNotCompacted(t *testing.T) {
	l := openLake(t, testConfig("file://"+t.TempDir()))
	fill(t, l, 0, 0, revisions(0, 0, 20, 1), revisions(0, 0, 20, 2))
	report, err := l.Compact(t.Context(), time.Date(2024, 1, 31, 23, 59, 0, 0, time.UTC), false)
	if err != nil || report.Days != 0 {
		t.Errorf("Compact did %+v (%v), want nothing", report, err)
	}
}

func compact(t testing.TB, l *Lake, days int64) {
	t.Helper()
	report, err := l.Compact(t.Context(), openDay, false)
	if err != nil {
		t.Fatal(err)
	}
	if report.Days != days {
		t.Errorf("Compact did %+v, want %d days", report, days)
	}
}

// changesOfACompaction are the changes of the file system that a compaction of fillThreeBatches makes.
var changesOfACompaction = []string{
	"making the temporary folder", "writing the data", "writing the manifest", "making the chain", "the commit's rename",
	"making the folder of what is replaced", "moving the 1st file out", "moving the 2nd file out", "moving the 3rd file out",
	"moving the 4th file out", "moving the 5th file out", "moving the new file in", "removing what was replaced",
}

func TestACompactionThatDiesAtAnyStepKeepsEachRowOnce(t *testing.T) {
	onEachFileSystem(t, func(t *testing.T, root string) {
		some := modes
		if strings.HasPrefix(root, "hdfs:") {
			some = []mode{diesAfter, losesAnswer} // all of them take a minute there
		}
		for i, change := range changesOfACompaction {
			for _, m := range some {
				if m.appliesTo(change) {
					t.Run(change+": "+string(m), func(t *testing.T) { dieCompacting(t, fmt.Sprintf("%s/%d-%d", root, i, slices.Index(modes, m)), i+1, m) })
				}
			}
		}
	})
}

func dieCompacting(t *testing.T, root string, at int, m mode) {
	writer, watcher := openLake(t, testConfig(root)), openLake(t, testConfig(root))
	fillThreeBatches(t, writer)
	whole := count(published(t, watcher))

	dying := openLake(t, testConfig(root))
	f := faulty(t, dying)
	f.after = func() {
		for row, n := range count(published(t, watcher)) {
			if n > whole[row] {
				t.Errorf("after change %d readers see the row %v %d times", f.changes, row, n)
			}
		}
	}
	f.arm(at, m)
	_, err := dying.Compact(t.Context(), openDay, false)
	if f.changes < at {
		t.Fatalf("the compaction made %d changes only (%v)", f.changes, err)
	}
	if got := scanned(t, watcher); !maps.Equal(got, whole) && !maps.Equal(got, wanted()) {
		t.Errorf("a reader of the chains sees neither all revisions nor the last ones: %v", got)
	}

	heir := openLake(t, testConfig(root))
	if _, err := heir.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(published(t, watcher)); !maps.Equal(got, whole) && !maps.Equal(got, wanted()) {
		t.Errorf("after Resume readers see neither all revisions nor the last ones: %v", got)
	}
	if _, err := heir.Compact(t.Context(), openDay, false); err != nil {
		t.Fatal(err)
	}
	if got := count(published(t, watcher)); !maps.Equal(got, wanted()) {
		t.Errorf("after another compaction readers see %v", got)
	}
	if err := heir.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOfTwoCompactionsAtTheSameTimeOneIsFenced(t *testing.T) {
	root := "file://" + t.TempDir()
	first, second := openLake(t, testConfig(root)), openLake(t, testConfig(root))
	fillThreeBatches(t, first)
	f := faulty(t, first)
	f.after = func() {
		if f.after = nil; f.changes == 1 { // the first has read the day
			compact(t, second, 1)
		}
	}
	if _, err := first.Compact(t.Context(), openDay, false); flow.ClassOf(err) != flow.TryLater {
		t.Errorf("the slower compaction returned %v, want flow.ErrFenced", err)
	}
	if got := count(published(t, second)); !maps.Equal(got, wanted()) {
		t.Errorf("readers see %v", got)
	}
}

func TestACompactionThatSleptThroughOthersIsFenced(t *testing.T) {
	var c clock
	sleeper, _ := localLake(t, &c)
	rival := twin(t, sleeper)
	next := fill(t, rival, 0, 0, revisions(0, 0, 2*1440, 1)) // three days
	f := faulty(t, sleeper)
	f.after = func() {
		if f.changes < 15 { // the first day is not done, or another is not written
			return
		}
		f.after = nil
		if _, err := rival.Compact(t.Context(), openDay, false); err != nil { // of both days, or of the one that the sleeper has not committed
			t.Error(err)
		}
		next = fill(t, rival, 0, next, revisions(0, 0, 10, 2))
		compact(t, rival, 1)
		c.ahead = keepEntries + time.Hour
		fill(t, rival, 0, next, revisions(0, 10, 10, 2))
		compact(t, rival, 1) // and prune
	}
	if _, err := sleeper.Compact(t.Context(), openDay, false); !errors.Is(err, flow.ErrFenced) {
		t.Errorf("Compact returned %v, want flow.ErrFenced", err)
	}
	if got := published(t, rival); len(got) != 2*1440 {
		t.Errorf("readers see %d rows, want %d", len(got), 2*1440)
	}
}
