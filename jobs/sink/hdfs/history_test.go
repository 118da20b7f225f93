package hdfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// clock is one that tests move.
type clock struct{ ahead time.Duration }

func (c *clock) now() time.Time { return time.Now().Add(c.ahead) }

// localLake opens a lake in a folder with a clock that can be moved, and returns the folder of the clean data.
func localLake(t *testing.T, c *clock) (*Lake, string) {
	t.Helper()
	cfg := testConfig("file://" + t.TempDir())
	cfg.clock = c.now
	return openLake(t, cfg), filepath.Join(strings.TrimPrefix(cfg.root, "file://"), "clean")
}

// twin opens another lake at the same place.
func twin(t *testing.T, l *Lake) *Lake {
	t.Helper()
	return openLake(t, l.cfg)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestOldEntriesArePrunedAndTheNewestIsNot(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	next := fill(t, l, 0, 0, revisions(0, 0, 3, 1), nil, revisions(0, 3, 3, 1))
	chain := filepath.Join(folder, "_log", "p=0")

	c.ahead = keepEntries - time.Hour
	next = fill(t, l, 0, next, nil)
	if got := names(t, chain); len(got) != 4 {
		t.Fatalf("before its time the chain is %v, want 4 entries", got)
	}
	c.ahead = keepEntries + time.Hour
	newest := next
	next = fill(t, l, 0, next, revisions(0, 6, 3, 1))
	if got := names(t, chain); len(got) != 1 || got[0] != entryName(newest) {
		t.Errorf("the chain is %v, want the newest entry only", got)
	}
	if got := names(t, filepath.Join(folder, "_tmp")); len(got) != 0 {
		t.Errorf("_tmp holds %v, want nothing", got)
	}
	heir := twin(t, l)
	offsets, err := heir.Resume(t.Context())
	if err != nil || offsets[0] != next {
		t.Errorf("Resume returned %v (%v), want %d", offsets, err, next)
	}
	if err := heir.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if got := published(t, heir); len(got) != 9 {
		t.Errorf("readers see %d rows, want 9", len(got))
	}
}

func TestPruningLeavesNothingThatIsOldHoweverMuchThereIs(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	const many = 300
	next := fill(t, l, 0, 0, make([][]meteo.Observation, many)...)
	c.ahead = keepEntries + time.Hour
	stopped := c.now() // however slow the machine is
	l.cfg.clock = func() time.Time { return stopped }
	fill(t, l, 0, next, revisions(0, 0, 3, 1))
	if got := names(t, filepath.Join(folder, "_log", "p=0")); len(got) != 1 {
		t.Errorf("of %d entries that are old the chain holds %d, want the newest entry only", many, len(got)-1)
	}
}

// A file system on which each removal takes a second.
type slow struct {
	fileSystem
	clock *clock
}

func (s slow) Remove(ctx context.Context, name string) error {
	s.clock.ahead += time.Second
	return s.fileSystem.Remove(ctx, name)
}

func TestPruningThatTakesLongGoesOnWithTheNextBatch(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	const many = 20
	next := fill(t, l, 0, 0, make([][]meteo.Observation, many)...)
	l.files = slow{l.files, &c}
	c.ahead = keepEntries + time.Hour
	const perBatch = int(cleanUpFor / time.Second)
	for left := many; left > 1; {
		next = fill(t, l, 0, next, nil)
		got := len(names(t, filepath.Join(folder, "_log", "p=0")))
		if want := max(1, left+1-perBatch); got != want {
			t.Fatalf("after one batch more the chain of %d entries holds %d, want %d", left, got, want)
		}
		left = got
	}
}

func TestAWriterThatSleptThroughThePruningIsFenced(t *testing.T) {
	for _, test := range []struct {
		name  string
		first int // batches that it had committed before
	}{
		{"before its first batch", 0},
		{"after some batches", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c clock
			rival, _ := localLake(t, &c)
			sleeper := twin(t, rival)
			next := int64(0)
			for i := range test.first {
				next = fill(t, sleeper, 0, next, revisions(0, i, 1, 1))
			}
			if _, err := sleeper.Acquire(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			fill(t, rival, 0, next, revisions(0, 10, 5, 1), revisions(0, 20, 5, 1))
			c.ahead = keepEntries + time.Hour
			fill(t, rival, 0, next+12, revisions(0, 30, 5, 1))

			_, err := sleeper.Commit(t.Context(), flowtest.Batch(0, next, revisions(0, 10, 5, 1)...))
			if !errors.Is(err, flow.ErrFenced) {
				t.Errorf("Commit returned %v, want flow.ErrFenced", err)
			}
			if got := published(t, rival); len(got) != test.first+15 {
				t.Errorf("readers see %d rows, want %d", len(got), test.first+15)
			}
		})
	}
}

func TestABatchThatTookHoursIsNotStored(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	if _, err := l.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	faulty(t, l).after = func() { c.ahead = maxAge + time.Minute }
	_, err := l.Commit(t.Context(), flowtest.Batch(0, 0, revisions(0, 0, 3, 1)...))
	if flow.ClassOf(err) != flow.TryLater {
		t.Errorf("Commit returned %v, want a failure of the class TryLater", err)
	}
	if got := names(t, filepath.Join(folder, "_log", "p=0")); len(got) != 0 {
		t.Errorf("the chain is %v, want nothing", got)
	}
	if got := names(t, filepath.Join(folder, "_tmp")); len(got) != 0 {
		t.Errorf("_tmp holds %v, want nothing", got)
	}
}

func TestWhatCrashedWritersLeftIsSweptAfterADay(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	dead := twin(t, l)
	if _, err := dead.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	faulty(t, dead).arm(3, diesHalfway)
	if _, err := dead.Commit(t.Context(), flowtest.Batch(0, 0, revisions(0, 0, 3, 1)...)); err == nil {
		t.Fatal("the commit did not die")
	}
	next := fill(t, l, 0, 0, revisions(0, 0, 3, 1))
	if got := names(t, filepath.Join(folder, "_tmp")); len(got) != 1 {
		t.Fatalf("_tmp holds %v, want what the dead writer left", got)
	}
	c.ahead = keepStaged + time.Hour
	fill(t, l, 0, next, revisions(0, 3, 3, 1))
	if got := names(t, filepath.Join(folder, "_tmp")); len(got) != 0 {
		t.Errorf("_tmp holds %v, want nothing", got)
	}
}

func TestARecreatedTopicIsRefusedWithoutNewTopic(t *testing.T) {
	old := openLake(t, testConfig("file://"+t.TempDir()))
	fill(t, old, 0, 0, revisions(0, 0, 10, 1))
	fill(t, old, 1, 0, revisions(1, 0, 10, 1))

	cfg := old.cfg
	cfg.topic.ID = "recreated"
	if _, err := openLake(t, cfg).Resume(t.Context()); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "--new-topic") {
		t.Fatalf("Resume returned %v, want a failure of the class Usage that names --new-topic", err)
	}

	cfg.newTopic = true
	again := openLake(t, cfg)
	if offsets, err := again.Resume(t.Context()); err != nil || len(offsets) != 0 {
		t.Fatalf("Resume returned %v (%v), want no offsets", offsets, err)
	}
	next := fill(t, again, 0, 0, revisions(0, 10, 10, 1)) // the same partition, offsets and day as before

	if got := published(t, again); len(got) != 30 {
		t.Errorf("readers see %d rows, want 30", len(got))
	}
	if err := again.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	cfg.newTopic = false
	if offsets, err := openLake(t, cfg).Resume(t.Context()); err != nil || len(offsets) != 1 || offsets[0] != next {
		t.Errorf("the next run resumes at %v (%v), want partition 0 at %d only", offsets, err, next)
	}
	if _, err := old.Acquire(t.Context(), 0); !errors.Is(err, flow.ErrFenced) {
		t.Errorf("Acquire of the old topic's writer returned %v, want flow.ErrFenced", err)
	}
	if _, err := openLake(t, old.cfg).Resume(t.Context()); flow.ClassOf(err) != flow.Usage {
		t.Errorf("Resume of the old topic returned %v, want a failure of the class Usage", err)
	}
}

