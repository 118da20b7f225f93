package hdfs

import (
	"context"
	"maps"
	"os"
	"os/user"
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// testConfig is the configuration of a lake of tests.
func testConfig(root string) config {
	return config{
		root: root, user: superuser(), topic: flow.Topic{ID: "topic", ClusterID: "cluster"}, runID: "run",
		patience: 5 * time.Second, timeout: 5 * time.Second,
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

func openLake(t testing.TB, cfg config) *Lake {
	t.Helper()
	l, err := newLake(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// lakeStore is a flowtest.Store.
type lakeStore struct{ root string }

func (s lakeStore) Open(t testing.TB) flow.Sink { return openLake(t, testConfig(s.root)) }

func (s lakeStore) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	l := openLake(t, testConfig(s.root))
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
	days, err := l.listDays(context.Background(), flow.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []flowtest.Row
	for date, files := range days {
		for _, f := range files {
			for _, o := range contentOf(t, l, f) {
				if got := o.ObservedAt.Format(time.DateOnly); got != date {
					t.Errorf("%s holds an observation of %s", f.published, got)
				}
				rows = append(rows, flowtest.RowOf(&o))
			}
		}
	}
	return rows
}

// contentOf reads the observations of a file, in its order.
func contentOf(t testing.TB, l *Lake, f storedFile) []meteo.Observation {
	t.Helper()
	data, err := l.readStored(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	var all []meteo.Observation
	err = l.readers.decode(f.published, data, func(rows []meteo.Observation) error { all = append(all, rows...); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// seen reads all observations that the lake holds, published or pending, each day's in the order of the commits.
func seen(t testing.TB, l *Lake) []meteo.Observation {
	t.Helper()
	days, err := l.view(context.Background(), flow.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	var all []meteo.Observation
	for _, date := range slices.Sorted(maps.Keys(days)) {
		for _, f := range days[date] {
			all = append(all, contentOf(t, l, f)...)
		}
	}
	return all
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
				s.(*Lake).days.Clear() // so that it makes the day's folder, as the first commit of a run does
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

func TestALocalFolderKeepsTheContractOfStores(t *testing.T) {
	flowtest.TestStore(t, flowtest.Harness{
		New:    func(t testing.TB) flowtest.Store { return lakeStore{root: "file://" + t.TempDir()} },
		Keeps:  flow.EveryRevision,
		Faults: faultsOfACommit(),
	})
}

func TestTheFolderOfADayThatSomeoneRemovedIsRecreated(t *testing.T) {
	onEachFileSystem(t, func(t *testing.T, root string) {
		l := openLake(t, testConfig(root))
		next := fill(t, l, 0, 0, revisions(0, 0, 3, 1))
		if err := l.files.Remove(t.Context(), "date=2024-01-31"); err != nil {
			t.Fatal(err)
		}
		fill(t, l, 0, next, revisions(0, 3, 2, 1))
		if got := published(t, l); len(got) != 2 {
			t.Errorf("readers see %d rows, want the 2 that came after", len(got))
		}
	})
}
