package hdfs

import (
	"context"
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

// revisionsOf reads the revisions of a selection.
func revisionsOf(t testing.TB, l *Lake, s flow.Selection) []flow.Revision {
	t.Helper()
	var all []flow.Revision
	if err := l.Revisions(context.Background(), s, func(r flow.Revision) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// dieUnpublished commits the next batch of partition 0 by a run that dies before it has published it.
func dieUnpublished(t testing.TB, l *Lake, start int64, observations ...meteo.Observation) {
	t.Helper()
	dying := openLake(t, l.cfg)
	if _, err := dying.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	faulty(t, dying).arm(renaming, diesAfter)
	if _, err := dying.Commit(t.Context(), flowtest.Batch(0, start, observations...)); err == nil {
		t.Fatal("the commit did not die")
	}
}

func TestRevisionsIncludeWhatIsCommittedAndPending(t *testing.T) {
	l, _ := localLake(t, &clock{})
	next := fill(t, l, 0, 0, revisions(0, 0, 10, 1))
	dieUnpublished(t, l, next, revisions(0, 10, 10, 1)...)
	if got := published(t, l); len(got) != 10 {
		t.Fatalf("readers see %d rows, want 10", len(got))
	}
	if got := revisionsOf(t, l, flow.Selection{}); len(got) != 20 {
		t.Errorf("%d revisions, want 20", len(got))
	}
	if got := published(t, l); len(got) != 10 {
		t.Errorf("the question published %d rows", len(got)-10)
	}
}

func TestRevisionsKeepToTheSelection(t *testing.T) {
	l, _ := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 4*1440, 1)) // a minute each, from 18:00
	s := flow.Selection{From: time.Date(2024, 2, 1, 12, 30, 0, 0, time.UTC), To: time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC)}
	got := revisionsOf(t, l, s)
	n := len(got)
	if want := int(s.To.Sub(s.From) / time.Minute); n != want || !got[0].ObservedAt.Equal(s.From) || !got[n-1].ObservedAt.Equal(s.To.Add(-time.Minute)) {
		t.Errorf("%d revisions, want %d from %v up to %v", n, want, s.From, s.To)
	}
}

// Of two revisions that were fetched at the same time the one that was committed last is valid, wherever it is stored.
func TestTheRevisionsOfAnObservationComeInTheOrderOfTheirCommits(t *testing.T) {
	revision := func(number int64) meteo.Observation {
		o := flowtest.Observation(0, 0, 1)
		o.Revision = number
		return o
	}
	numbers := func(t *testing.T, l *Lake) (got []int64) {
		for _, r := range revisionsOf(t, l, flow.Selection{}) {
			got = append(got, r.Number)
		}
		return got
	}
	t.Run("of batches and a compaction, pending or not", func(t *testing.T) {
		l, _ := localLake(t, &clock{})
		next := fill(t, l, 0, 0, []meteo.Observation{revision(1)}, []meteo.Observation{revision(2)})
		dying := openLake(t, l.cfg)
		faulty(t, dying).arm(renaming, diesAfter)
		if _, err := dying.Compact(t.Context(), openDay, false); err == nil {
			t.Fatal("the compaction did not die")
		}
		next = fill(t, l, 0, next, []meteo.Observation{revision(3)})
		if got := numbers(t, l); !slices.Equal(got, []int64{2, 3}) {
			t.Fatalf("with a compaction that is pending: %v, want [2 3]", got)
		}
		dieUnpublished(t, l, next, revision(4)) // and publishes the compaction
		if got := numbers(t, l); !slices.Equal(got, []int64{2, 3, 4}) {
			t.Errorf("with a batch that is pending: %v, want [2 3 4]", got)
		}
	})
	t.Run("of a recreated topic in which the station has another partition", func(t *testing.T) {
		old, _ := localLake(t, &clock{})
		fill(t, old, 11, 0, []meteo.Observation{revision(2)})
		cfg := old.cfg
		cfg.topic.ID, cfg.newTopic = "recreated", true
		fill(t, openLake(t, cfg), 1, 0, []meteo.Observation{revision(1)})
		if got := numbers(t, openLake(t, cfg)); !slices.Equal(got, []int64{2, 1}) {
			t.Errorf("%v, want [2 1]", got)
		}
	})
}

func TestTheSumsOfADayEndWithIt(t *testing.T) {
	l, _ := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 1440, 1), revisions(0, 300, 100, 2)) // midnight is at 360
	fill(t, l, 1, 0, revisions(1, 0, 10, 1))
	var got []flow.DaySum
	if err := l.Sums(t.Context(), flow.Selection{}, func(s flow.DaySum) error { got = append(got, s); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(got, func(a, b flow.DaySum) int { return a.Day.Compare(b.Day) }) || len(got) != 3 {
		t.Errorf("the sums are %+v, want three, day by day", got)
	}
	rows := map[int64]int64{}
	for _, s := range got {
		rows[s.Rows] = s.IDs
	}
	if rows[360+60] != 360 || rows[1080+40] != 1080 || rows[10] != 10 {
		t.Errorf("the sums are %+v", got)
	}
}

func TestAFileThatIsNotOfTheLakeIsNamed(t *testing.T) {
	l, folder := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 3, 1))
	name := filepath.Join("date=2024-01-31", "mine.parquet")
	if err := os.WriteFile(filepath.Join(folder, name), []byte("Date,Temp\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := l.Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { return nil })
	if flow.ClassOf(err) != flow.BadInput || !strings.Contains(err.Error(), filepath.ToSlash(name)) {
		t.Errorf("Revisions returned %v, want a failure of the class BadInput that names the file", err)
	}
}

// The lake is read again and again while batches are committed and days compacted. Each time the revisions must be those of
// the first batches: all rows, none twice.
func TestEachRowIsSeenOnceWhileOthersWrite(t *testing.T) {
	writer, _ := localLake(t, &clock{})
	reader := twin(t, writer)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	written := make(chan error, 1)
	go func() {
		next, n := int64(0), 0
		_, err := writer.Acquire(context.Background(), 0)
		for ; err == nil && ctx.Err() == nil; n++ {
			b := flowtest.Batch(0, next, revisions(0, 5*n, 5, 1)...)
			if _, err = writer.Commit(context.Background(), b); err == nil && n%7 == 6 {
				_, err = writer.Compact(context.Background(), openDay.AddDate(1, 0, 0), false)
			}
			next = b.End
		}
		written <- err
	}()
	scans := 0
	for ctx.Err() == nil {
		seen := map[meteo.ID]int{}
		err := reader.Revisions(context.Background(), flow.Selection{}, func(r flow.Revision) error {
			seen[r.ID]++
			return nil
		})
		if flow.ClassOf(err) == flow.TryLater {
			continue // compacted meanwhile, and it says so
		}
		if err != nil {
			t.Fatal(err)
		}
		scans++
		for n := range len(seen) {
			if o := flowtest.Observation(0, n, 1); seen[o.ID] != 1 {
				t.Fatalf("of %d rows the reader sees row %d %d times", len(seen), n, seen[o.ID])
			}
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if scans == 0 {
		t.Error("no reading succeeded")
	}
}
