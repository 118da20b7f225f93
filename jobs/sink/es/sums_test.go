package es

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// summing answers questions for sums of one index by spans, and notes these. Its documents, asked for themselves, are those of pages.
type summing struct {
	pages
	bySpan map[string]string // the buckets
	asked  []string
}

func (s *summing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_search" || !strings.HasSuffix(r.URL.Path, "/_search") {
		if r.URL.Path == "/_search" {
			s.asked = append(s.asked, "documents")
		}
		s.pages.ServeHTTP(w, r)
		return
	}
	w.Header().Set(productHeader, product)
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), `"_index"`) {
		_, _ = io.WriteString(w, `{"aggregations":{"indices":{"sum_other_doc_count":0,"buckets":[{"key":"meteo-clean-2026.02","doc_count":1}]}}}`)
		return
	}
	_, span, _ := strings.Cut(string(body), `"fixed_interval":"`)
	span, _, _ = strings.Cut(span, `"`)
	s.asked = append(s.asked, span)
	_, _ = io.WriteString(w, `{"timed_out":false,"aggregations":{"spans":{"after_key":{},"buckets":[`+s.bySpan[span]+`]}}}`)
}

// bucket is the sums of so many documents, each of revision 1, with the hash 2^32+7.
func bucket(at time.Time, station string, count int64) string {
	return fmt.Sprintf(`{"key":{"span":%d,"station":%s},"doc_count":%d,"high":{"value":%d},"low":{"value":%.1f},"numbers":{"value":%d},"fetched":{"value":1.7E12},"oldest":{"value":1.7E15}}`,
		at.UnixMilli(), station, count, count, 7*float64(count), count)
}

func TestSumsThatAreNotExactAreAskedForByShorterSpansAndThenTheDocumentsAreRead(t *testing.T) {
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	most, more := int64(mostSummed), int64(mostSummed)+1
	want := func(count int64, buckets int64) flow.DaySum {
		hash := uint64(count)<<32 + uint64(7*count)
		return flow.DaySum{StationID: "SN-DK", Day: day, IDs: count, Rows: count, Hash: hash, RowsHash: hash, Numbers: count, FetchedMs: buckets * 1.7e12}
	}
	stored := bucket(day, `"SN-DK"`, 1)
	for name, c := range map[string]struct {
		bySpan map[string]string
		asked  []string
		want   flow.DaySum
	}{
		"by days": {map[string]string{"1d": bucket(day, `"SN-DK"`, most)}, []string{"1d"}, want(most, 1)},
		"by hours": {
			map[string]string{"1d": bucket(day, `"SN-DK"`, more), "1h": bucket(day, `"SN-DK"`, 97) + "," + bucket(day.Add(23*time.Hour), `"SN-DK"`, most)},
			[]string{"1d", "1h"},
			want(most+97, 2),
		},
		"a document without a station":           {map[string]string{"1d": bucket(day, "null", 1), "1h": bucket(day, "null", 1), "1m": bucket(day, "null", 1)}, []string{"1d", "1h", "1m", "documents"}, flow.DaySum{}},
		"a version that Elasticsearch counts":    {map[string]string{"1d": strings.Replace(stored, "1.7E15", "3", 1), "1h": strings.Replace(stored, "1.7E15", "3", 1), "1m": strings.Replace(stored, "1.7E15", "3", 1)}, []string{"1d", "1h", "1m", "documents"}, flow.DaySum{}},
		"more in a minute than are summed up so": {map[string]string{"1d": bucket(day, `"SN-DK"`, more), "1h": bucket(day, `"SN-DK"`, more), "1m": bucket(day, `"SN-DK"`, more)}, []string{"1d", "1h", "1m", "documents"}, flow.DaySum{}},
	} {
		t.Run(name, func(t *testing.T) {
			serves := &summing{pages: pages{[]string{full(0)}}, bySpan: c.bySpan}
			server := httptest.NewServer(serves)
			t.Cleanup(server.Close)
			store, err := Open(t.Context(), Config{URL: server.URL, Topic: flow.Topic{Name: "meteo.clean", Partitions: 1}, ReadOnly: true, Patience: time.Nanosecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			if c.want.IDs == 0 { // that of the document
				summer := flow.NewSummer()
				summer.AddOnly(flow.Revision{StationID: "SN-DK", ObservedAt: time.UnixMilli(0), Number: 1, FetchedAt: time.UnixMilli(7), ID: meteo.ID{}})
				_ = summer.Each(func(sum flow.DaySum) error { c.want = sum; return nil })
			}
			var got []flow.DaySum
			err = store.Sums(t.Context(), flow.Selection{}, func(sum flow.DaySum) error { got = append(got, sum); return nil })
			if err != nil || !slices.Equal(got, []flow.DaySum{c.want}) || !slices.Equal(serves.asked, c.asked) {
				t.Errorf("asked by %v, the sums are %+v, %v; want %v, %+v", serves.asked, got, err, c.asked, c.want)
			}
		})
	}
}
