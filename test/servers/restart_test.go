package servers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"senmeteo/test/servers"
)

func TestHDFS(t *testing.T) {
	t.Parallel()
	cluster := start(t, servers.NameHDFS).HDFS

	t.Run("shows its web pages and answers WebHDFS", func(t *testing.T) {
		for _, page := range []string{"/dfshealth.html", "/webhdfs/v1/?op=LISTSTATUS"} {
			if status, body := call(t, http.MethodGet, cluster.WebURL+page, ""); status != http.StatusOK {
				t.Errorf("%s has status %d: %s", page, status, body)
			}
		}
	})
	t.Run("keeps its files when a node is killed and started again", func(t *testing.T) {
		writeHDFS(t, cluster.URL, "/kept", "before the crash")
		for _, node := range []*servers.Server{cluster.DataNode, cluster.NameNode} {
			if err := node.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := node.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := readHDFS(t, cluster.URL, "/kept"); got != "before the crash" {
				t.Errorf("the file holds %q after a restart", got)
			}
		}
		writeHDFS(t, cluster.URL, "/written-after-the-crashes", "x")
	})
}

func TestElasticsearchKeepsItsDocumentsWhenKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	es := start(t, servers.NameElasticsearch).Elasticsearch
	if status, body := call(t, http.MethodPut, es.URL+"/kept/_doc/1", `{"answer":42}`); status != http.StatusCreated {
		t.Fatalf("storing a document: status %d: %s", status, body)
	}
	if err := es.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := es.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := call(t, http.MethodGet, es.URL+"/kept/_source/1", ""); body != `{"answer":42}` {
		t.Errorf("the document is %s after the restart", body)
	}
}

func TestRedisKeepsItsKeysWhenStoppedAndStartedAgain(t *testing.T) {
	t.Parallel()
	redis := start(t, servers.NameRedis).Redis
	askRedis(t, redis.URL, "SET kept 42")
	if err := redis.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := redis.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := askRedis(t, redis.URL, "GET kept"); got != "$2\r\n42\r\n" {
		t.Errorf("Redis answers %q after the restart", got)
	}
}

func dialHDFS(t *testing.T, server string) *hdfs.Client {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	client, err := hdfs.New(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func writeHDFS(t *testing.T, server, path, text string) {
	t.Helper()
	w, err := dialHDFS(t, server).Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	err = w.Close()
	for deadline := time.Now().Add(time.Minute); hdfs.IsErrReplicating(err) && time.Now().Before(deadline); {
		err = w.Close() // the DataNode has not reported the block yet
	}
	if err != nil {
		t.Fatal(err)
	}
}

func readHDFS(t *testing.T, server, path string) string {
	t.Helper()
	text, err := dialHDFS(t, server).ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// call sends a JSON body and returns the status and the answer.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}
