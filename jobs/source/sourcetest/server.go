package sourcetest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// replayer answers the requests of a case in their order.
type replayer struct {
	t    *testing.T
	dir  string
	mu   sync.Mutex
	next int // number of the next request
}

// serve starts the server of a case and checks at the end that every request came.
func serve(t *testing.T, dir string) string {
	t.Helper()
	r := &replayer{t: t, dir: dir, next: 1}
	server := httptest.NewServer(r)
	t.Cleanup(func() {
		server.Close()
		if recorded, _ := filepath.Glob(filepath.Join(dir, "*.request")); len(recorded) != r.next-1 {
			t.Errorf("%d of %d requests came", r.next-1, len(recorded))
		}
	})
	return server.URL
}

func (r *replayer) ServeHTTP(w http.ResponseWriter, got *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.next
	want, err := r.request(n)
	if err != nil {
		r.t.Errorf("request %d was not expected: %s (%v)", n, got.URL, err)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	r.next++
	r.compare(n, got, want)
	if err := r.answer(w, n, want); err != nil {
		r.t.Errorf("response %d: %v", n, err)
	}
}

func (r *replayer) path(n int, part string) string {
	return filepath.Join(r.dir, fmt.Sprintf("%d.%s", n, part))
}

func (r *replayer) request(n int) (*http.Request, error) {
	text, err := os.ReadFile(r.path(n, "request"))
	if err != nil {
		return nil, err
	}
	return http.ReadRequest(bufio.NewReader(bytes.NewReader(append(text, '\n'))))
}

// compare checks method, path, every parameter and the headers that the case names.
func (r *replayer) compare(n int, got, want *http.Request) {
	if got.Method != want.Method || got.URL.Path != want.URL.Path {
		r.t.Errorf("request %d is %s %s, want %s %s", n, got.Method, got.URL.Path, want.Method, want.URL.Path)
	}
	compareValues(r.t, fmt.Sprintf("request %d, parameter", n), got.URL.Query(), want.URL.Query())
	for name := range want.Header {
		if got.Header.Get(name) != want.Header.Get(name) {
			r.t.Errorf("request %d, header %s is %q, want %q", n, name, got.Header.Get(name), want.Header.Get(name))
		}
	}
}

func compareValues(t *testing.T, what string, got, want url.Values) {
	for name := range want {
		if got.Get(name) != want.Get(name) {
			t.Errorf("%s %s is %q, want %q", what, name, got.Get(name), want.Get(name))
		}
	}
	for name := range got {
		if !want.Has(name) {
			t.Errorf("%s %s is %q and was not expected", what, name, got.Get(name))
		}
	}
}

func (r *replayer) answer(w http.ResponseWriter, n int, request *http.Request) error {
	text, err := os.ReadFile(r.path(n, "response"))
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), request)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	if response.Header.Get("Content-Encoding") != "gzip" {
		_, err = w.Write(body)
		return err
	}
	zipped := gzip.NewWriter(w)
	if _, err := zipped.Write(body); err != nil {
		return err
	}
	return zipped.Close()
}
