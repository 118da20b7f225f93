package es_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

// BenchmarkCommit commits batches of new observations to the real server, one partition at a time.
func BenchmarkCommit(b *testing.B) {
	const size = 10_000
	x := fresh(b)
	s := opened(b, es.Config{URL: x.url, Prefix: x.prefix, Topic: topic})
	acquire(b, s, -1)
	start, n := int64(0), 0
	for b.Loop() {
		b.StopTimer()
		next := batch(start, n, n+size)
		b.StartTimer()
		commit(b, s, next, flow.Outcome{Written: size})
		start, n = next.End, n+size
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "observations/s")
}

// BenchmarkClient reads a batch's records and commits it to a server that answers at once: it is the job's own part of a commit.
func BenchmarkClient(b *testing.B) {
	const size = 5_000
	loaded := batch(0, 0, size)
	server := httptest.NewServer(atOnce())
	b.Cleanup(server.Close)
	s := opened(b, es.Config{URL: server.URL, Topic: topic})
	step := clean.NewStored("to-es")
	acquire(b, s, -1)
	b.ReportAllocs()
	for b.Loop() {
		next := &flow.Batch{Start: loaded.Start, End: loaded.End, Records: loaded.Records}
		if err := step.Apply(b.Context(), next); err != nil {
			b.Fatal(err)
		}
		commit(b, s, next, flow.Outcome{Written: size})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/observation")
}

// atOnce answers as Elasticsearch does that stores whatever comes.
func atOnce() http.HandlerFunc {
	var held string // the document of the partition, with its token
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		p := gates.Passing{Request: r}
		switch {
		case gates.IsBulk(p):
			gates.Say(w, http.StatusOK, allStored(body))
		case gates.IsOffset(p):
			held = cmp.Or(held, string(body))
			gates.Say(w, http.StatusCreated, `{}`)
		case gates.IsRead(p):
			docs := make([]string, topic.Partitions)
			for i := range docs {
				docs[i] = fmt.Sprintf(`{"_id":"%s-%d","found":false}`, topic.Name, i)
			}
			if held != "" {
				docs[0] = fmt.Sprintf(`{"_id":"%s-0","found":true,"_seq_no":1,"_primary_term":1,"_source":%s}`, topic.Name, held)
			}
			gates.Say(w, http.StatusOK, `{"docs":[`+strings.Join(docs, ",")+`]}`)
		default:
			gates.Say(w, http.StatusOK, `{}`)
		}
	}
}

// allStored is the answer to a bulk request of which every item is new.
func allStored(body []byte) string {
	var items []string
	for rest, found := body, true; ; {
		const length = 32
		if _, rest, found = bytes.Cut(rest, []byte(`","_id":"`)); !found {
			return `{"items":[` + strings.Join(items, ",") + `]}`
		}
		items = append(items, `{"index":{"_id":"`+string(rest[:length])+`","status":201}}`)
	}
}
