package sourcetest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// UserAgent is what sources call themselves in the cases.
const UserAgent = "senmeteo/test (+https://example.org/senmeteo)"

// Case is what a source is made of for one folder.
type Case struct {
	Dir      string
	URL      string // of the server that replays, without a slash at the end
	Stations []meteo.Station
	From, To time.Time       // zero unless the case says
	Options  json.RawMessage // what only this source knows; nil unless the case says

	hidden []string // texts and what stands for them in want.error

	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

// Hide makes want.error the same wherever a test runs: a word stands for a text, such as the path of a folder.
func (c *Case) Hide(text, word string) { c.hidden = append(c.hidden, text, word) }

// Now is the case's time.
func (c *Case) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the case's time on.
func (c *Case) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// Jitter is always 0.
func (c *Case) Jitter() float64 { return 0 }

// open reads case.json.
func open(t *testing.T, dir string) *Case {
	t.Helper()
	var said struct {
		Now      time.Time       `json:"now"`
		Stations string          `json:"stations"`
		From     time.Time       `json:"from"`
		To       time.Time       `json:"to"`
		Options  json.RawMessage `json:"options"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil {
		t.Fatalf("case.json: %v", err)
	}
	stations, err := meteo.SelectStations(said.Stations)
	if err != nil {
		t.Fatalf("case.json: %v", err)
	}
	return &Case{Dir: dir, Stations: stations, From: said.From, To: said.To, Options: said.Options, now: said.Now}
}
