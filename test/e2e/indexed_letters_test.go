package e2e_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// indexedLetters counts the dead letters in Elasticsearch by their reason, those that were sent back as "replayed".
func indexedLetters(t testing.TB, prefix string) map[string]int {
	t.Helper()
	index := servers.ElasticsearchURL(t) + "/" + prefix + "-dlq"
	call := func(path string, into any) {
		t.Helper()
		res, err := http.Get(index + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }() // it was read
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	var ignored map[string]any
	call("/_refresh", &ignored)
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct {
					Reason   string
					Replayed bool
				} `json:"_source"`
			}
		}
	}
	call("/_search?size=1000", &found)
	counts := map[string]int{}
	for _, h := range found.Hits.Hits {
		if h.Source.Replayed {
			h.Source.Reason = "replayed"
		}
		counts[h.Source.Reason]++
	}
	return counts
}

func TestDeadLettersAreFoundInElasticsearch(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Program = p.With("SENMETEO_ES_URL", servers.ElasticsearchURL(t))
	servers.DropIndices(t, p.Prefix)
	p.Produce(t, placeless(0), placeless(1), dakar(`{"region":"Dakar","temperature":`))
	p.stream(t)
	for range 2 { // the second run finds nothing new
		if r := p.Must(t, "to-es").Report(t); r.Read != 0 || r.Lag != 0 {
			t.Errorf("the report is of the observations, of which there are none: %+v", r)
		}
	}
	if got, want := indexedLetters(t, p.Prefix), (map[string]int{"unknown_station": 2, "invalid_json": 1}); !maps.Equal(got, want) {
		t.Errorf("Elasticsearch has the letters %v, want %v", got, want)
	}

	worker := p.Start(t, "to-es", "--follow")
	p.Produce(t, placeless(2), dakar(`{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":24.5}`))
	p.stream(t)
	p.Must(t, "dlq", "replay", "--reason", "unknown_station", "--limit", "2")
	want := map[string]int{"unknown_station": 1, "invalid_json": 1, "replayed": 2}
	program.Until(t, func() bool { return maps.Equal(indexedLetters(t, p.Prefix), want) })
	if r := worker.Terminate(t); r.Code != 0 {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	if r := p.Must(t, "to-es").Report(t); r.Read != 0 {
		t.Errorf("the worker left %d observations", r.Read)
	}
}
