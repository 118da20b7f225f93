package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// behind is where the node listens, for this process alone.
const behind = "127.0.0.1:9201"

// runElasticsearch does what the official image's entry point does with its environment, starts the node, and checks who asks it for what.
func runElasticsearch(ctx context.Context) error {
	password, err := os.ReadFile(os.Getenv("ELASTIC_PASSWORD_FILE"))
	if err != nil {
		return fmt.Errorf("ELASTIC_PASSWORD_FILE: %w", err)
	}
	home, err := nodeHome(os.Getenv("ES_PATH_CONF"), os.Getenv("ES_TMPDIR"))
	if err != nil {
		return err
	}
	args := append(strings.Fields(os.Getenv("ES_JAVA_OPTS")), "--module-path=/opt/elasticsearch/lib", "--add-modules=ALL-MODULE-PATH",
		"-Dlog4j2.disable.jmx=true", "-cp", "/opt/elasticsearch/search-node.jar", "SearchNode", home)
	node := exec.CommandContext(ctx, "java", args...)
	node.Stdout, node.Stderr = os.Stdout, os.Stderr
	node.Cancel = func() error { return node.Process.Signal(syscall.SIGTERM) }
	if err := node.Start(); err != nil {
		return err
	}
	d := newDoor(string(bytes.TrimSpace(password)))
	server := &http.Server{Addr: ":9200", Handler: d, ReadHeaderTimeout: time.Minute}
	serving := make(chan error, 1)
	go func() {
		awaitNode(ctx)
		serving <- server.ListenAndServe()
	}()
	ended := make(chan error, 1)
	go func() { ended <- node.Wait() }()
	select {
	case err := <-serving:
		return err
	case err := <-ended:
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("the node ended: %w", err)
	}
}

// awaitNode returns when the node answers: before that nobody is let in.
func awaitNode(ctx context.Context) {
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+behind, http.NoBody)
		if err != nil {
			return
		}
		if got, err := http.DefaultClient.Do(request); err == nil {
			_ = got.Body.Close() // that there is one is enough
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// nodeHome makes the folder that the node takes for its home, of the settings given and of the variables with a dot, as the official entry
// point does. Those of modules that this node does not have are left out.
func nodeHome(config, tmp string) (string, error) {
	home := filepath.Join(tmp, "node")
	if err := os.MkdirAll(filepath.Join(home, "plugins"), 0o700); err != nil {
		return "", err
	}
	for name, to := range map[string]string{"config": config, "modules": "/opt/elasticsearch/modules"} {
		if err := os.Symlink(to, filepath.Join(home, name)); err != nil && !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}
	settings := "path.data: /usr/share/elasticsearch/data\npath.logs: /usr/share/elasticsearch/logs\nhttp.host: 127.0.0.1\nhttp.port: 9201\n" +
		"transport.host: 127.0.0.1\ncluster.routing.allocation.disk.threshold_enabled: false\n"
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.Contains(name, ".") && !strings.HasPrefix(name, "xpack.") && !strings.HasPrefix(name, "ingest.geoip.") {
			settings += name + ": " + value + "\n"
		}
	}
	return home, os.WriteFile(filepath.Join(config, "elasticsearch.yml"), []byte(settings), 0o600)
}

// door is an HTTP handler before the node: who is it, and may they do that?
type door struct {
	node *httputil.ReverseProxy

	mu        sync.Mutex
	roles     map[string]role
	passwords map[string]string
	of        map[string][]string // roles of users
}

func newDoor(superuser string) *door {
	all := role{Cluster: []string{"all"}}
	everything := json.RawMessage(`{"cluster":["all"],"indices":[{"names":["*"],"privileges":["all"]}]}`)
	viewer := json.RawMessage(`{"indices":[{"names":["*"],"privileges":["read","view_index_metadata"]}]}`)
	d := &door{
		node:      httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind}),
		passwords: map[string]string{"elastic": superuser},
		of:        map[string][]string{"elastic": {"superuser"}, "kibana_system": {"kibana_system"}},
	}
	d.roles = map[string]role{"superuser": mustRole(everything), "viewer": mustRole(viewer), "kibana_system": all}
	return d
}

func mustRole(text json.RawMessage) (r role) {
	if err := json.Unmarshal(text, &r); err != nil {
		panic(err)
	}
	return r
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	d.mu.Lock()
	want, known := d.passwords[user]
	d.mu.Unlock()
	if !known || subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 0 {
		w.Header().Set("WWW-Authenticate", `Basic realm="security"`)
		refuse(w, http.StatusUnauthorized, "missing or wrong password of user "+user)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/_security/"); ok {
		d.administer(w, user, r.Method, rest, body)
		return
	}
	plain, err := unpack(r.Header.Get("Content-Encoding"), body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	takes, err := needs(r.Method, r.URL.Path, plain)
	if err != nil {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	for _, n := range takes {
		if !d.may(user, n) {
			refuse(w, http.StatusForbidden, fmt.Sprintf("user %s lacks %s on %q for %s %s", user, n.privilege, n.index, r.Method, r.URL.Path))
			return
		}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Authorization")
	d.node.ServeHTTP(w, r)
}

func unpack(encoding string, body []byte) ([]byte, error) {
	if encoding != "gzip" {
		return body, nil
	}
	unzip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzip)
}

func (d *door) may(user string, n need) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range d.of[user] {
		if d.roles[name].allows(n) {
			return true
		}
	}
	return false
}

// administer answers what docker/elasticsearch/init asks: PUT user/NAME/_password, user/NAME and role/NAME, for the superuser alone.
func (d *door) administer(w http.ResponseWriter, user, method, path string, body []byte) {
	if path == "_authenticate" && method == http.MethodGet {
		answer(w, map[string]any{"username": user, "roles": d.of[user]})
		return
	}
	if user != "elastic" {
		refuse(w, http.StatusForbidden, "user "+user+" may not change users and roles")
		return
	}
	var given struct {
		Password string   `json:"password"`
		Roles    []string `json:"roles"`
		role
	}
	if err := json.Unmarshal(body, &given); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	part := strings.Split(path, "/")
	d.mu.Lock()
	defer d.mu.Unlock()
	switch _, known := d.of[part[min(1, len(part)-1)]]; {
	case method != http.MethodPut || len(part) < 2:
		refuse(w, http.StatusMethodNotAllowed, method+" "+path)
	case part[0] == "user" && len(part) == 3 && part[2] == "_password" && known && len(given.Password) >= 6:
		d.passwords[part[1]] = given.Password
		answer(w, map[string]any{})
	case part[0] == "user" && len(part) == 2 && part[1] != "elastic" && len(given.Password) >= 6:
		d.passwords[part[1]], d.of[part[1]] = given.Password, given.Roles
		answer(w, map[string]any{"created": !known})
	case part[0] == "role" && len(part) == 2:
		d.roles[part[1]] = given.role
		answer(w, map[string]any{"role": map[string]any{"created": true}})
	default:
		refuse(w, http.StatusBadRequest, method+" "+path)
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	_ = json.NewEncoder(w).Encode(v) // who has gone does not want it
}

// refuse answers with an error in Elasticsearch's form, and logs it: nothing of the stack should ask what it may not.
func refuse(w http.ResponseWriter, status int, reason string) {
	if status == http.StatusForbidden {
		fmt.Fprintln(os.Stderr, "standin: refused:", reason)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "error": map[string]any{"type": "security_exception", "reason": reason}})
}
