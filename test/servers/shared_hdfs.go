package servers

import (
	"context"
	"strings"
	"testing"
)

// HDFSURL returns the URL of a folder on the shared HDFS that no other test uses: hdfs://host:port/test/NAME. It
// does not exist yet; at the end of the test it is removed with all that is in it.
func HDFSURL(t testing.TB) string {
	t.Helper()
	server := address(t, "SENMETEO_TEST_HDFS")
	folder := "/test/" + Unique(t)
	t.Cleanup(func() { removeHDFS(t, strings.TrimPrefix(server, "hdfs://"), folder) })
	return server + folder
}

func removeHDFS(t testing.TB, namenode, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	client, err := dialHDFS(ctx, namenode)
	if err != nil {
		t.Errorf("removing the test's folder: %v", err)
		return
	}
	if err := client.RemoveAll(folder); err != nil {
		t.Errorf("removing the test's folder: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("closing the HDFS client: %v", err)
	}
}

// WebHDFS returns the address of the NameNode's pages and of WebHDFS.
func WebHDFS(t testing.TB) string {
	t.Helper()
	return address(t, "SENMETEO_WEBHDFS")
}
