package faults_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What the other tests rest on: the oracle is silent about a sound pipeline and sees each store that is broken on purpose.
func TestTheOracleSeesWhatIsLostDoubledOrWrongInEachStore(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.sendDay(t, 0)
	s.settle(t)
	if v := s.audit(t); v.wrong > 0 || v.records < 2016 {
		t.Fatalf("the oracle complains of a sound pipeline of %d records: %q", v.records, v.complaints)
	}
	if len(s.truth.corrected) == 0 || len(s.Records(t, "dlq")) == 0 {
		t.Fatal("nothing was sent that is corrected or refused")
	}
	victim := s.cleanRows(t)[0].id
	for _, b := range []struct {
		name          string
		lost, doubled int
		spoil         func(t *testing.T) (mend func())
	}{
		{"a row deleted from PostgreSQL", 1, 0, func(t *testing.T) func() {
			return s.inTransaction(t, "DELETE FROM meteo.observation WHERE id = '"+victim+"'")
		}},
		{"a row doubled in PostgreSQL under another station", 0, 1, func(t *testing.T) func() {
			return s.inTransaction(t, `INSERT INTO meteo.observation SELECT (jsonb_populate_record(o, '{"station_id":"SN-XX"}')).* FROM meteo.observation o WHERE id = '`+victim+"'")
		}},
		{"another value in PostgreSQL", 1, 1, func(t *testing.T) func() {
			return s.inTransaction(t, "UPDATE meteo.observation SET temperature_c = temperature_c + 0.1 WHERE id = '"+victim+"'")
		}},
		{"another revision in PostgreSQL", 1, 1, func(t *testing.T) func() {
			return s.inTransaction(t, "UPDATE meteo.observation SET revision = revision + 1 WHERE id = '"+victim+"'")
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
			s.deleteRecords(t, "clean", s.Records(t, "clean")[0].Partition, 5)
			return nil
		}},
	} {
		t.Run(b.name, func(t *testing.T) {
			before := s.audit(t)
			mend := b.spoil(t)
			v := s.audit(t)
			if v.wrong <= before.wrong || !more(before.lost, v.lost, b.lost) || !more(before.doubled, v.doubled, b.doubled) {
				t.Errorf("the oracle says that %d are lost and %d doubled, %d wrong; before %d, %d and %d: %q", v.lost, v.doubled, v.wrong, before.lost, before.doubled, before.wrong, v.complaints)
			}
			if mend != nil {
				mend()
			}
		})
	}
}

// more tells whether a count has risen by as much as it should; -1 stands for any number.
func more(before, after, by int) bool { return after == before+by || by < 0 && after > before }

// inTransaction executes a statement that the returned function takes back.
func (s *scenario) inTransaction(t *testing.T, statement string) (undo func()) {
	t.Helper()
	s.Exec(t, "DROP TABLE IF EXISTS kept")
	s.Exec(t, "CREATE TABLE kept AS SELECT * FROM meteo.observation")
	s.Exec(t, statement)
	return func() {
		s.Database(t, func(ctx context.Context, db *pgx.Conn) error {
			_, err := db.Exec(ctx, "TRUNCATE meteo.observation; INSERT INTO meteo.observation SELECT * FROM kept; DROP TABLE kept")
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
	return files[0]
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
