package hdfs

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"iter"
	"os"
	"os/user"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// encodeGob and decodeGob stand in for Parquet: a whole file or nothing can be decoded.
func encodeGob(w io.Writer, observations []meteo.Observation, _ map[string]string) error {
	return gob.NewEncoder(w).Encode(observations)
}

func decodeGob(r io.ReaderAt, size int64) iter.Seq2[*meteo.Observation, error] {
	return func(yield func(*meteo.Observation, error) bool) {
		var all []meteo.Observation
		if err := gob.NewDecoder(io.NewSectionReader(r, 0, size)).Decode(&all); err != nil {
			yield(nil, err)
			return
		}
		for i := range all {
			if !yield(&all[i], nil) {
				return
			}
		}
	}
}

// config is that of tests.
func config(root string) Config {
	return Config{
		Root: root, User: superuser(), ClusterID: "cluster", TopicID: "topic", RunID: "run", Encode: encodeGob, Decode: decodeGob,
		Patience: 5 * time.Second, Timeout: 5 * time.Second,
	}
}

// superuser is the name of who started the servers of the tests.
func superuser() string {
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name
	}
	u, err := user.Current()
	if err != nil {
		return "root"
	}
	return u.Username
}

func openLake(t testing.TB, cfg Config) *Lake {
	t.Helper()
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// lakeStore is a flowtest.Store.
type lakeStore struct{ root string }

func (s lakeStore) Open(t testing.TB) flow.Sink { return openLake(t, config(s.root)) }

func (s lakeStore) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	l := openLake(t, config(s.root))
	rows := published(t, l)
	next, err := l.Resume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	return flowtest.Stored{Rows: rows, Next: next}
}

// published reads what other programs read: the files in the folders of the days, and no more.
func published(t testing.TB, l *Lake) []flowtest.Row {
	t.Helper()
	days, err := l.listDays(context.Background(), time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []flowtest.Row
	for date, files := range days {
		for _, f := range files {
			err := l.readRows(context.Background(), f, func(o *meteo.Observation) error {
				if got := o.ObservedAt.Format(time.DateOnly); got != date {
					return fmt.Errorf("%s holds an observation of %s", f.published, got)
				}
				rows = append(rows, flowtest.RowOf(o))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return rows
}

// faultsOfACommit are all modes at all changes that the commit of a batch of one day makes.
func faultsOfACommit() []flowtest.Fault {
	changes := []string{
		"making the chain", "making the temporary folder", "writing the data", "writing the manifest", "the commit's rename",
		"making the day's folder", "publishing",
	}
	var out []flowtest.Fault
	for i, change := range changes {
		for _, m := range modes {
			if !m.appliesTo(change) {
				continue
			}
			out = append(out, flowtest.Fault{Name: change + ": " + string(m), Arm: func(t testing.TB, s flow.Sink) {
				f := faulty(t, s.(*Lake))
				f.arm(i+1, m)
				t.Cleanup(func() {
					if f.changes < i+1 {
						t.Errorf("the commit made %d changes, and the fault was to come at %d", f.changes, i+1)
					}
				})
			}})
		}
	}
	return out
}

func TestALocalFolderKeepsTheContractOfSinks(t *testing.T) {
	flowtest.TestSink(t, flowtest.Harness{
		New: func(t testing.TB) flowtest.Store { return lakeStore{root: "file://" + t.TempDir()} },

		Faults: faultsOfACommit(),
	})
}
