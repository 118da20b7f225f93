package es

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// FuzzAnswers lets Elasticsearch answer anything to each kind of question.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		`{"docs":[{"_id":"meteo.clean-0","found":true,"_seq_no":1,"_primary_term":1,"_source":{"next":5}}]}`,
		`{"docs":[{"_id":"meteo.clean-0","error":{"type":"index_not_found_exception","reason":"no such index"}}]}`,
		`{"items":[{"index":{"_id":"00112233445566778899aabbccddeeff","status":400,"error":{"type":"document_parsing_exception","reason":"x"}}}]}`,
		`{"items":[{"index":{"_id":"00112233445566778899aabbccddeeff","status":201}},null]}`,
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
		if results, err := store.bulk(t.Context(), bulkOf(1)); err == nil && len(results) != 1 {
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

// bulkOf is a request of n items, each with another _id.
func bulkOf(n int) *bulkRequest {
	r := &bulkRequest{}
	observations, indexes := make([]meteo.Observation, n), make([]int, n)
	for i := range observations {
		indexes[i] = i
		observations[i] = meteo.Observation{Reading: meteo.NewReading(meteo.Station{}, time.Unix(0, 0), "", meteo.Observed)}
		observations[i].ID = meteo.ID{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, byte(0xff - i)}
	}
	r.fill("meteo", 0, observations, indexes)
	return r
}

// FuzzAnswersAreScannedAsTheyAreDecoded holds the scanner of answers in which all items succeeded to the decoder of all answers.
func FuzzAnswersAreScannedAsTheyAreDecoded(f *testing.F) {
	const first, second = "00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeefe"
	item := func(id, rest string) string { return `{"index":{"_id":"` + id + `","status":` + rest + `}}` }
	both := item(first, "201") + "," + item(second, "200")
	for _, answer := range []string{
		`{"items":[` + both + `]}`, `{"items":[` + both + `]} `, `{"items":[` + both + `]`, `{"items":[` + both + `]}}`,
		`{"items":[` + both + "," + both + `]}`, `{"items":[` + item(first, "201") + `]}`, `{"items":[` + item(second, "200") + "," + item(first, "201") + `]}`,
		`{"items":[` + item(first, `409,"error":{"type":"version_conflict_engine_exception"}`) + "," + item(second, "201") + `]}`,
		`{"items":[]}`, `{}`,
	} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		r := bulkOf(2)
		if !r.scan([]byte(answer)) {
			return
		}
		var decoded struct {
			Items []struct{ Index itemResult }
		}
		if err := json.Unmarshal([]byte(answer), &decoded); err != nil || len(decoded.Items) != 2 {
			t.Fatalf("%q is scanned and can't be decoded: %v", answer, err)
		}
		for i, it := range decoded.Items {
			if it.Index.ID != string(r.idOf(i)) || it.Index.Status != r.results[i].Status || it.Index.Error != (cause{}) {
				t.Errorf("%q: item %d is scanned as %+v and decoded as %+v", answer, i, r.results[i], it.Index)
			}
		}
	})
}
