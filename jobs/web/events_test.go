package web

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// stream is a visitor's event stream.
type stream struct {
	t      testing.TB
	answer *http.Response
	lines  *bufio.Scanner
}

func openStream(t testing.TB, url string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("opening a stream: %v", err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() }) // closing twice is harmless
	return &stream{t, answer, bufio.NewScanner(answer.Body)}
}

// next returns the name and data of the next event; ok is false at the end of the stream.
func (s *stream) next() (event, data string, ok bool) {
	for s.lines.Scan() {
		line := s.lines.Text()
		if name, found := strings.CutPrefix(line, "event: "); found {
			event = name
		}
		if text, found := strings.CutPrefix(line, "data: "); found {
			data = text
		}
		if line == "" && event != "" {
			return event, data, true
		}
	}
	return "", "", false
}

// version waits for the next version.
func (s *stream) version() string {
	s.t.Helper()
	for {
		event, data, ok := s.next()
		if !ok {
			s.t.Fatal("the stream ended")
		}
		if event == "version" {
			return data
		}
	}
}

func warmer(m *memory) { m.rows[0].Values[meteo.Temperature]++ }

func TestEveryVisitorGetsAChangeAndTheStoreIsAskedOnceForAll(t *testing.T) {
	const visitors, refresh = 20, 20 * time.Millisecond
	m := senegal()
	h := startHandler(t, m, refresh)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(h.Close)
	began := time.Now()
	var streams []*stream
	for range visitors {
		streams = append(streams, openStream(t, server.URL))
	}
	first := streams[0].version()
	for _, s := range streams[1:] {
		if got := s.version(); got != first {
			t.Fatalf("two visitors begin with %s and %s", first, got)
		}
	}
	m.change(warmer)
	second := streams[0].version()
	if second == first {
		t.Fatal("a change was announced with the version from before")
	}
	for _, s := range streams[1:] {
		if got := s.version(); got != second {
			t.Errorf("a visitor hears %s, want %s", got, second)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if most := int(time.Since(began)/refresh) + 2; m.asked > most {
		t.Errorf("the store was asked %d times for %d visitors, want at most %d", m.asked, visitors, most)
	}
}

func TestVisitorsWhoComeTogetherShareOneReadingOfASlowStore(t *testing.T) {
	m := senegal()
	m.gate = make(chan struct{})
	h := startHandler(t, m, time.Hour)
	answers := make(chan *snapshot)
	for range 10 {
		go func() { answers <- h.watcher.snapshot(t.Context()) }()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if s := h.watcher.snapshot(gone); s != nil {
		t.Error("a visitor who left got a snapshot that nobody can have read")
	}
	close(m.gate)
	first := <-answers
	for range 9 {
		if s := <-answers; s == nil || s != first {
			t.Error("two visitors got different snapshots")
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked != 1 {
		t.Errorf("the store was asked %d times, want once", m.asked)
	}
}

func TestNothingButHeartbeatsIsSentWhileNothingChanges(t *testing.T) {
	h := startHandler(t, senegal(), time.Millisecond)
	h.beat = 10 * time.Millisecond
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(h.Close)
	s := openStream(t, server.URL)
	for i := range 6 {
		want := "beat"
		if i == 0 {
			want = "version"
		}
		if event, _, _ := s.next(); event != want {
			t.Errorf("event %d is %q, want %q", i, event, want)
		}
	}
	if kind := s.answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Errorf("the stream has Content-Type %q", kind)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	h := startHandler(t, senegal(), time.Second)
	var leave []func()
	for range maxStreams {
		_, l, ok := h.watcher.listen(maxStreams)
		if !ok {
			t.Fatal("a stream within the bound was refused")
		}
		leave = append(leave, l)
	}
	answer := ask(t, h, "GET", "/events")
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
		t.Errorf("one stream too many gets %d and Retry-After %q", answer.Code, answer.Header().Get("Retry-After"))
	}
	leave[0]()
	if _, _, ok := h.watcher.listen(maxStreams); !ok {
		t.Error("a place that became free was refused")
	}
}

func TestTheStoreIsLeftAloneWhenNobodyListens(t *testing.T) {
	m := senegal()
	h := startHandler(t, m, time.Millisecond)
	_, leave, _ := h.watcher.listen(1)
	leave()
	deadline := time.Now().Add(time.Minute)
	for looping := true; looping; {
		h.watcher.mu.Lock()
		looping = h.watcher.looping
		h.watcher.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatal("the watcher goes on though nobody listens")
		}
		runtime.Gosched()
	}
}

func TestASlowListenerGetsTheNewestSnapshotOnly(t *testing.T) {
	m := senegal()
	h := startHandler(t, m, time.Nanosecond)
	news, leave, _ := h.watcher.listen(1)
	defer leave()
	h.watcher.snapshot(t.Context())
	var last string
	for range 5 {
		m.change(warmer)
		last = h.watcher.snapshot(t.Context()).Version
	}
	if got := (<-news).Version; got != last {
		t.Errorf("the listener gets %s, want the newest, %s", got, last)
	}
}

func TestTheServerEndsPromptlyWithStreamsOpenAndLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	h, err := NewHandler(Config{Store: senegal(), Refresh: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, h) }()
	url := fmt.Sprintf("http://%s", listener.Addr())
	var streams []*stream
	for range 5 {
		s := openStream(t, url)
		s.version()
		streams = append(streams, s)
	}
	began := time.Now()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the server ended with: %v", err)
	}
	if took := time.Since(began); took >= shutdownTimeout {
		t.Errorf("the server took %s to end: it waited for the streams", took)
	}
	for _, s := range streams {
		for ok := true; ok; {
			_, _, ok = s.next()
		}
		_ = s.answer.Body.Close() // the stream is at its end
	}
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines are left, %d were there before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
	if s := ask(t, h, "GET", "/"); s.Code != http.StatusOK && s.Code != http.StatusServiceUnavailable {
		t.Errorf("a handler that was closed answers %d", s.Code)
	}
}
