package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/parquet-go/parquet-go"

	"senmeteo/test/program"
)

// The stores are read by other means than the program's own: franz-go, SQL, searches and plain Parquet.

// cleanRows are those of the clean topic that a read_committed consumer sees.
func (s *scenario) cleanRows(t testing.TB) []row {
	t.Helper()
	var rows []row
	for _, r := range s.Records(t, "clean") {
		if program.Header(r, "senmeteo.stage") != "" {
			continue // a replayed letter, which is there already and comes again for one job alone
		}
		var o observation
		if err := json.Unmarshal(r.Value, &o); err != nil {
			t.Fatalf("the clean topic holds %q: %v", r.Value, err)
		}
		rows = append(rows, o.row())
	}
	return rows
}

func (s *scenario) postgresRows(t testing.TB) []row {
	t.Helper()
	var rows []row
	s.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		query := "SELECT id, revision, fetched_at, interval_s, quality, coalesce(qc::text, ''), coalesce(original::text, ''), coalesce(quantiles::text, ''), " + strings.Join(variables[:], ", ") + " FROM meteo.observation"
		found, err := db.Query(ctx, query)
		if err != nil {
			return err
		}
		for found.Next() {
			var o observation
			columns := []any{&o.ID, &o.Revision, &o.FetchedAt, &o.Interval, &o.Quality, (*string)(&o.QC), (*string)(&o.Original), (*string)(&o.Quantiles)}
			for _, value := range o.values() {
				columns = append(columns, value)
			}
			if err := found.Scan(columns...); err != nil {
				return err
			}
			rows = append(rows, o.row())
		}
		return found.Err()
	})
	return rows
}

// lakeFiles are the contents of the lake's published files.
func (s *scenario) lakeFiles(t testing.TB) map[string][]byte {
	t.Helper()
	if s.hdfs != "" {
		return s.hdfsFiles(t)
	}
	names, err := filepath.Glob(filepath.Join(s.Lake, "clean", "date=*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// lakeRows are those of the Parquet files that a reader finds by their folders' names.
func (s *scenario) lakeRows(t testing.TB) []row {
	t.Helper()
	var rows []row
	for name, data := range s.lakeFiles(t) {
		found, err := parquet.Read[observation](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		for i := range found {
			rows = append(rows, found[i].row())
		}
	}
	return rows
}

// elasticsearchRows are the documents of the read alias.
func (s *scenario) elasticsearchRows(t testing.TB) []row {
	t.Helper()
	s.askElasticsearch(t, http.MethodPost, "/"+s.Prefix+"-clean/_refresh", "", nil)
	var page struct {
		Scroll string `json:"_scroll_id"`
		Hits   struct {
			Hits []struct {
				ID     string      `json:"_id"`
				Source observation `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	var rows []row
	s.askElasticsearch(t, http.MethodPost, "/"+s.Prefix+"-clean/_search?scroll=1m&size=5000", `{"sort":["_doc"]}`, &page)
	for len(page.Hits.Hits) > 0 {
		for _, h := range page.Hits.Hits {
			if h.Source.ID != h.ID {
				t.Errorf("Elasticsearch: the document %s holds the id %q", h.ID, h.Source.ID)
			}
			rows = append(rows, h.Source.row())
		}
		next := `{"scroll":"1m","scroll_id":` + strconv.Quote(page.Scroll) + `}`
		page.Hits.Hits = nil
		s.askElasticsearch(t, http.MethodPost, "/_search/scroll", next, &page)
	}
	s.askElasticsearch(t, http.MethodDelete, "/_search/scroll", `{"scroll_id":`+strconv.Quote(page.Scroll)+`}`, nil)
	return rows
}

// askElasticsearch sends a request and decodes the answer, when it is wanted.
func (s *scenario) askElasticsearch(t testing.TB, method, path, body string, answer any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.elasticsearch+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("asking Elasticsearch: %v", err)
	}
	defer func() { _ = response.Body.Close() }() // read only
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("asking Elasticsearch: %s %s: %s: %v\n%s", method, path, response.Status, err, text)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("asking Elasticsearch: %v\n%s", err, text)
	}
}
