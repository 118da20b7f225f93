package tomorrow_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/sourcetest"
	"senmeteo/jobs/source/tomorrow"
)

const key = "test-key"

func TestReplay(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T, c *sourcetest.Case) flow.Source {
		var options struct {
			Spent int `json:"spent"` // calls that an earlier run has made in this hour
		}
		if c.Options != nil {
			if err := json.Unmarshal(c.Options, &options); err != nil {
				t.Fatal(err)
			}
		}
		budget := &tomorrow.Budget{
			Ledger: tomorrow.FileLedgerIn(t.TempDir(), key), Limits: tomorrow.FreeLimits, Patience: time.Minute, Now: c.Now, Sleep: c.Sleep,
		}
		if _, err := budget.Reserve(t.Context(), options.Spent); err != nil {
			t.Fatal(err)
		}
		source, err := tomorrow.New(tomorrow.Config{
			APIKey: key, BaseURL: c.URL, Stations: c.Stations, From: c.From, To: c.To, Budget: budget,
			Warn: func(text string) { t.Log(text) },
			HTTP: client.Config{UserAgent: sourcetest.UserAgent, Now: c.Now, Sleep: c.Sleep, Jitter: c.Jitter},
		})
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}

func TestConfigurationsThatCanNotWorkAreRefused(t *testing.T) {
	budget := &tomorrow.Budget{Limits: tomorrow.Limits{PerSecond: 1, PerHour: 1, PerDay: 1}}
	for name, c := range map[string]struct {
		cfg  tomorrow.Config
		want string
	}{
		"no key":                   {tomorrow.Config{}, "SENMETEO_API_KEY_FILE"},
		"a key of two lines":       {tomorrow.Config{APIKey: "se\ncret"}, "other characters"},
		"no station":               {tomorrow.Config{APIKey: key}, "no station"},
		"no budget":                {tomorrow.Config{APIKey: key, Stations: meteo.Stations[:1]}, "no budget"},
		"more stations than cells": {tomorrow.Config{APIKey: key, Stations: meteo.Stations[:2], Budget: budget}, "choose fewer"},
		"a URL with a path":        {tomorrow.Config{APIKey: key, Stations: meteo.Stations[:1], Budget: budget, BaseURL: "http://a/v4"}, "base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tomorrow.New(c.cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cret") {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

// Every run of a day has its own Source and only the file in common: the server counts what arrives.
func TestTheLimitsAreKeptOverADayOfRunsThatComeTooOften(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	c := &clock{now: now}
	var calls []time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls = append(calls, c.time())
		w.WriteHeader(http.StatusBadGateway) // the worst: every call is repeated
	}))
	defer server.Close()
	dir, refused := t.TempDir(), 0
	for end := now.Add(25 * time.Hour); c.time().Before(end); c.advance(20 * time.Minute) {
		source, err := tomorrow.New(tomorrow.Config{
			APIKey: key, BaseURL: server.URL, Stations: meteo.Stations[:],
			Budget: &tomorrow.Budget{Ledger: &tomorrow.FileLedger{Path: filepath.Join(dir, "budget.json")}, Limits: tomorrow.FreeLimits, Patience: time.Minute, Now: c.time, Sleep: c.sleep},
			HTTP:   client.Config{UserAgent: sourcetest.UserAgent, Now: c.time, Sleep: c.sleep, Jitter: func() float64 { return 0 }},
		})
		if err != nil {
			t.Fatal(err)
		}
		var notDue *tomorrow.NotDueError
		if errors.As(source.Fetch(t.Context(), func(*flow.Item) error { return nil }), &notDue) {
			refused++
		}
	}
	for _, window := range []struct {
		long  time.Duration
		limit int
	}{{time.Second, 3}, {time.Hour, 25}, {24 * time.Hour, 500}} {
		if n := busiest(calls, window.long); n > window.limit {
			t.Errorf("%d calls in %s, the key allows %d", n, window.long, window.limit)
		}
	}
	if len(calls) < 450 || refused == 0 {
		t.Errorf("%d calls were made and %d runs not due: the test tests nothing", len(calls), refused)
	}
}

// busiest is the most calls that any window of a length holds.
func busiest(calls []time.Time, long time.Duration) int {
	most, first := 0, 0
	for i := range calls {
		for calls[i].Sub(calls[first]) >= long {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
