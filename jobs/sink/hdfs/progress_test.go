package hdfs

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

func progressOf(t testing.TB, l *Lake) map[int32]flow.Progress {
	t.Helper()
	progress, err := l.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return progress
}

// withoutTotals makes manifests of a chain what programs wrote that did not sum up.
func withoutTotals(t testing.TB, chain string, entries ...string) {
	t.Helper()
	for _, entry := range entries {
		name := filepath.Join(chain, entry, manifestName)
		text, err := os.ReadFile(name)
		must(t, err)
		var members map[string]any
		must(t, json.Unmarshal(text, &members))
		if members["total"] == nil {
			t.Fatalf("%s has no total", name)
		}
		delete(members, "total")
		text, err = json.Marshal(members)
		must(t, err, os.WriteFile(name, text, 0o600))
	}
}

func TestPruningLosesNoCounts(t *testing.T) {
	var c clock
	l, folder := localLake(t, &c)
	next := fill(t, l, 0, 0, revisions(0, 0, 3, 1), nil, revisions(0, 3, 4, 1))
	c.ahead = keepEntries + time.Hour
	next = fill(t, twin(t, l), 0, next, revisions(0, 7, 5, 1))
	if got := names(t, filepath.Join(folder, "_log", "p=0")); len(got) != 1 {
		t.Fatalf("the chain is %v, want one entry", got)
	}
	if got := progressOf(t, l)[0]; got.Read != 12 || got.Written != 12 || got.Next != next {
		t.Errorf("the progress is %+v, want 12 records up to %d", got, next)
	}
}

func TestWhatTheStepsFoundIsCounted(t *testing.T) {
	l, _ := localLake(t, &clock{})
	fill(t, l, 0, 0, nil)
	b := flowtest.Batch(0, 1, revisions(0, 0, 5, 1)...)
	b.Observations, b.Origin, b.Duplicates = b.Observations[:2], b.Origin[:2], 2
	b.Reject(4, meteo.Refuse(meteo.InvalidField, "it is of no use"))
	if _, err := l.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got := progressOf(t, l)[0]; got.Read != 5 || got.Written != 2 || got.Duplicates != 2 || got.Rejected != 1 {
		t.Errorf("the progress is %+v, want 5 read, 2 written, 2 duplicates, 1 rejected", got)
	}
}

// A lake may have been filled by older programs, which did not sum up, before and after newer ones.
func TestManifestsOfOlderProgramsAreSummedUp(t *testing.T) {
	for _, test := range []struct {
		name string
		old  []int // entries without a total
		gone []int // entries that are pruned
		want int64
	}{
		{"all of them are older", []int{0, 1, 2, 3}, nil, 1 + 2 + 3 + 4},
		{"all are older and some pruned", []int{1, 2, 3}, []int{0}, 2 + 3 + 4},
		{"an older program came after a newer one", []int{2, 3}, nil, 1 + 2 + 3 + 4},
		{"an older program came in between", []int{1, 2}, nil, 1 + 2 + 3 + 4},
		{"the last total is of an entry whose predecessors are pruned", []int{2, 3}, []int{0}, 1 + 2 + 3 + 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, folder := localLake(t, &clock{})
			next := fill(t, l, 0, 0, revisions(0, 0, 1, 1), revisions(0, 1, 2, 1), revisions(0, 3, 3, 1), revisions(0, 6, 4, 1))
			chain := filepath.Join(folder, "_log", "p=0")
			entries := names(t, chain)
			for _, i := range test.old {
				withoutTotals(t, chain, entries[i])
			}
			for _, i := range test.gone {
				must(t, os.RemoveAll(filepath.Join(chain, entries[i])))
			}
			if got := progressOf(t, l)[0]; got.Read != test.want || got.Written != test.want {
				t.Errorf("the progress is %+v, want %d records", got, test.want)
			}
			fill(t, twin(t, l), 0, next, revisions(0, 10, 5, 1))
			if got := progressOf(t, l)[0]; got.Read != test.want+5 {
				t.Errorf("after a further batch the progress is %+v, want %d records", got, test.want+5)
			}
		})
	}
}

func TestTheCountsOfARecreatedTopicStartAgain(t *testing.T) {
	old, folder := localLake(t, &clock{})
	end := fill(t, old, 0, 0, revisions(0, 0, 10, 1))
	other := fill(t, old, 1, 0, revisions(1, 0, 10, 1))
	cfg := old.cfg
	cfg.topic.ID, cfg.newTopic = "recreated", true
	l := openLake(t, cfg)
	next := fill(t, l, 0, 0, revisions(0, 10, 3, 1))
	compact(t, l, 1)
	for _, watcher := range []*Lake{old, l} { // the topic of who asks is of no matter
		got := progressOf(t, watcher)
		if p := got[0]; p.TopicID != "recreated" || p.Next != next || p.Read != 3 {
			t.Errorf("partition 0: %+v, want 3 records of the recreated topic up to %d", p, next)
		}
		if p := got[1]; p.TopicID != "topic" || p.Next != other || p.Read != 10 {
			t.Errorf("partition 1: %+v, want 10 records of the first topic up to %d", p, other)
		}
		if len(got) != 2 {
			t.Errorf("there is progress of %d partitions, want 2", len(got))
		}
	}
	chain := filepath.Join(folder, "_log", "p=0")
	withoutTotals(t, chain, names(t, chain)...)
	if p := progressOf(t, l)[0]; p.Read != 3 {
		t.Errorf("without totals, after %d offsets of the first topic: %+v, want 3 records", end, p)
	}
}

func TestProgressChangesNothing(t *testing.T) {
	l, folder := localLake(t, &clock{})
	next := fill(t, l, 0, 0, revisions(0, 0, 10, 1))
	dieUnpublished(t, l, next, revisions(0, 10, 10, 1)...)
	files := func() map[string]bool {
		out := map[string]bool{}
		must(t, filepath.WalkDir(folder, func(name string, _ os.DirEntry, err error) error { out[name] = true; return err }))
		return out
	}
	before := files()
	if got := progressOf(t, l)[0]; got.Read != 20 || got.Next != next+11 {
		t.Errorf("the progress is %+v, want that of the entry that is pending", got)
	}
	if after := files(); !maps.Equal(before, after) {
		t.Errorf("there were the files %v, and now there are %v", before, after)
	}
}
