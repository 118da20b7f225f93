package hdfs

import (
	"testing"

	"senmeteo/jobs/flow/flowtest"
	"senmeteo/test/servers"
)

func TestHDFSKeepsTheContractOfSinks(t *testing.T) {
	flowtest.TestSink(t, flowtest.Harness{
		New:     func(t testing.TB) flowtest.Store { return lakeStore{root: servers.HDFSURL(t)} },
		Appends: true,
		Faults:  faultsOfACommit(),
	})
}

// onEachFileSystem runs a test on a local folder and on HDFS.
func onEachFileSystem(t *testing.T, test func(t *testing.T, root string)) {
	t.Helper()
	t.Run("local", func(t *testing.T) { test(t, "file://"+t.TempDir()) })
	t.Run("hdfs", func(t *testing.T) { test(t, servers.HDFSURL(t)) })
}
