package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/parquet-go/parquet-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

// What the other tests rest on: the oracle is silent about a sound pipeline and sees each store that is broken on purpose.
func TestTheOracleSeesWhatIsLostDoubledOrWrongInEachStore(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.sendDay(t, 0)
	s.sendSaturated(t)
	s.settle(t)
	before := s.audit(t)
	if before.wrong > 0 || before.records < 2016 {
		t.Fatalf("the oracle complains of a sound pipeline of %d records: %q", before.records, before.complaints)
	}
	if len(s.truth.corrected) == 0 || len(s.Records(t, "dlq")) == 0 {
		t.Fatal("nothing was sent that is corrected or refused")
	}
	var victims []string
	for _, r := range latestOf(s.cleanRows(t)) {
		victims = append(victims, r.id)
	}
	victim := victims[0]
	for _, b := range []struct {
		name          string
		lost, doubled int
		spoil         func(t *testing.T) (mend func())
	}{
		{"a row deleted from PostgreSQL", 1, 0, func(t *testing.T) func() {
			return s.inTransaction(t, "DELETE FROM meteo.observation_data WHERE id = '"+victim+"'")
		}},
		{"a row doubled in PostgreSQL under another station", 0, 1, func(t *testing.T) func() {
			return s.inTransaction(t, `WITH other AS (
				INSERT INTO meteo.series (station_id, source, kind, issued_at) SELECT 'SN-XX', source, kind, issued_at FROM meteo.observation WHERE id = '`+victim+`'
				ON CONFLICT (station_id, source, kind, issued_at) DO UPDATE SET kind = excluded.kind RETURNING series_id)
				INSERT INTO meteo.observation_data SELECT (jsonb_populate_record(d, jsonb_build_object('series_id', other.series_id))).*
				FROM meteo.observation_data d, other WHERE id = '`+victim+"'")
		}},
		{"another value of each variable in PostgreSQL", len(variables), len(variables), func(t *testing.T) func() {
			var updates strings.Builder
			for i, variable := range variables {
				_, _ = fmt.Fprintf(&updates, "UPDATE meteo.observation_data SET %[1]s = coalesce(%[1]s, 0) + 0.1 WHERE id = '%[2]s';", variable, victims[i]) // never fails
			}
			return s.inTransaction(t, updates.String())
		}},
		{"another time of fetching in PostgreSQL", 1, 1, func(t *testing.T) func() {
			return s.inTransaction(t, "UPDATE meteo.observation_data SET fetched_at = fetched_at + interval '1 microsecond' WHERE id = '"+victim+"'")
		}},
		{"another verdict in PostgreSQL", 1, 1, func(t *testing.T) func() {
			return s.inTransaction(t, `UPDATE meteo.observation_data SET qc = '{"rain_mm":["none"]}' WHERE id = '`+victim+"'")
		}},
		{"another revision in PostgreSQL", 1, 1, func(t *testing.T) func() {
			return s.inTransaction(t, "UPDATE meteo.observation_data SET revision = revision + 1 WHERE id = '"+victim+"'")
		}},
		{"a file missing from the lake", -1, 0, func(t *testing.T) func() {
			file := s.lakeFile(t)
			return rename(t, file, file+".away")
		}},
		{"a file doubled in the lake", 0, -1, func(t *testing.T) func() {
			file := s.lakeFile(t)
			if err := os.Link(file, strings.Replace(file, ".parquet", "-again.parquet", 1)); err != nil {
				t.Fatal(err)
			}
			return func() { _ = os.Remove(strings.Replace(file, ".parquet", "-again.parquet", 1)) }
		}},
		{"another value of each variable in the lake", len(variables), len(variables), func(t *testing.T) func() { return otherValues(t, s.lakeFile(t)) }},
		{"another value of each variable in Elasticsearch", len(variables), len(variables), func(t *testing.T) func() {
			var mend []func()
			for i, variable := range variables {
				mend = append(mend, s.otherValue(t, victims[i], variable))
			}
			return func() {
				for _, f := range mend {
					f()
				}
			}
		}},
		{"other values in Redis", len(meteo.Stations), len(meteo.Stations), func(t *testing.T) func() {
			var mend []func()
			for i, name := range s.redisNames(t)[:len(meteo.Stations)] {
				mend = append(mend, s.otherField(t, name, variables[i]))
			}
			return func() {
				for _, f := range mend {
					f()
				}
			}
		}},
		{"a hash missing from Redis", 1, 0, func(t *testing.T) func() {
			name := s.redisNames(t)[0]
			return s.renameKey(t, name, s.Prefix+":away")
		}},
		{"a hash doubled in Redis", 0, 1, func(t *testing.T) func() {
			name := s.redisNames(t)[0]
			if err := s.askRedis(t).Copy(t.Context(), name, name+"-again", 0, false).Err(); err != nil {
				t.Fatal(err)
			}
			return func() { _ = s.askRedis(t).Del(t.Context(), name+"-again").Err() }
		}},
		{"a document deleted from Elasticsearch", 1, 0, func(t *testing.T) func() {
			s.askElasticsearch(t, http.MethodDelete, "/"+s.Prefix+"-clean-2026.01/_doc/"+victim, "", nil)
			return nil
		}},
		{"a document doubled in Elasticsearch", 0, 1, func(t *testing.T) func() {
			s.askElasticsearch(t, http.MethodPut, "/"+s.Prefix+"-clean-2025.12/_doc/"+strings.Repeat("0", 32)+"?refresh=true", `{"id":"`+strings.Repeat("0", 32)+`","revision":1}`, nil)
			return nil
		}},
		{"a dead letter doubled", 0, 1, func(t *testing.T) func() { s.again(t, "dlq"); return nil }},
		{"a record doubled in the clean topic, which the lake does not have", 1, 1, func(t *testing.T) func() { s.again(t, "clean"); return nil }},
		{"an invalid record without its letter", 1, 0, func(t *testing.T) func() {
			s.Produce(t, &kgo.Record{Value: []byte("{")})
			return nil
		}},
		{"a valid reading that was never made clean", 1, 0, func(*testing.T) func() {
			s.truth.revisions[strings.Repeat("f", 32)] = 1
			return func() { delete(s.truth.revisions, strings.Repeat("f", 32)) }
		}},
		{"a correction with another value", 0, 0, func(*testing.T) func() {
			for id := range s.truth.corrected {
				for variable := range s.truth.corrected[id] {
					s.truth.corrected[id][variable]++
				}
				break
			}
			return nil
		}},
		{"records that are gone from the clean topic, which the lake has", -1, -1, func(t *testing.T) func() {
			s.DeleteRecords(t, "clean", s.Records(t, "clean")[0].Partition, 5)
			return nil
		}},
	} {
		t.Run(b.name, func(t *testing.T) {
			mend := b.spoil(t)
			v := s.audit(t)
			if v.wrong <= before.wrong || !more(before.lost, v.lost, b.lost) || !more(before.doubled, v.doubled, b.doubled) {
				t.Errorf("the oracle says that %d are lost and %d doubled, %d wrong; before %d, %d and %d: %q", v.lost, v.doubled, v.wrong, before.lost, before.doubled, before.wrong, v.complaints)
			}
			if mend == nil {
				before = v
				return
			}
			mend()
		})
	}
}

