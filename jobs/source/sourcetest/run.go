package sourcetest

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

var update = flag.Bool("update", false, "write the want files of every case")

// Run replays every case of the test's testdata to the source that build makes of it, and checks what
// every source promises: readings are complete and none comes twice, an error of put ends the fetch and is returned,
// and so is the end of the context.
func Run(t *testing.T, build func(*testing.T, *Case) flow.Source) {
	dirs, err := filepath.Glob("testdata/*/case.json")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("testdata holds no case: %v", err)
	}
	gave, fewest := "", 0
	for _, path := range dirs {
		dir := filepath.Dir(path)
		requests, _ := filepath.Glob(filepath.Join(dir, "*.request"))
		if exists(filepath.Join(dir, "want.jsonl")) && !exists(filepath.Join(dir, "want.error")) && open(t, dir).Options == nil && (gave == "" || len(requests) < fewest) {
			gave, fewest = dir, len(requests)
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			replay(t, dir, build)
		})
	}
	if gave == "" {
		t.Fatal("no case without options gives readings and no error")
	}
	t.Run("an error of put ends the fetch and is returned", func(t *testing.T) {
		c := open(t, gave)
		c.URL = serve(t, gave)
		full, calls := errors.New("full"), 0
		err := build(t, c).Fetch(t.Context(), func(*flow.Item) error { calls++; return full })
		if !errors.Is(err, full) || calls != 1 {
			t.Errorf("after %d calls of put got %v", calls, err)
		}
	})
	t.Run("the end of the context ends the fetch", func(t *testing.T) {
		c := open(t, gave)
		c.URL = "http://127.0.0.1:1"
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := build(t, c).Fetch(ctx, func(*flow.Item) error { t.Error("a reading came"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// replay runs one case.
func replay(t *testing.T, dir string, build func(*testing.T, *Case) flow.Source) {
	c := open(t, dir)
	c.URL = serve(t, dir)
	var got, raw strings.Builder
	seen := map[meteo.ID]bool{}
	err := build(t, c).Fetch(t.Context(), func(item *flow.Item) error {
		if item.Raw != nil {
			raw.WriteString(item.Key + " " + item.Refusal.Error() + "\n" + string(item.Raw) + "\n")
			return nil
		}
		check(t, &item.Reading, seen)
		o := meteo.Observation{Reading: item.Reading}
		got.Write(append(o.AppendJSON(nil), '\n'))
		return nil
	})
	golden(t, filepath.Join(dir, "want.jsonl"), got.String())
	golden(t, filepath.Join(dir, "want.raw"), raw.String())
	golden(t, filepath.Join(dir, "want.error"), strings.NewReplacer(append(c.hidden, c.URL, "SERVER", strings.TrimPrefix(c.URL, "http://"), "SERVER")...).Replace(failure(err)))
	if path := filepath.Join(dir, "want.waits"); exists(path) {
		golden(t, path, c.waited())
	}
}

// check examines what every reading has.
func check(t *testing.T, r *meteo.Reading, seen map[meteo.ID]bool) {
	t.Helper()
	if _, ok := meteo.StationByID(r.StationID); !ok || r.Region == "" {
		t.Errorf("reading of the station %q in %q", r.StationID, r.Region)
	}
	if !r.Kind.Valid() || meteo.CheckSource(r.Source) != nil || r.Values.Count() == 0 {
		t.Errorf("reading of kind %q, source %q with %d values", r.Kind, r.Source, r.Values.Count())
	}
	if (r.Kind == meteo.Forecast) == r.IssuedAt.IsZero() {
		t.Errorf("a reading of kind %s was issued at %s", r.Kind, r.IssuedAt)
	}
	for _, at := range []time.Time{r.ObservedAt, r.FetchedAt} {
		if at.IsZero() || at.Location() != time.UTC || !at.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("a reading has the time %s, want one in UTC to the microsecond", at)
		}
	}
	if r.Values.Has(meteo.Rain) && r.IntervalS <= 0 {
		t.Errorf("a reading has rain without the interval it covers")
	}
	if id := r.ID(); seen[id] {
		t.Errorf("%s at %s came twice", r.StationID, r.ObservedAt)
	} else {
		seen[id] = true
	}
}

// failure is an error as want.error holds it.
func failure(err error) string {
	if err == nil {
		return ""
	}
	return flow.ClassOf(err).String() + ": " + err.Error() + "\n"
}

// waited lists the waits as want.waits holds them.
func (c *Case) waited() string {
	var b strings.Builder
	for _, d := range c.waits {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// golden compares text with a file; an empty text has no file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if got != "" {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", filepath.Base(path), got, want)
	}
}

// Replay replays one case to a source whose readings and error are not those of the case, and hands the error over.
func Replay(t *testing.T, dir string, build func(*testing.T, *Case) flow.Source, ended func(error)) {
	t.Helper()
	c := open(t, dir)
	c.URL = serve(t, dir)
	ended(build(t, c).Fetch(t.Context(), func(*flow.Item) error { return nil }))
}
