package es_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gate stands before Elasticsearch and meddles with what passes.
type gate struct {
	*httptest.Server
	target string

	mu     sync.Mutex
	meddle meddling // nil: everything passes
}

// meddling deals with a request itself and returns true, or lets it pass.
type meddling func(w http.ResponseWriter, r passing) bool

// passing is a request at the gate.
type passing struct {
	*http.Request
	body []byte
	gate *gate
}

func newGate(t testing.TB, target string) *gate {
	g := &gate{target: target}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gate) set(m meddling) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meddle = m
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p := passing{Request: r, body: body, gate: g}
	g.mu.Lock()
	m := g.meddle
	g.mu.Unlock()
	if m != nil && m(w, p) {
		return
	}
	pass(w, p.forward())
}

// forward asks Elasticsearch. When it does not answer, neither does the gate.
func (r passing) forward() *httptest.ResponseRecorder {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, r.gate.target+r.URL.RequestURI(), bytes.NewReader(r.body))
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
	if _, err := io.Copy(rec.Body, res.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
	return rec
}

func pass(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// The kinds of requests that tests meddle with.
func isBulk(r passing) bool { return r.URL.Path == "/_bulk" }

func isOffset(r passing) bool {
	return r.Method == http.MethodPut && strings.Contains(r.URL.Path, "-sink/_doc/")
}

func isRead(r passing) bool { return strings.HasSuffix(r.URL.Path, "/_mget") }

// once meddles with the first request of a kind only. The meddling is over for the next request, even when it breaks the connection.
func (g *gate) once(kind func(passing) bool, m meddling) {
	var done sync.Once
	g.set(func(w http.ResponseWriter, r passing) (handled bool) {
		if kind(r) {
			done.Do(func() { handled = m(w, r) })
		}
		return handled
	})
}

// bulkAnswer is Elasticsearch's answer to a bulk request.
type bulkAnswer struct {
	Items []map[string]bulkItem `json:"items"`
}

type bulkItem struct {
	ID     string            `json:"_id"`
	Status int               `json:"status"`
	Error  map[string]string `json:"error,omitempty"`
}

func readBulk(rec *httptest.ResponseRecorder) *bulkAnswer {
	a := &bulkAnswer{}
	if err := json.Unmarshal(rec.Body.Bytes(), a); err != nil {
		panic(http.ErrAbortHandler)
	}
	return a
}

func (a *bulkAnswer) say(w http.ResponseWriter) {
	text, err := json.Marshal(a)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	say(w, http.StatusOK, string(text))
}

// What can happen to one request.

func dropped(http.ResponseWriter, passing) bool { panic(http.ErrAbortHandler) }

func noAnswer(_ http.ResponseWriter, r passing) bool {
	r.forward()
	panic(http.ErrAbortHandler)
}

// cutAnswer gives the first half of the answer and breaks the connection.
func cutAnswer(w http.ResponseWriter, r passing) bool {
	rec := r.forward()
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	_ = http.NewResponseController(w).Flush() // then the connection breaks
	panic(http.ErrAbortHandler)
}

func gateway(w http.ResponseWriter, r passing) bool {
	r.forward()
	say(w, http.StatusGatewayTimeout, "<html>504</html>")
	return true
}

func busy(w http.ResponseWriter, _ passing) bool {
	say(w, http.StatusTooManyRequests, `{"error":{"type":"es_rejected_execution_exception","reason":"queue full"},"status":429}`)
	return true
}

// incomplete leaves the last item out of a bulk answer.
func incomplete(w http.ResponseWriter, r passing) bool {
	a := readBulk(r.forward())
	a.Items = a.Items[:len(a.Items)-1]
	a.say(w)
	return true
}

// disordered turns the items of a bulk answer round.
func disordered(w http.ResponseWriter, r passing) bool {
	a := readBulk(r.forward())
	slices.Reverse(a.Items)
	a.say(w)
	return true
}

// truncated is a bulk answer that ends early and pretends to be whole.
func truncated(w http.ResponseWriter, r passing) bool {
	rec := r.forward()
	say(w, rec.Code, rec.Body.String()[:rec.Body.Len()-3])
	return true
}