// The same for what the stores can't show, as they agree: `stream` has written another value than it was sent.
func TestTheOracleSeesAnotherValueInTheCleanTopic(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.sendDay(t, 0)
	s.sendSaturated(t)
	s.Must(t, "stream")
	spoilt := s.otherValuesInCleanTopic(t)
	s.load(t)
	if v := s.audit(t); v.wrong != spoilt || v.lost != 0 || v.doubled != 0 {
		t.Errorf("the oracle says that %d are wrong, %d lost and %d doubled, want %d, 0 and 0: %q", v.wrong, v.lost, v.doubled, spoilt, v.complaints)
	}
}

// sendSaturated sends a reading of which `stream` corrects a value: more than 100 % of humidity becomes 100.
func (s *scenario) sendSaturated(t *testing.T) {
	t.Helper()
	at := time.Date(2026, 1, 9, 12, 0, 0, 0, time.UTC)
	value := strings.TrimSuffix(reading("SN-DK", at, at, "24.5"), "}") + `,"humidity_pct":102.5}`
	s.Produce(t, dakar(value))
	s.truth.revisions[idOf("SN-DK", at, "file")] = 1
}

// otherValuesInCleanTopic replaces the first records of a partition: one with another time of fetching, and for each variable one
// with another value of it. It returns how many.
func (s *scenario) otherValuesInCleanTopic(t *testing.T) int {
	t.Helper()
	fields := append([]string{"fetched_at", "original"}, variables[:]...)
	home := kafka.Partition("SN-DK", partitions)
	var firsts, others []*kgo.Record
	for _, r := range s.Records(t, "clean") {
		if r.Partition == home && len(firsts) < len(fields) {
			firsts = append(firsts, r)
		}
	}
	for i, r := range firsts {
		others = append(others, &kgo.Record{Topic: r.Topic, Partition: home, Key: r.Key, Headers: r.Headers, Value: changed(t, r.Value, fields[i])})
	}
	if err := s.Client(t).ProduceSync(t.Context(), others...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s.DeleteRecords(t, "clean", home, firsts[len(firsts)-1].Offset+1)
	return len(fields)
}

// changed is a document with another value of one field.
func changed(t *testing.T, document []byte, field string) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(document, &fields); err != nil {
		t.Fatal(err)
	}
	switch was := fields[field].(type) {
	case string:
		fields[field] = strings.Replace(was, "2026-", "2025-", 1)
	case float64:
		fields[field] = was + 0.1
	case nil:
		fields[field] = 0.1
	}
	if field == "original" {
		fields[field] = map[string]float64{"humidity_pct": 0.1}
	}
	out, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// otherValue changes a variable of a document.
func (s *scenario) otherValue(t *testing.T, id, variable string) (undo func()) {
	t.Helper()
	path := "/" + s.Prefix + "-clean-2026.01/_doc/" + id
	var was struct {
		Source json.RawMessage `json:"_source"`
	}
	s.askElasticsearch(t, http.MethodGet, path, "", &was)
	s.askElasticsearch(t, http.MethodPut, path, string(changed(t, was.Source, variable)), nil)
	return func() { s.askElasticsearch(t, http.MethodPut, path, string(was.Source), nil) }
}

// otherValues changes a row for each variable in a file of the lake.
func otherValues(t *testing.T, file string) (undo func()) {
	t.Helper()
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, err := parquet.OpenFile(bytes.NewReader(was), int64(len(was)))
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]parquet.Row, in.NumRows())
	if _, err := parquet.NewReader(in).ReadRows(rows); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for i, variable := range variables {
		column, _ := in.Schema().Lookup(variable)
		value := &rows[i][column.ColumnIndex]
		*value = parquet.DoubleValue(value.Double()+0.1).Level(0, 1, column.ColumnIndex)
	}
	var out bytes.Buffer
	w := parquet.NewWriter(&out, in.Schema())
	if _, err := w.WriteRows(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Error(err)
		}
	}
	write(out.Bytes())
	return func() { write(was) }
}

