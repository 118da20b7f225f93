package hdfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

// A cluster of one's own takes some seconds to start, so that the tests that break one share it, one after the other.
func TestALakeOnHDFS(t *testing.T) {
	set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{servers.NameHDFS}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, test := range []struct {
		name string
		run  func(t *testing.T, c *cluster)
	}{
		{"goes on when the NameNode is killed and comes back in the middle of a commit", nameNodeKilled},
		{"rewrites a file when the DataNode is killed in the middle of it", dataNodeKilled},
		{"repeats what a frozen NameNode did not answer in time", nameNodeFrozen},
		{"looks what became of a rename whose answer is lost", renameUnanswered},
		{"is not confused by a rename that arrives when it has given it up", renameLate},
		{"publishes no file that the NameNode does not call complete", notComplete},
		{"waits for the end of safe mode, and reports it when that takes too long", safeMode},
		{"shows nothing when the space quota is exceeded, and goes on when there is room", spaceQuota},
		{"fails at once when there is no NameNode", unreachable},
		{"stops within the time that a stopped run has, whatever HDFS does", stopped},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, &cluster{Cluster: set.HDFS, root: set.HDFS.URL + "/" + servers.Unique(t)})
		})
	}
}

type cluster struct {
	*servers.Cluster
	root string
}

// lake opens a lake with a first batch of 3 rows, and returns the offset after it.
func (c *cluster) lake(t *testing.T, change func(*config)) (*Lake, int64) {
	t.Helper()
	cfg := testConfig(c.root)
	cfg.timeout, cfg.patience = 2*time.Second, time.Minute
	if change != nil {
		change(&cfg)
	}
	l := openLake(t, cfg)
	return l, fill(t, l, 0, 0, revisions(0, 0, 3, 1))
}

// expect checks that readers see n rows, and where the lake resumes.
func (c *cluster) expect(t *testing.T, n int, next int64) {
	t.Helper()
	heir := openLake(t, testConfig(c.root))
	offsets, err := heir.Resume(t.Context())
	if err != nil || offsets[0] != next {
		t.Errorf("Resume returned %v (%v), want %d", offsets, err, next)
	}
	if got := published(t, heir); len(got) != n {
		t.Errorf("readers see %d rows, want %d", len(got), n)
	}
	if err := heir.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// must fails the test at an error.
func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// check is must for goroutines other than the test's.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// nextBatch is the second of a partition.
func nextBatch(start int64) *flow.Batch { return flowtest.Batch(0, start, revisions(0, 3, 3, 1)...) }

// Changes of a commit, counted from 1, at which servers fail: faultsOfACommit lists them.
const (
	writingTheData = 3
	renaming       = 5
	publishing     = 7
)

func nameNodeKilled(t *testing.T, c *cluster) {
	l, next := c.lake(t, nil)
	f := faulty(t, l)
	for _, at := range []int{writingTheData, renaming} {
		back := make(chan error, 1)
		f.before = func() {
			check(t, c.NameNode.Kill())
			go func() { back <- c.NameNode.Start(context.Background()) }()
		}
		f.arm(at, calls)
		_, err := l.Commit(t.Context(), nextBatch(next))
		must(t, err, <-back)
		next += 4
	}
	c.expect(t, 9, next)
}

func dataNodeKilled(t *testing.T, c *cluster) {
	l, next := c.lake(t, nil)
	f := faulty(t, l)
	back := make(chan error, 1)
	f.before = func() { // frozen first, so that it dies when the writer has filled its buffers and waits
		check(t, c.DataNode.Pause())
		time.AfterFunc(200*time.Millisecond, func() {
			check(t, c.DataNode.Kill())
			back <- c.DataNode.Start(context.Background())
		})
	}
	f.arm(writingTheData, calls)
	large := flowtest.Batch(0, next, incompressible(120_000)...)
	_, err := l.Commit(t.Context(), large)
	must(t, err, <-back)
	c.expect(t, 3+len(large.Observations), large.End)
}

// incompressible makes observations of one day whose file, of about 33 MB, does not fit into the buffers on its way.
func incompressible(n int) []meteo.Observation {
	out := make([]meteo.Observation, n)
	for i := range out {
		out[i] = flowtest.Observation(0, 0, int64(i+10))
		out[i].ProviderID = rand.Text() + rand.Text() + rand.Text() + rand.Text() + rand.Text() + rand.Text() + rand.Text() + rand.Text() + rand.Text()
		for v := range out[i].Values {
			out[i].Values[v] = mathrand.Float64()
		}
	}
	return out
}

// nameNodeFrozen freezes it for longer than a call may take.
func nameNodeFrozen(t *testing.T, c *cluster) {
	l, next := c.lake(t, func(cfg *config) { cfg.timeout = time.Second })
	f := faulty(t, l)
	for _, at := range []int{writingTheData, renaming} {
		f.before = func() {
			check(t, c.NameNode.Pause())
			time.AfterFunc(1500*time.Millisecond, func() { check(t, c.NameNode.Resume()) })
		}
		f.arm(at, calls)
		_, err := l.Commit(t.Context(), nextBatch(next))
		must(t, err)
		next += 4
	}
	c.expect(t, 9, next)
}

func renameUnanswered(t *testing.T, c *cluster) {
	c.meetOnTheWay(t, []int{renaming, publishing}, gates.RenameMethod, gates.Unanswered, 1)
}

func renameLate(t *testing.T, c *cluster) {
	c.meetOnTheWay(t, []int{renaming, publishing}, gates.RenameMethod, gates.Late, 1)
}

func notComplete(t *testing.T, c *cluster) {
	c.meetOnTheWay(t, []int{writingTheData}, gates.CompleteMethod, gates.NotFinished, 3)
}

// meetOnTheWay lets calls that belong to some changes of commits meet a fault on their way to the NameNode.
func (c *cluster) meetOnTheWay(t *testing.T, changes []int, method string, fault gates.CallFault, times int) {
	server := strings.TrimPrefix(c.URL, "hdfs://")
	p := gates.NewNameNode(t, server)
	direct := c.root
	c.root = strings.Replace(c.root, server, p.Addr(), 1)
	l, next := c.lake(t, nil)
	c.root = direct
	f := faulty(t, l)
	for _, at := range changes {
		f.before = func() { p.Arm(method, fault, times) }
		l.days.Clear() // so that the commit makes all changes
		f.arm(at, calls)
		_, err := l.Commit(t.Context(), nextBatch(next))
		must(t, err)
		next += 4
	}
	if met := p.Met(); met != times*len(changes) {
		t.Errorf("%d calls met the fault, want %d", met, times*len(changes))
	}
	c.expect(t, 3+3*len(changes), next)
}

// safeMode restarts the NameNode without its DataNode: it stays in safe mode until that has reported its blocks.
func safeMode(t *testing.T, c *cluster) {
	l, next := c.lake(t, nil)
	must(t, c.DataNode.Kill(), c.NameNode.Kill(), c.NameNode.Start(t.Context()))

	hasty := openLake(t, testConfig(c.root))
	hasty.cfg.patience = time.Second
	hasty.heads[0], hasty.epoch = l.heads[0], 0 // it can't read the chain now
	_, err := hasty.Commit(t.Context(), nextBatch(next))
	if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "safe mode") {
		t.Errorf("Commit returned %v, want a failure of the class Unavailable that names safe mode", err)
	}

	back := make(chan error, 1)
	go func() { back <- c.DataNode.Start(context.Background()) }()
	_, err = l.Commit(t.Context(), nextBatch(next))
	must(t, err, <-back)
	c.expect(t, 6, next+4)
}

