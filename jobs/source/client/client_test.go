package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const secret = "s3cr3t"

// recorded is a clock that jumps over waits and keeps them.
type recorded struct {
	now   time.Time
	waits []time.Duration
}

func (r *recorded) sleep(ctx context.Context, d time.Duration) error {
	r.now = r.now.Add(d)
	r.waits = append(r.waits, d)
	return ctx.Err()
}

// ask gets a path of a server with a query and a header that hold a secret.
func ask(t *testing.T, server *httptest.Server, change func(*Config), request Request) (*Response, *recorded, error) {
	t.Helper()
	clock := &recorded{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		UserAgent: "senmeteo/test", Hosts: []string{u.Host}, Internal: true, Timeout: 5 * time.Second, MaxBody: 1 << 20,
		Now: func() time.Time { return clock.now }, Sleep: clock.sleep, Jitter: func() float64 { return 0.5 },
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	request.URL = server.URL + request.URL + "?key=" + secret
	request.Header = http.Header{"Apikey": {secret}}
	response, err := c.Get(t.Context(), &request)
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the error holds a secret: %v", err)
	}
	return response, clock, err
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// bomb is a gzip member of a gigabyte of zeros in about a megabyte.
func bomb(t *testing.T) []byte {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	zeros := make([]byte, 1<<20)
	for range 128 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(zipped.Bytes(), 8)
}

func TestHostileAnswersEndInBoundedTimeAndMemory(t *testing.T) {
	exploding := bomb(t)
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		tries    int64
		is       any
		contains string
	}{
		"a body without end": {func(w http.ResponseWriter, r *http.Request) {
			block := make([]byte, 1<<16)
			for r.Context().Err() == nil {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, 1, new(*TooLargeError), "longer than 1048576 bytes"},
		"a body that says it has 3 GB": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(3<<30))
			block := make([]byte, 1<<16)
			for r.Context().Err() == nil {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, 1, new(*TooLargeError), "longer"},
		"a gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(exploding)
		}, 1, new(*TooLargeError), "longer"},
		"a damaged gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("this is plain text"))
		}, 2, nil, "gzip"},
		"a cut connection": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		}, 2, nil, "EOF"},
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 2, nil, "no whole answer in 300ms"},
		"a body that drips": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 2, nil, "no whole answer in 300ms"},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, 2, nil, "header"},
		"another type": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
		}, 2, nil, `"text/html", not JSON`},
		"a redirect in a circle": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		}, 6, new(*RefusedError), "more than 5 times"},
		"a redirect to another port": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, 1, new(*RefusedError), "none of the hosts"},
		"a redirect to link-local": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}, 1, new(*RefusedError), "none of the hosts"},
		"a redirect to a file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, 1, new(*RefusedError), "neither http nor https"},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int64
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				c.handler(w, r)
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := ask(t, server, func(cfg *Config) {
				cfg.Attempts = 2
				if c.contains == "no whole answer in 300ms" {
					cfg.Timeout = 300 * time.Millisecond
				}
			}, Request{Fits: JSON})
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.contains) {
				t.Fatalf("got %v, want something about %q", err, c.contains)
			}
			if c.is != nil && !errors.As(err, c.is) {
				t.Errorf("got a %T", err)
			}
			if Transient(err) != (c.is == nil) {
				t.Errorf("Transient is %v for %v", Transient(err), err)
			}
			if got := tries.Load(); got != c.tries {
				t.Errorf("asked %d times, want %d", got, c.tries)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
}

func TestWhatPassesIsRepeatedAndWhatStaysIsNot(t *testing.T) {
	for status, tries := range map[int]int64{
		200: 1, 204: 1, 304: 1, 400: 1, 401: 1, 403: 1, 404: 1, 408: 4, 410: 1, 429: 4, 500: 4, 501: 1, 502: 4, 503: 4, 504: 4, 505: 1,
	} {
		var arrived atomic.Int64
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			arrived.Add(1)
			w.WriteHeader(status)
		})
		_, _, err := ask(t, server, nil, Request{})
		var answered *StatusError
		if got := arrived.Load(); got != tries || (err == nil) != (status < 300) || err != nil && (!errors.As(err, &answered) || answered.Status != status) {
			t.Errorf("%d: asked %d times, got %v; want %d times", status, got, err, tries)
		}
	}
}

func TestWaitsDoubleWithJitterUnlessTheServerSaysHowLong(t *testing.T) {
	for name, c := range map[string]struct {
		retryAfter string
		want       string
	}{
		"by themselves":     {"", "[750ms 1.5s 3s]"},
		"by seconds":        {"20", "[20.5s 20.5s 20.5s]"},
		"by a date":         {"Mon, 23 Nov 2026 12:00:30 GMT", "[30.5s 500ms 500ms]"},
		"by something else": {"soon", "[750ms 1.5s 3s]"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.retryAfter != "" {
					w.Header().Set("Retry-After", c.retryAfter)
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			_, clock, _ := ask(t, server, nil, Request{})
			if got := fmt.Sprint(clock.waits); got != c.want {
				t.Errorf("waited %s, want %s", got, c.want)
			}
		})
	}
}

func TestALongWaitEndsTheRequestAndSaysUntilWhen(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, clock, err := ask(t, server, nil, Request{})
	var later *LaterError
	if !errors.As(err, &later) || !later.Until.Equal(clock.now.Add(time.Hour)) || len(clock.waits) > 0 {
		t.Errorf("got %v after waiting %v", err, clock.waits)
	}
}

func TestABudgetIsAskedBeforeEachAttempt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	empty, left := errors.New("the budget is used up"), 2
	_, _, err := ask(t, server, nil, Request{Before: func(context.Context) error {
		if left == 0 {
			return empty
		}
		left--
		return nil
	}})
	var status *StatusError
	if !errors.Is(err, empty) || !errors.As(err, &status) {
		t.Errorf("got %v, want both the answer and the budget", err)
	}
}

func TestAHostThatLeadsInsideIsRefusedAtDialTime(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") })
	_, _, err := ask(t, server, func(c *Config) { c.Internal = false }, Request{})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "internal address 127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

func TestInternalAddressesAreNotPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"fe80::1": false, "fd00::1": false, "0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "198.18.0.1": false,
		"8.8.8.8": true, "2001:4860:4860::8888": true, "172.32.0.1": true,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v", text, got)
		}
	}
}

func TestAddressesThatMayNotBeAskedAreRefused(t *testing.T) {
	c, err := New(Config{UserAgent: "senmeteo/test", Hosts: []string{"example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"ftp://example.org/", "https://user:pw@example.org/", "https://example.com/", "https://example.org:8443/", "%", "//example.org/", "https://example.org.evil.test/"} {
		var refused *RefusedError
		if _, err := c.Get(t.Context(), &Request{URL: address}); !errors.As(err, &refused) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	downgrade := &http.Request{URL: &url.URL{Scheme: "http", Host: "example.org"}}
	if err := c.checkRedirect(downgrade, []*http.Request{{URL: &url.URL{Scheme: "https", Host: "example.org"}}}); err == nil {
		t.Error("a redirect from https to http was followed")
	}
}

func TestTheEndOfTheContextEndsARequestAtOnce(t *testing.T) {
	arrived := make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{UserAgent: "senmeteo/test", Hosts: []string{u.Host}, Internal: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := c.Get(ctx, &Request{URL: server.URL}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
