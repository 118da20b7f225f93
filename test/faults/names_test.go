package faults_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/test/program"
)

// What a record says of itself names no folder, index, table or statement: another producer's records with such names become
// dead letters, of `stream` on the raw topic and of each loader on the clean one, and the stores hold nothing but what they should.
func TestRecordsThatMeanHarmNameNothingInTheStores(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.sendDay(t, 0)
	s.settle(t)
	names := []string{
		"../../../tmp/x", "/etc/passwd", "SN-DK/../../x", "SN-DK-..", "_log", "p=0", "date=2026-01-01",
		`SN-DK'; DROP TABLE meteo.observation; --`, `"; DROP SCHEMA meteo CASCADE`, "$1", "SN-DK\x00", `\copy`,
		`SN-DK","_index":"other`, "SN-DK\"}}\n{\"delete\":{\"_index\":\"*\"}}\n", "*", "-*", "<script>alert(1)</script>", "${jndi:ldap://x}",
		"SN-DK\nSN-TH", "\u202eKD-NS", "SN-ДК", strings.Repeat("SN-DK", 500), // with which key and headers are not too long
	}
	at := time.Date(2026, 1, 10, 0, 0, 1, 0, time.UTC)
	home := kafka.Partition("SN-DK", partitions)
	var sent []*kgo.Record
	for _, name := range names {
		for field, id := range map[string]string{
			"station_id": idOf(name, at, "file"), "source": idOf("SN-DK", at, name), "kind": idOf("SN-DK", at, "file"), "id": name, "observed_at": name, "quality": idOf("SN-DK", at, "file"),
		} {
			record := map[string]any{
				"schema": 1, "station_id": "SN-DK", "observed_at": at.Format(time.RFC3339), "fetched_at": at.Format(time.RFC3339),
				"source": "file", "kind": "observed", "temperature_c": 20, "id": id, "revision": 1, "quality": "good",
			}
			record[field] = name
			value, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			for _, topic := range []string{".raw", ".clean"} {
				sent = append(sent, &kgo.Record{Topic: s.Prefix + topic, Key: []byte(name), Partition: home, Value: value})
			}
		}
	}
	if err := s.Client(t).ProduceSync(t.Context(), sent...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	refused := len(sent) / 2
	for _, verb := range append([]string{"stream"}, loads...) {
		// More than half of what this run reads is refused, which it says by its exit code.
		r := s.Run(t, verb)
		if expect(t, r, 65); r.Report(t).Written > 0 || int(r.Report(t).Rejected) != refused {
			t.Errorf("%s writes %d and rejects %d, want 0 and %d\n%s", r, r.Report(t).Written, r.Report(t).Rejected, refused, r.Output())
		}
	}
	letters := map[string]int{}
	for _, l := range s.Records(t, "dlq") {
		letters[program.Header(l, "__connect.errors.stage")]++
	}
	for _, verb := range append([]string{"stream"}, loads...) {
		if letters[verb] < refused {
			t.Errorf("%s left %d letters, want %d", verb, letters[verb], refused)
		}
	}
	s.onlyKnownNames(t)
}

// onlyKnownNames holds the names of the lake's folders and files, and of indices and tables, against their forms.
func (s *scenario) onlyKnownNames(t testing.TB) {
	t.Helper()
	files := regexp.MustCompile(`^(\.|clean(/date=2026-01-\d\d(/\d+-\d+-\d+\.parquet)?|/_log(/.*)?|/_tmp)?)$`)
	err := fs.WalkDir(os.DirFS(s.Lake), ".", func(path string, _ fs.DirEntry, err error) error {
		if !files.MatchString(path) {
			t.Errorf("the lake holds %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var indices []struct {
		Index string `json:"index"`
	}
	s.askElasticsearch(t, "GET", "/_cat/indices/"+s.Prefix+"*?format=json&h=index&expand_wildcards=all", "", &indices)
	for _, i := range indices {
		if !slices.Contains([]string{s.Prefix + "-clean-2026.01", s.Prefix + "-dlq-1", s.Prefix + "-sink"}, i.Index) {
			t.Errorf("Elasticsearch has the index %s", i.Index)
		}
	}
	s.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		var (
			tables   string
			stations int
		)
		const ask = `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'meteo'::regnamespace AND relkind IN ('r', 'p')`
		if err := db.QueryRow(ctx, ask).Scan(&tables); err != nil {
			return err
		}
		if want := "alert_look incident job_measure migration muted_station observation_2026_01 observation_data place rejected series sink_offset station"; tables != want {
			t.Errorf("PostgreSQL has the tables %s, want %s", tables, want)
		}
		if err := db.QueryRow(ctx, `SELECT count(*) FROM meteo.station`).Scan(&stations); err != nil {
			return err
		}
		if stations != len(meteo.Stations) {
			t.Errorf("PostgreSQL knows %d stations", stations)
		}
		return nil
	})
}
