package faults_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/colinmarc/hdfs/v2"

	"senmeteo/test/servers"
)

// inHDFS puts the scenario's lake into a folder of its own on the shared HDFS.
func (s *scenario) inHDFS(t testing.TB) *scenario {
	t.Helper()
	return s.inFolder(servers.HDFSURL(t))
}

// onOwnHDFS puts it on an HDFS that the test may break. One test at a time has it.
func (s *scenario) onOwnHDFS(t testing.TB) (*scenario, *servers.Cluster) {
	t.Helper()
	c := broken.lend(t)
	return s.inFolder(c.URL + "/" + servers.Unique(t)), c
}

// inFolder takes a folder's URL without a user.
func (s *scenario) inFolder(folder string) *scenario {
	s.hdfs = strings.Replace(folder, "hdfs://", "hdfs://"+superuser()+"@", 1)
	s.Program = s.With("SENMETEO_HDFS", s.hdfs)
	return s
}

// through lets the program reach the lake by another address.
func (s *scenario) through(address string) *scenario {
	u, err := url.Parse(s.hdfs)
	if err != nil {
		panic(err) // the test wrote it
	}
	u.Host = address
	s.Program = s.With("SENMETEO_HDFS", u.String())
	return s
}

// nameNode is the host:port of the lake's NameNode.
func (s *scenario) nameNode() string {
	_, rest, _ := strings.Cut(s.hdfs, "@")
	address, _, _ := strings.Cut(rest, "/")
	return address
}

func (s *scenario) lakeFolder() string {
	_, folder, _ := strings.Cut(s.hdfs, s.nameNode())
	return folder
}

// hdfsFiles reads the published files by a client of the test's own.
func (s *scenario) hdfsFiles(t testing.TB) map[string][]byte {
	t.Helper()
	client, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{s.nameNode()}, User: superuser()})
	if err != nil {
		t.Fatalf("connecting to HDFS: %v", err)
	}
	defer func() { _ = client.Close() }() // read only
	files := map[string][]byte{}
	clean := path.Join(s.lakeFolder(), "clean")
	days, err := client.ReadDir(clean)
	if err != nil && !os.IsNotExist(err) {
		t.Fatalf("listing %s: %v", clean, err)
	}
	for _, day := range days {
		if !strings.HasPrefix(day.Name(), "date=") {
			continue
		}
		found, err := client.ReadDir(path.Join(clean, day.Name()))
		if err != nil {
			t.Fatalf("listing %s: %v", day.Name(), err)
		}
		for _, f := range found {
			name := path.Join(clean, day.Name(), f.Name())
			if files[name], err = client.ReadFile(name); err != nil {
				t.Fatalf("reading %s: %v", name, err)
			}
		}
	}
	return files
}

// superuser is the name of who started the servers.
func superuser() string {
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name
	}
	return "root"
}

// setQuota bounds the bytes that a lake may take, replication included, by WebHDFS.
func (s *scenario) setQuota(t testing.TB, c *servers.Cluster, bytes int64) {
	t.Helper()
	query := url.Values{
		"op": {"SETQUOTA"}, "storagespacequota": {strconv.FormatInt(bytes, 10)}, "namespacequota": {strconv.FormatInt(1<<40, 10)}, "user.name": {superuser()},
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.WebURL+"/webhdfs/v1"+s.lakeFolder()+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read only
	if answer, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("setting the quota: %s, %v: %s", response.Status, err, answer)
	}
}

// broken is the HDFS that tests break, one after the other. It starts with the first of them.
var broken brokenHDFS

type brokenHDFS struct {
	mu  sync.Mutex
	set *servers.Set
}

func (b *brokenHDFS) lend(t testing.TB) *servers.Cluster {
	t.Helper()
	b.mu.Lock()
	t.Cleanup(b.mu.Unlock)
	if b.set == nil {
		set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{servers.NameHDFS}})
		if err != nil {
			t.Fatal(err)
		}
		b.set = set
	}
	return b.set.HDFS
}

// stop ends it after all tests.
func (b *brokenHDFS) stop() error {
	if b.set == nil {
		return nil
	}
	return b.set.Stop()
}
