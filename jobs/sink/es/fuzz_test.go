package es

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// FuzzAnswers lets Elasticsearch answer anything to each kind of question.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		`{"docs":[{"_id":"meteo.clean-0","found":true,"_seq_no":1,"_primary_term":1,"_source":{"next":5}}]}`,
		`{"docs":[{"_id":"meteo.clean-0","error":{"type":"index_not_found_exception","reason":"no such index"}}]}`,
		`{"items":[{"index":{"_id":"a","status":400,"error":{"type":"document_parsing_exception","reason":"x"}}}]}`,
		`{"items":[{"index":{"_id":"a","status":201}},null]}`,
		`{"error":"plain","status":400}`,
		`{"id":"p","pit_id":"p","hits":{"hits":[{"_id":"00112233445566778899aabbccddeeff","fields":{"station_id":["SN-DK"],"revision":[1]},"sort":[1]}]}}`,
		`<html>`, `null`, `[]`,
	} {
		f.Add(200, []byte(body))
		f.Add(400, []byte(body))
	}
	var (
		status int
		body   []byte
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(productHeader, product)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	f.Cleanup(server.Close)
	cfg := Config{URL: server.URL, Topic: flow.Topic{Name: "meteo.clean", Partitions: 1}, ReadOnly: true, Timeout: time.Second, Patience: time.Nanosecond}
	store, err := Open(f.Context(), cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	f.Fuzz(func(t *testing.T, code int, data []byte) {
		if code < 200 || code > 499 || code == http.StatusNoContent || code == http.StatusNotModified || code == http.StatusTooManyRequests {
			return // no body, or worth waiting for
		}
		status, body = code, data
		items := []item{{id: "a", lines: []byte("{}\n")}}
		if results, err := store.bulk(t.Context(), items); err == nil && (len(results) != 1 || results[0].ID != "a") {
			t.Errorf("%s is taken for %+v", data, results)
		}
		if all, err := store.readProgress(t.Context()); err == nil && len(all) != 1 {
			t.Errorf("%s is taken for %+v", data, all)
		}
		_ = store.Revisions(t.Context(), flow.Selection{}, func(r flow.Revision) error {
			if r.StationID == "" && r.ID.IsZero() {
				t.Logf("%s holds %+v", data, r)
			}
			return nil
		})
	})
}
