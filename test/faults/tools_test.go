package faults_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/reconcile"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// Tools that know nothing of senmeteo count the same in every store, after each job was killed: psql, Elasticsearch's own count and
// aggregation, and DuckDB and pyarrow on what the NameNode's file browser lets download.
func TestOtherToolsCountTheSameAfterAFaultyRun(t *testing.T) {
	t.Parallel()
	s := newScenario(t).browsed(t)
	s.sendDay(t, 0)
	s.crash(t, "stream.after-offsets:2", "stream", "--batch-records", "200")
	s.Must(t, "stream")
	s.crash(t, "pg.after-commit", "to-pg", "--batch-records", "300")
	s.crash(t, "es.after-bulk:2", "to-es", "--batch-records", "300")
	s.crash(t, "hdfs.after-rename", "to-hdfs", "--batch-records", "300")
	s.settle(t)
	if v := s.audit(t); v.wrong > 0 {
		t.Fatal(v.complaints)
	}

	want := map[string]int{}
	for _, line := range s.Psql(t, "SELECT station_id, count(*) FROM meteo.observation GROUP BY 1") {
		station, n, _ := strings.Cut(line, "|")
		want[station], _ = strconv.Atoi(n) // psql prints numbers
	}
	if total := sum(want); len(want) != 14 || total != len(latestOf(s.cleanRows(t))) {
		t.Fatalf("psql counts %d observations of %d stations", total, len(want))
	}
	count, stations := s.countInElasticsearch(t)
	if count != sum(want) || !maps.Equal(stations, want) {
		t.Errorf("Elasticsearch counts %d, by station %v; psql %v", count, stations, want)
	}
	lake := s.askDuckDB(t)
	corrections := len(s.cleanRows(t)) - sum(want)
	if lake.Rows != sum(want)+corrections || !maps.Equal(lake.Stations, want) || lake.Corrections != corrections || corrections == 0 {
		t.Errorf("DuckDB counts %d rows with %d corrections, by station %v; want %d with %d, %v", lake.Rows, lake.Corrections, lake.Stations, sum(want)+corrections, corrections, want)
	}
	lake.check(t, "senmeteo.cluster_id", "senmeteo.end_offset", "senmeteo.partition", "senmeteo.run_id", "senmeteo.schema", "senmeteo.start_offset", "senmeteo.topic_id")

	// The program itself finds the same, by hashes over ids and revisions: of all, of a part, and of the compacted lake.
	s.equalHashes(t)
	s.equalHashes(t, "--from", "2026-01-10T06:00:00Z", "--to", "2026-01-10T18:00:00Z")
	s.Must(t, "to-hdfs", "--compact", "--before", "2026-02-01")
	if lake = s.askDuckDB(t); lake.Rows != sum(want) || !maps.Equal(lake.Stations, want) {
		t.Errorf("compacted, DuckDB counts %d rows, by station %v; want %v", lake.Rows, lake.Stations, want)
	}
	lake.check(t, "senmeteo.compaction", "senmeteo.run_id", "senmeteo.schema")
	s.equalHashes(t)
}

// equalHashes lets reconcile compare the clean topic with all stores, three of which hold the same.
func (s *scenario) equalHashes(t testing.TB, window ...string) {
	t.Helper()
	var ledger reconcile.Result
	if err := json.Unmarshal([]byte(s.Must(t, append([]string{"reconcile", "--json"}, window...)...).Stdout), &ledger); err != nil {
		t.Fatal(err)
	}
	if len(ledger.Tallies) != 5 || !ledger.Balanced {
		t.Fatalf("%d of topic, table, indices, lake and newest observations are compared, balanced: %t", len(ledger.Tallies), ledger.Balanced)
	}
	for _, tally := range ledger.Tallies {
		if tally.Name == "Redis" {
			continue // the newest alone
		}
		if tally.Observations == 0 || tally.Hash() != ledger.Tallies[0].Hash() {
			t.Errorf("%s has %d observations with hash %s, the topic %d with %s", tally.Name, tally.Observations, tally.Hash(), ledger.Tallies[0].Observations, ledger.Tallies[0].Hash())
		}
	}
}

