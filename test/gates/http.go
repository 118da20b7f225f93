package gates

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// HTTP is a proxy in front of a server, mostly Elasticsearch, and meddles with the requests that pass.
type HTTP struct {
	*httptest.Server
	target string

	mu     sync.Mutex
	meddle Meddling // nil: everything passes
}

// Meddling deals with a request itself and returns true, or lets it pass.
type Meddling func(w http.ResponseWriter, r Passing) bool

// Passing is a request at the gate.
type Passing struct {
	*http.Request
	Body []byte
	gate *HTTP
}

// NewHTTP opens a gate before the server of a URL, until the test ends.
func NewHTTP(t testing.TB, target string) *HTTP {
	g := &HTTP{target: target}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

// Set meddles with every request from now on; nil lets all pass.
func (g *HTTP) Set(m Meddling) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddle = m
}

// ServeHTTP implements http.Handler.
func (g *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p := Passing{Request: r, Body: body, gate: g}
	g.mu.Lock()
	m := g.meddle
	g.mu.Unlock()
	if m != nil && m(w, p) {
		return
	}
	pass(w, p.Forward())
}

// Forward asks Elasticsearch. When it does not answer, neither does the gate.
func (r Passing) Forward() *httptest.ResponseRecorder {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, r.gate.target+r.URL.RequestURI(), bytes.NewReader(r.Body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding") // the client here asks for what it can undo
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = res.Body.Close() }()
	rec := httptest.NewRecorder()
	rec.Code = res.StatusCode
	for _, name := range []string{"Content-Type", product} {
		rec.Header().Set(name, res.Header.Get(name))
	}
	if _, err := io.Copy(rec.Body, res.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
	return rec
}

func pass(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// product is the header by which clients recognise Elasticsearch.
const product = "X-Elastic-Product"

// Say answers with JSON as Elasticsearch does.
func Say(w http.ResponseWriter, status int, body string) {
	w.Header().Set(product, "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// Page answers as a proxy or another program does.
func Page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html><body><h1>%d %s</h1></body></html>", status, http.StatusText(status))
}

// Once meddles with the first request of a kind only. The meddling is over for the next request, even when it breaks the connection.
func (g *HTTP) Once(kind func(Passing) bool, m Meddling) {
	var done sync.Once
	g.Set(func(w http.ResponseWriter, r Passing) (handled bool) {
		if kind(r) {
			done.Do(func() { handled = m(w, r) })
		}
		return handled
	})
}
