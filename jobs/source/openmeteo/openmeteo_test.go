package openmeteo_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/openmeteo"
	"senmeteo/jobs/source/sourcetest"
)

func config(c *sourcetest.Case) openmeteo.Config {
	return openmeteo.Config{
		BaseURL: c.URL, Stations: c.Stations, From: c.From, To: c.To,
		HTTP: client.Config{UserAgent: sourcetest.UserAgent, Now: c.Now, Sleep: c.Sleep, Jitter: c.Jitter},
	}
}

// cursor is a Cursor in memory; options of a case set where it is, and say where it is to be at the end.
type cursor struct {
	Next time.Time `json:"next"`
	Then time.Time `json:"then"`
}

func (c *cursor) Load(context.Context, string) (time.Time, error) { return c.Next, nil }
func (c *cursor) Save(_ context.Context, _ string, next time.Time) error {
	c.Next = next
	return nil
}

func TestReplay(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T, c *sourcetest.Case) flow.Source {
		cfg := config(c)
		if c.Options != nil {
			var kept cursor
			if err := json.Unmarshal(c.Options, &kept); err != nil {
				t.Fatal(err)
			}
			cfg.Cursor = &kept
			t.Cleanup(func() {
				if !kept.Next.Equal(kept.Then) {
					t.Errorf("the cursor is at %s, want %s", kept.Next, kept.Then)
				}
			})
		}
		source, err := openmeteo.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}

func TestConfigurationsThatCanNotWorkAreRefused(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	stations := meteo.Stations[:1]
	for name, c := range map[string]struct {
		cfg  openmeteo.Config
		want string
	}{
		"no station":                {openmeteo.Config{}, "no station"},
		"a begin without an end":    {openmeteo.Config{Stations: stations, From: day}, "both from and to"},
		"an end before the begin":   {openmeteo.Config{Stations: stations, From: day.Add(1), To: day}, "exchange"},
		"a time before the archive": {openmeteo.Config{Stations: stations, From: day.AddDate(-100, 0, 0), To: day}, "1940"},
		"a URL without a scheme":    {openmeteo.Config{Stations: stations, BaseURL: "localhost:80"}, "base URL"},
		"a URL with a path":         {openmeteo.Config{Stations: stations, BaseURL: "http://localhost/v1"}, "base URL"},
		"no name for the servers":   {openmeteo.Config{Stations: stations}, "User-Agent"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := openmeteo.New(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestTheCursorFileKeepsItsPlaceForItsTaskAlone(t *testing.T) {
	ctx, next := t.Context(), time.Date(2026, 1, 29, 0, 0, 0, 0, time.UTC)
	c := &openmeteo.FileCursor{Path: filepath.Join(t.TempDir(), "cursor.json")}
	load := func(task string, want time.Time) {
		t.Helper()
		if got, err := c.Load(ctx, task); err != nil || !got.Equal(want) {
			t.Errorf("the cursor of %q is at %s (%v), want %s", task, got, err, want)
		}
	}
	load("a", time.Time{})
	if err := c.Save(ctx, "a", next); err != nil {
		t.Fatal(err)
	}
	load("a", next)
	load("b", time.Time{})
	if err := os.WriteFile(c.Path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Load(ctx, "a"); flow.ClassOf(err) != flow.BadInput {
		t.Errorf("a damaged cursor gave %v", err)
	}
	c.Path = filepath.Join(c.Path, "none", "cursor.json")
	if err := c.Save(ctx, "a", next); flow.ClassOf(err) != flow.CantWrite {
		t.Errorf("a cursor that can't be written gave %v", err)
	}
}

// record is a Cursor and a destination that write down what happens in which order.
type record struct{ events []string }

func (r *record) Load(context.Context, string) (time.Time, error) { return time.Time{}, nil }
func (r *record) Save(_ context.Context, _ string, next time.Time) error {
	r.events = append(r.events, "saved "+next.Format(time.DateOnly))
	return nil
}

func TestTheCursorMovesOnlyAfterWhatWasPutHasLanded(t *testing.T) {
	dir := "testdata/archive-in-two-chunks"
	sink, full := &record{}, errors.New("disk full")
	landings := 0
	sourcetest.Replay(t, dir, func(t *testing.T, c *sourcetest.Case) flow.Source {
		cfg := config(c)
		cfg.Cursor = sink
		cfg.Landed = func(context.Context) error {
			if landings++; landings == 2 {
				return full
			}
			sink.events = append(sink.events, "landed")
			return nil
		}
		source, err := openmeteo.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return source
	}, func(err error) {
		if !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	})
	if got := strings.Join(sink.events, ", "); got != "landed, saved 2026-01-29" {
		t.Errorf("got %s", got)
	}
}