// The runs with NewTopic, here several at the same time, may find no records, or those of some partitions only; the runs
// after them are without it.
func TestOneRunWithNewTopicIsEnough(t *testing.T) {
	onEachFileSystem(t, func(t *testing.T, root string) {
		old := openLake(t, testConfig(root))
		for p := range int32(3) {
			fill(t, old, p, 0, revisions(p, 0, 10, 1))
		}
		for life := range int64(2) { // it may be recreated more than once
			cfg := old.cfg
			cfg.topic.ID = fmt.Sprintf("recreated, %d", life)
			told := cfg
			told.newTopic = true
			var all sync.WaitGroup
			for range 3 {
				l := openLake(t, told)
				all.Go(func() {
					if offsets, err := l.Resume(t.Context()); err != nil || len(offsets) != 0 {
						t.Errorf("with --new-topic Resume returned %v (%v), want no offsets", offsets, err)
					}
				})
			}
			all.Wait()
			again := openLake(t, cfg)
			if offsets, err := again.Resume(t.Context()); err != nil || len(offsets) != 0 {
				t.Fatalf("without it Resume returned %v (%v), want no offsets", offsets, err)
			}
			next := fill(t, again, 1, 0, revisions(1, 10*int(life)+10, 10, 1))
			for _, c := range []config{cfg, told} { // which changes nothing any more
				if offsets, err := openLake(t, c).Resume(t.Context()); err != nil || len(offsets) != 1 || offsets[1] != next {
					t.Errorf("the next run resumes at %v (%v), want partition 1 at %d only", offsets, err, next)
				}
			}
			if err := again.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			if got := published(t, again); len(got) != 30+10*int(life)+10 {
				t.Errorf("readers see %d rows", len(got))
			}
			if _, err := openLake(t, old.cfg).Resume(t.Context()); flow.ClassOf(err) != flow.Usage {
				t.Errorf("Resume of the old topic returned %v, want a failure of the class Usage", err)
			}
		}
	})
}

func TestABatchThatDoesNotFollowTheLastOneIsFenced(t *testing.T) {
	l, _ := localLake(t, &clock{})
	next := fill(t, l, 0, 0, revisions(0, 0, 3, 1))
	for _, start := range []int64{0, next - 1, next + 1} {
		if _, err := l.Acquire(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context(), flowtest.Batch(0, start, revisions(0, 3, 3, 1)...)); !errors.Is(err, flow.ErrFenced) {
			t.Errorf("Commit at offset %d, where %d is due, returned %v, want flow.ErrFenced", start, next, err)
		}
	}
	if got := published(t, l); len(got) != 3 {
		t.Errorf("readers see %d rows, want 3", len(got))
	}
}
