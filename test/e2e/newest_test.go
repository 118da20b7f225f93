package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// The page on a Redis that has more than PostgreSQL: it shows the newest observations, and hears of the next ones at once.
func TestThePageShowsWhatRedisHasAndHearsOfItsChanges(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	servers.DropKeys(t, p.Prefix)
	p.Program = p.With("SENMETEO_REDIS", servers.RedisURL(t))
	hour := time.Now().UTC().Truncate(time.Hour)
	generate := func(from time.Time) {
		t.Helper()
		p.Must(t, "fetch", "generate", "--every", "1h", "--from", from.Format(time.RFC3339), "--to", from.Add(time.Hour).Format(time.RFC3339))
		p.Must(t, "stream")
	}
	generate(hour.Add(-3 * time.Hour))
	p.settle(t)
	generate(hour.Add(-2 * time.Hour))
	if r := p.Must(t, "to-redis").Report(t); r.Read != 28 || r.Written+r.Duplicates != 28 {
		t.Errorf("to-redis reports %+v, want 28 records", r)
	}

	serve := p.Start(t, "serve", "--listen", "127.0.0.1:0")
	url := addressOf(t, serve)
	if at := newestOf(t, url); !at.Equal(hour.Add(-2 * time.Hour)) {
		t.Errorf("the page shows the time %v; PostgreSQL has that of an hour before", at)
	}
	program.Until(t, func() bool { // what Redis can't answer is read from PostgreSQL
		page := get(t, url+"/?lang=en")
		return strings.Contains(page, "<code>to-redis</code>") && strings.Contains(page, "By station and day")
	})
	events := versions(t, url)
	<-events
	generate(hour.Add(-time.Hour))
	p.Must(t, "to-redis")
	late := time.After(program.Longest)
	for heard := false; !heard; { // an event may be of something else
		select {
		case <-events:
			heard = newestOf(t, url).Equal(hour.Add(-time.Hour))
		case <-late:
			t.Fatalf("the page does not hear of the change; it shows the time %v", newestOf(t, url))
		}
	}

	p.Must(t, "to-pg")
	p.Must(t, "to-hdfs")
	if ledger := p.ledger(t); !ledger.Balanced || len(ledger.Tallies) != 4 || ledger.Tallies[3].Name != "Redis" || ledger.Tallies[3].Observations != 14 {
		t.Errorf("reconcile says %+v", ledger.Tallies)
	}
	limited := p.Must(t, "reconcile", "--to", hour.Add(-2*time.Hour).Format(time.RFC3339))
	if !strings.Contains(limited.Stdout, "balanced") {
		t.Errorf("up to a time after which Redis has newer ones: %s", limited.Output())
	}
}

var pageAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// addressOf waits for the page of a program.
func addressOf(t *testing.T, r *program.Running) string {
	t.Helper()
	r.Await(t, r.Stderr, "the page is up")
	return pageAddress.FindString(r.Stderr.Text())
}

// newestOf is the time of the newest observation that a page shows of Dakar.
func newestOf(t *testing.T, url string) time.Time {
	t.Helper()
	response, err := http.Get(url + "/api/latest")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read only
	var answer struct {
		Stations []struct {
			Observation struct {
				StationID  string    `json:"station_id"`
				ObservedAt time.Time `json:"observed_at"`
			}
		}
	}
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil || len(answer.Stations) != len(meteo.Stations) {
		t.Fatalf("%v: %s", err, text)
	}
	for _, s := range answer.Stations {
		if s.Observation.StationID == "SN-DK" {
			return s.Observation.ObservedAt
		}
	}
	return time.Time{}
}

// versions are the versions that a page announces.
func versions(t *testing.T, url string) <-chan string {
	t.Helper()
	response, err := http.Get(url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() }) // ends the reading
	found := make(chan string, 100)
	go func() {
		lines := bufio.NewScanner(response.Body)
		for event := ""; lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && event == "version" {
				found <- data
			}
		}
	}()
	return found
}
