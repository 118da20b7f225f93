package hdfs

import (
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/test/servers"
)

func TestHDFSKeepsTheContractOfStores(t *testing.T) {
	flowtest.TestStore(t, flowtest.Harness{
		New:    func(t testing.TB) flowtest.Store { return lakeStore{root: servers.HDFSURL(t)} },
		Keeps:  flow.EveryRevision,
		Faults: faultsOfACommit(),
	})
}

func TestTheFailureOfAnHDFSUserWithoutRightsNamesTheUser(t *testing.T) {
	cfg := testConfig(servers.HDFSURL(t))
	cfg.user = "nobody"
	l := openLake(t, cfg)
	if _, err := l.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	_, err := l.Commit(t.Context(), flowtest.Batch(0, 0, revisions(0, 0, 3, 1)...))
	if flow.ClassOf(err) != flow.CantWrite || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("Commit returned %v, want a failure of the class CantWrite that names the user", err)
	}
}

// onEachFileSystem runs a test on a local folder and on HDFS.
func onEachFileSystem(t *testing.T, test func(t *testing.T, root string)) {
	t.Helper()
	t.Run("local", func(t *testing.T) { test(t, "file://"+t.TempDir()) })
	t.Run("hdfs", func(t *testing.T) { test(t, servers.HDFSURL(t)) })
}
