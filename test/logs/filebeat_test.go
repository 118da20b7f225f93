package logs_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// collected is the folder of logs that a Filebeat reads, and the data stream that it writes to.
type collected struct {
	dir, stream, server string
}

// collect starts a Filebeat on a folder of logs that is empty.
func collect(t *testing.T) collected {
	t.Helper()
	c := collected{dir: filepath.Join(t.TempDir(), "logs"), stream: "logs-senmeteo-" + servers.Unique(t), server: servers.ElasticsearchURL(t)}
	for _, folder := range []string{"airflow", "workers", "kafka", "hdfs", "postgres"} {
		if err := os.MkdirAll(filepath.Join(c.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	template, err := os.ReadFile(filepath.Join(program.Root(), "elk", "templates", "logs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.call(t, http.MethodPut, "/_index_template/logs-senmeteo", template, nil) {
		t.Fatal("Elasticsearch does not take the template")
	}
	c.start(t)
	return c
}

// start starts Filebeat, which ends with the test.
func (c collected) start(t *testing.T) {
	t.Helper()
	binary := filepath.Join(program.Root(), ".cache", "bin", "filebeat")
	config := filepath.Join(program.Root(), "docker", "filebeat", "filebeat.yml")
	for _, path := range []string{binary, config} {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("%v: run `make deps`", err)
		}
	}
	home := t.TempDir()
	own := filepath.Join(home, "output.yml")
	if err := os.WriteFile(own, []byte("output.elasticsearch.hosts: [\""+c.server+"\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--environment", "container", "--strict.perms=false", "-c", config, "-c", own, "--path.home", home,
		"-E", "output.elasticsearch.index="+c.stream, "-E", "http.port=0", "-E", "http.enabled=false", "-E", "filebeat.config.modules.enabled=false")
	cmd.Env = append(os.Environ(), "SENMETEO_LOGS="+c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also when the test is cut off
	var log output
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to finish
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.tail())
		}
	})
}

// output is what a program has written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return program.Tail(o.text.String())
}

// call asks Elasticsearch, and reports whether it has what is asked for: a data stream may not be there yet, or not be ready yet.
func (c collected) call(t *testing.T, method, path string, body []byte, into any) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.server+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusServiceUnavailable {
		return false
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d: %s", method, path, answer.StatusCode, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return true
}

// line is a document of the data stream.
type line struct {
	At      string `json:"@timestamp"`
	Message string
	Log     struct{ Level, Logger string }
	Error   struct{ Message string }
	Event   struct{ Dataset string }
	Service struct{ Name string }
	Labels  map[string]string
	Detail  []map[string]any `json:"error_detail"`

	Senmeteo struct {
		Job    string
		RunID  string `json:"run_id"`
		Report *struct {
			Job     string
			RunID   string `json:"run_id"`
			Read    int64
			Outcome string
			Seconds float64
		}
	}
}

// find waits until as many lines as wanted match a query of Lucene's syntax, and returns them in their order.
func (c collected) find(t *testing.T, query string, want int) []line {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Source line `json:"_source"`
			}
		}
	}
	program.Until(t, func() bool {
		return c.call(t, http.MethodPost, "/"+c.stream+"/_refresh", nil, nil) &&
			c.call(t, http.MethodGet, "/"+c.stream+"/_search?size=200&sort=@timestamp,log.offset&q="+url.QueryEscape(query), nil, &answer) &&
			len(answer.Hits.Hits) >= want
	})
	lines := make([]line, len(answer.Hits.Hits))
	for i, hit := range answer.Hits.Hits {
		lines[i] = hit.Source
	}
	if len(lines) != want {
		t.Errorf("%d lines are %s, want %d: %+v", len(lines), query, want, lines)
	}
	return lines
}

// write puts a file where Filebeat looks for it, as a whole.
func (c collected) write(t *testing.T, path, text string) {
	t.Helper()
	path = filepath.Join(c.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
