package es

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// pages answers searches page by page, each after the last document of the page before it.
type pages struct{ hits []string }

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(productHeader, product)
	if r.URL.Path != "/_search" {
		_, _ = io.WriteString(w, `{"id":"p"}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	from := 0
	if _, after, ok := strings.Cut(string(body), `"search_after":[`); ok {
		_, _ = fmt.Sscanf(after, "%d]", &from)
	}
	page := p.hits[from:min(from+pageSize, len(p.hits))]
	_, _ = io.WriteString(w, `{"pit_id":"p","timed_out":false,"hits":{"hits":[`+strings.Join(page, ",")+`]}}`)
}

// document is the n-th hit, from 0, and its fields.
func document(n int, fields string) string {
	return fmt.Sprintf(`{"_index":"meteo-clean-2026.02","_id":"%032x","_score":null,"fields":{%s},"sort":[%d]}`, n, fields, n+1)
}

func full(n int) string {
	return document(n, fmt.Sprintf(`"station_id":["SN-DK"],"revision":[%d],"observed_at":["%d"],"fetched_at":["%d"]`, n+1, 1000*n, 1000*n+7))
}

func asking(t *testing.T, hits []string) *Store {
	t.Helper()
	server := httptest.NewServer(&pages{hits})
	t.Cleanup(server.Close)
	cfg := Config{URL: server.URL, Topic: flow.Topic{Name: "meteo.clean", Partitions: 1}, ReadOnly: true, Timeout: time.Minute, Patience: time.Nanosecond}
	store, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestEveryDocumentOfEveryPageIsARevision(t *testing.T) {
	for _, count := range []int{0, 1, pageSize, pageSize + 1, 2*pageSize + 1} {
		var hits []string
		for n := range count {
			hits = append(hits, full(n))
		}
		n := 0
		err := asking(t, hits).Revisions(t.Context(), flow.Selection{}, func(r flow.Revision) error {
			if r.ID.String() != fmt.Sprintf("%032x", n) || r.StationID != "SN-DK" || r.Number != int64(n+1) || r.ObservedAt.UnixMilli() != int64(1000*n) || r.FetchedAt.UnixMilli() != int64(1000*n+7) {
				return fmt.Errorf("document %d is %+v", n, r)
			}
			n++
			return nil
		})
		if err != nil || n != count {
			t.Errorf("%d revisions of %d: %v", n, count, err)
		}
	}
}

// The memory of a page serves the next one.
func TestADocumentOfALaterPageHasNoFieldsOfAnEarlierOne(t *testing.T) {
	var hits []string
	for n := range pageSize {
		hits = append(hits, full(n))
	}
	for name, fields := range map[string]string{
		"no fetched_at": `"station_id":["SN-DK"],"revision":[1],"observed_at":["0"]`,
		"no station_id": `"revision":[1],"observed_at":["0"],"fetched_at":["0"]`,
		"no revision":   `"station_id":["SN-DK"],"observed_at":["0"],"fetched_at":["0"]`,
		"no fields":     ``,
	} {
		err := asking(t, append(hits[:pageSize:pageSize], document(pageSize, fields))).Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { return nil })
		if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "not an observation of senmeteo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
