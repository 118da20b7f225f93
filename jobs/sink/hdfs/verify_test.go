package hdfs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

func TestVerifyFindsWhatWasDamaged(t *testing.T) {
	entry := func(offset int64) string { return filepath.Join("_log", "p=0", entryName(offset)) }
	file := filepath.FromSlash(batchFile("2024-01-31", 0, 0, 4, 8))
	for _, test := range []struct {
		name   string
		damage func(folder string) error
		says   string
	}{
		{"nothing", func(string) error { return nil }, ""},
		{"an entry in the middle is gone", func(folder string) error { return os.RemoveAll(filepath.Join(folder, entry(4))) }, "gap"},
		{"a file is gone", func(folder string) error { return os.Remove(filepath.Join(folder, file)) }, "is gone"},
		{"a file is cut off", func(folder string) error { return os.Truncate(filepath.Join(folder, file), 7) }, "7 bytes"},
		{"a file is back in its entry", func(folder string) error {
			return os.Rename(filepath.Join(folder, file), filepath.Join(folder, entry(4), "2024-01-31.staged"))
		}, "never published"},
		{"a manifest is no JSON", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, entry(4), manifestName), []byte("{"), 0o600)
		}, "damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, folder := localLake(t, &clock{})
			fill(t, l, 0, 0, revisions(0, 0, 3, 1), revisions(0, 3, 3, 1), revisions(0, 6, 3, 1))
			if err := test.damage(folder); err != nil {
				t.Fatal(err)
			}
			err := l.Verify(t.Context())
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("Verify says %v, want %q", err, test.says)
			}
		})
	}
}

func TestResumeStopsAtAGapInFrontOfTheNewestEntry(t *testing.T) {
	l, folder := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 3, 1), revisions(0, 3, 3, 1), revisions(0, 6, 3, 1))
	if err := os.RemoveAll(filepath.Join(folder, "_log", "p=0", entryName(4))); err != nil {
		t.Fatal(err)
	}
	if offsets, err := twin(t, l).Resume(t.Context()); err == nil {
		t.Errorf("Resume says %v, want a failure", offsets)
	}
}

func TestResumeRefusesManifestsThatItDoesNotUnderstand(t *testing.T) {
	for name, text := range map[string]string{
		"of a newer version":      `{"version":2,"uuid":"u","start":0,"end":4}`,
		"of another entry":        `{"version":1,"uuid":"u","start":4,"end":8}`,
		"that ends before it":     `{"version":1,"uuid":"u","start":0,"end":-1}`,
		"with a path that leaves": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"2024-01-31","path":"date=2024-01-31/../../x"}]}`,
		"with a date of nonsense": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"..","path":"date=../x"}]}`,
		"that replaces elsewhere": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"2024-01-31","path":"date=2024-01-31/x"}],"replaces":["_log/p=0"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			l, folder := localLake(t, &clock{})
			fill(t, l, 0, 0, revisions(0, 0, 3, 1))
			if err := os.WriteFile(filepath.Join(folder, "_log", "p=0", entryName(0), manifestName), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := twin(t, l).Resume(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("Resume returned %v, want a failure that tells of the manifest", err)
			}
		})
	}
}

func TestScanSeesWhatIsCommittedAndNotYetPublished(t *testing.T) {
	l, _ := localLake(t, &clock{})
	next := fill(t, l, 0, 0, revisions(0, 0, 10, 1))
	dying := twin(t, l)
	if _, err := dying.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	faulty(t, dying).arm(5, diesAfter)
	if _, err := dying.Commit(t.Context(), flowtest.Batch(0, next, revisions(0, 10, 10, 1)...)); err == nil {
		t.Fatal("the commit did not die")
	}
	if got := published(t, l); len(got) != 10 {
		t.Fatalf("readers see %d rows, want 10", len(got))
	}
	if got := scanned(t, l); len(got) != 20 {
		t.Errorf("Scan sees %d rows, want 20", len(got))
	}
}

func TestScanKeepsToItsBounds(t *testing.T) {
	l, _ := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 4*1440, 1)) // a minute each, from 18:00
	from := time.Date(2024, 2, 1, 12, 30, 0, 0, time.UTC)
	to := time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC)
	first, last, n := time.Time{}, time.Time{}, 0
	err := l.Scan(t.Context(), from, to, func(o *meteo.Observation) error {
		if n == 0 {
			first = o.ObservedAt
		}
		last = o.ObservedAt
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := int(to.Sub(from) / time.Minute); n != want || !first.Equal(from) || !last.Equal(to.Add(-time.Minute)) {
		t.Errorf("Scan gives %d rows from %v to %v, want %d", n, first, last, want)
	}
}

// TestScanSeesEachRowOnceWhileOthersWrite reads again and again while batches are committed and days compacted. Each
// scan must see a prefix of the batches: all rows of those before, none twice.
func TestScanSeesEachRowOnceWhileOthersWrite(t *testing.T) {
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
				_, err = writer.Compact(context.Background(), openDay.AddDate(1, 0, 0))
			}
			next = b.End
		}
		written <- err
	}()
	scans := 0
	for ctx.Err() == nil {
		seen := map[meteo.ID]int{}
		err := reader.Scan(context.Background(), time.Time{}, time.Time{}, func(o *meteo.Observation) error {
			seen[o.ID]++
			return nil
		})
		if flow.ClassOf(err) == flow.TryLater {
			continue // compacted under its eyes, and it says so
		}
		if err != nil {
			t.Fatal(err)
		}
		scans++
		for n := range len(seen) {
			if o := flowtest.Observation(0, n, 1); seen[o.ID] != 1 {
				t.Fatalf("of %d rows the scan sees row %d %d times", len(seen), n, seen[o.ID])
			}
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if scans == 0 {
		t.Error("no scan came through")
	}
}