func sum(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// browsed is a lake where the default user may write, as that user, on an HDFS whose pages the test knows.
func (s *scenario) browsed(t testing.TB) *scenario {
	t.Helper()
	_, c := s.onOwnHDFS(t)
	folder := "/data/meteo/" + servers.Unique(t)
	s.hdfs, s.pages = strings.Replace(c.URL, "hdfs://", "hdfs://senmeteo@", 1)+folder, c.WebURL
	s.Program = s.With("SENMETEO_HDFS", c.URL+folder)
	return s
}

func (s *scenario) countInElasticsearch(t testing.TB) (count int, stations map[string]int) {
	t.Helper()
	alias := "/" + s.Prefix + "-clean"
	s.askElasticsearch(t, http.MethodPost, alias+"/_refresh", "", nil)
	var counted struct{ Count int }
	s.askElasticsearch(t, http.MethodGet, alias+"/_count", "", &counted)
	var found struct {
		Aggregations struct {
			Stations struct {
				Buckets []struct {
					Key   string `json:"key"`
					Count int    `json:"doc_count"`
				}
			}
		}
	}
	s.askElasticsearch(t, http.MethodPost, alias+"/_search", `{"size":0,"aggs":{"stations":{"terms":{"field":"station_id","size":100}}}}`, &found)
	stations = map[string]int{}
	for _, b := range found.Aggregations.Stations.Buckets {
		stations[b.Key] = b.Count
	}
	return counted.Count, stations
}

// seenLake is what testdata/lake.py says.
type seenLake struct {
	Rows, Corrections, Repeats, Strays int
	Stations                           map[string]int
	Codecs, Keys                       []string
	Statistics                         bool
	PageIndex                          bool       `json:"page_index"`
	SortedBy                           [][]string `json:"sorted_by"`
	InOrder                            bool       `json:"in_order"`
}

// check looks at the files themselves.
func (l *seenLake) check(t testing.TB, keys ...string) {
	t.Helper()
	if l.Repeats != 0 || l.Strays != 0 {
		t.Errorf("%d rows are there twice, %d in the folder of another day", l.Repeats, l.Strays)
	}
	if !slices.Equal(l.Codecs, []string{"ZSTD"}) || !l.Statistics || !l.PageIndex || !l.InOrder ||
		len(l.SortedBy) != 1 || !slices.Equal(l.SortedBy[0], []string{"station_id", "observed_at"}) {
		t.Errorf("the files are not as they should be: %+v", l)
	}
	if !slices.Equal(l.Keys, keys) {
		t.Errorf("the files' metadata has the keys %v, want %v", l.Keys, keys)
	}
}

// askDuckDB downloads the lake as the file browser does and lets other readers look at it.
func (s *scenario) askDuckDB(t testing.TB) seenLake {
	t.Helper()
	python := filepath.Join(program.Root(), ".cache", "venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the readers of Parquet are missing: run `make venv` (%v)", err)
	}
	cmd := exec.Command(python, "testdata/lake.py", s.browse(t))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var lake seenLake
	if err := json.Unmarshal(out, &lake); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return lake
}

// listedFile is a line of the file browser.
type listedFile struct {
	Name       string `json:"pathSuffix"`
	Type       string
	Owner      string
	Permission string
	Length     int64
}

var publishedName = regexp.MustCompile(`^(\d+-\d+-\d+|compacted-\d+)\.parquet$`)

// browse downloads the published files by WebHDFS, which is what the NameNode's pages use, and checks what they show.
func (s *scenario) browse(t testing.TB) (folder string) {
	t.Helper()
	folder = t.TempDir()
	clean := path.Join(s.lakeFolder(), "clean")
	for _, day := range s.webList(t, clean) {
		if strings.HasPrefix(day.Name, "_") {
			continue
		}
		if day.Type != "DIRECTORY" || !strings.HasPrefix(day.Name, "date=2026-01-1") || day.Owner != "senmeteo" {
			t.Errorf("the browser shows %+v", day)
		}
		if err := os.MkdirAll(filepath.Join(folder, day.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range s.webList(t, path.Join(clean, day.Name)) {
			content := s.web(t, path.Join(clean, day.Name, f.Name), "OPEN")
			if !publishedName.MatchString(f.Name) || f.Type != "FILE" || f.Owner != "senmeteo" || f.Permission != "644" || f.Length != int64(len(content)) {
				t.Errorf("the browser shows %+v, and the file has %d bytes", f, len(content))
			}
			if err := os.WriteFile(filepath.Join(folder, day.Name, f.Name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

func (s *scenario) webList(t testing.TB, folder string) []listedFile {
	t.Helper()
	var listed struct {
		FileStatuses struct{ FileStatus []listedFile }
	}
	if err := json.Unmarshal(s.web(t, folder, "LISTSTATUS"), &listed); err != nil {
		t.Fatal(err)
	}
	return listed.FileStatuses.FileStatus
}

// web asks the NameNode's WebHDFS, which sends readers on to the DataNode.
func (s *scenario) web(t testing.TB, name, op string) []byte {
	t.Helper()
	query := url.Values{"op": {op}, "user.name": {"dr.who"}} // whom the pages ask as
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.pages+"/webhdfs/v1"+name+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read only
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v\n%s", op, name, response.Status, err, content)
	}
	return content
}