// more reports whether a count has risen by as much as it should; -1 stands for any number.
func more(before, after, by int) bool { return after == before+by || by < 0 && after > before }

// inTransaction executes a statement that the returned function takes back.
func (s *scenario) inTransaction(t *testing.T, statement string) (undo func()) {
	t.Helper()
	s.Exec(t, "DROP TABLE IF EXISTS kept")
	s.Exec(t, "CREATE TABLE kept AS SELECT * FROM meteo.observation_data")
	s.Exec(t, statement)
	return func() {
		s.Database(t, func(ctx context.Context, db *pgx.Conn) error {
			_, err := db.Exec(ctx, "TRUNCATE meteo.observation_data; INSERT INTO meteo.observation_data SELECT * FROM kept; DROP TABLE kept")
			return err
		})
	}
}

func (s *scenario) lakeFile(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Lake, "clean", "date=*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the lake has %d files, %v", len(files), err)
	}
	return files[len(files)-1]
}

func rename(t *testing.T, from, to string) (undo func()) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Rename(to, from); err != nil {
			t.Error(err)
		}
	}
}

// again writes the first record of a topic once more.
func (s *scenario) again(t *testing.T, topic string) {
	t.Helper()
	first := s.Records(t, topic)[0]
	r := &kgo.Record{Topic: s.Prefix + "." + topic, Partition: first.Partition, Key: first.Key, Value: first.Value, Headers: first.Headers}
	if err := s.Client(t).ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