func spaceQuota(t *testing.T, c *cluster) {
	l, next := c.lake(t, nil)
	c.setQuota(t, 1<<20)
	_, err := l.Commit(t.Context(), nextBatch(next))
	if flow.ClassOf(err) != flow.CantWrite || !strings.Contains(err.Error(), "quota") {
		t.Errorf("Commit returned %v, want a failure of the class CantWrite that names the quota", err)
	}
	c.expect(t, 3, next)

	c.setQuota(t, 1<<40)
	if _, err := l.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	_, err = l.Commit(t.Context(), nextBatch(next))
	must(t, err)
	c.expect(t, 6, next+4)
}

// setQuota bounds the bytes of the lake by WebHDFS.
func (c *cluster) setQuota(t *testing.T, bytes int64) {
	t.Helper()
	folder := strings.TrimPrefix(c.root, c.URL)
	url := fmt.Sprintf("%s/webhdfs/v1%s?op=SETQUOTA&storagespacequota=%d&namespacequota=%d&user.name=%s", c.WebURL, folder, bytes, int64(1<<40), superuser())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	answer, err := io.ReadAll(response.Body)
	must(t, err, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatalf("setting the quota: %s: %s", response.Status, answer)
	}
}

func unreachable(t *testing.T, _ *cluster) {
	cfg := testConfig("hdfs://127.0.0.1:1/lake")
	cfg.patience = time.Hour
	_, err := openLake(t, cfg).Resume(t.Context())
	if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "--hdfs") {
		t.Errorf("Resume returned %v, want a failure of the class Unavailable that names --hdfs", err)
	}
}

func stopped(t *testing.T, c *cluster) {
	l, next := c.lake(t, func(cfg *config) { cfg.timeout, cfg.patience = time.Hour, time.Hour })
	ctx, cancel := context.WithCancel(t.Context())
	f := faulty(t, l)
	f.before = func() {
		check(t, c.NameNode.Pause())
		time.AfterFunc(100*time.Millisecond, cancel)
	}
	f.arm(renaming, calls)
	began := time.Now()
	_, err := l.Commit(ctx, nextBatch(next))
	if took := time.Since(began); !errors.Is(err, flow.ErrRestart) || took > 5*time.Second {
		t.Errorf("Commit returned %v after %s, want flow.ErrRestart within 5 s", err, took)
	}
	must(t, c.NameNode.Resume())
	must(t, l.Close())
}
