package scrape_test

import (
	"encoding/json"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/scrape"
	"senmeteo/jobs/source/sourcetest"
)

func site(t *testing.T, name string) *scrape.Site {
	t.Helper()
	s, err := scrape.LoadSite(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// build makes the source of a case; its option says the site, the name of one or the path of its file.
func build(t *testing.T, c *sourcetest.Case) flow.Source {
	options := struct {
		Site string `json:"site"`
	}{Site: "metar"}
	if c.Options != nil {
		if err := json.Unmarshal(c.Options, &options); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	c.Hide(dir, "STATE")
	source, err := scrape.New(scrape.Config{
		Site: site(t, options.Site), BaseURL: c.URL, Stations: c.Stations, StateDir: dir, Remember: true,
		Contact: "https://example.org/senmeteo", Patience: time.Minute,
		HTTP: client.Config{UserAgent: "senmeteo/test", Now: c.Now, Sleep: c.Sleep, Jitter: c.Jitter},
	})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestReplay(t *testing.T) { sourcetest.Run(t, build) }
