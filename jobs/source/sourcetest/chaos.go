package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// chaosRuns is how often a source is run against the server that misbehaves.
const chaosRuns = 200

// soon is when a source gives up on an answer of the server that misbehaves. A busy machine may take as long for a good one.
const soon = 100 * time.Millisecond

// longestRun is far more than a run takes that gives up on slow answers, on a machine that is busy.
const longestRun = time.Minute

// Chaos runs a source many times against a server that answers as good does one time in two, and otherwise in every way
// that servers and networks fail: limits, defects, answers that are slow, cut off, endless, of another type, bombs
// of gzip, and redirects to internal addresses. Whatever happens, only readings that the good answers hold may come,
// every failure is of a class that a server can be the cause of, and memory stays bounded. build makes the source for the
// server at a URL, which gives up on an answer after the timeout.
func Chaos(t *testing.T, good http.Handler, build func(t *testing.T, url string, timeout time.Duration) flow.Source) {
	honest := httptest.NewServer(good)
	defer honest.Close()
	want := map[meteo.Identity]meteo.Values{}
	if err := build(t, honest.URL, longestRun).Fetch(t.Context(), func(item *flow.Item) error {
		want[item.Reading.Identity] = item.Reading.Values
		return nil
	}); err != nil || len(want) == 0 {
		t.Fatalf("the good server gave %d readings and %v", len(want), err)
	}
	server := httptest.NewServer(newChaos(t, good))
	defer server.Close()
	outcomes, readings := map[string]int{}, 0
	for range chaosRuns {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ctx, cancel := context.WithTimeout(t.Context(), longestRun)
		err := build(t, server.URL, soon).Fetch(ctx, func(item *flow.Item) error {
			if item.Raw != nil { // a report that was cut off: it is not a reading
				return nil
			}
			readings++
			if values, ok := want[item.Reading.Identity]; !ok || !same(values, item.Reading.Values) {
				t.Errorf("a wrong reading came: %+v", item.Reading)
			}
			return nil
		})
		if ctx.Err() != nil {
			t.Errorf("a run has not ended after %s", longestRun)
		}
		cancel()
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 512<<20 {
			t.Errorf("one run allocated %d bytes", used)
		}
		switch class := flow.ClassOf(err); {
		case err == nil:
			outcomes["ok"]++
		case errors.Is(err, context.Canceled), class != flow.Unavailable && class != flow.TryLater && class != flow.BadInput:
			t.Errorf("a run ended as %s: %v", class, err)
		default:
			outcomes[class.String()]++
		}
	}
	t.Logf("%d runs: %v, %d readings", chaosRuns, outcomes, readings)
	if outcomes["ok"] == 0 || outcomes["ok"] == chaosRuns {
		t.Errorf("the runs ended as %v: the test tests nothing", outcomes)
	}
}

// same compares values, of which an unknown one equals another.
func same(a, b meteo.Values) bool {
	for v := range a {
		if meteo.Known(a[v]) != meteo.Known(b[v]) || meteo.Known(a[v]) && a[v] != b[v] {
			return false
		}
	}
	return true
}

// chaos is a server that misbehaves in an order that follows from its seed.
type chaos struct {
	good http.Handler
	bomb []byte
	mu   sync.Mutex
	dice *rand.Rand
}

func newChaos(t *testing.T, good http.Handler) *chaos {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &chaos{good: good, bomb: bytes.Repeat(zipped.Bytes(), 48), dice: rand.New(rand.NewPCG(3, 14))}
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	face := c.dice.IntN(2 * len(failures))
	c.mu.Unlock()
	if face >= len(failures) {
		c.good.ServeHTTP(w, r)
		return
	}
	failures[face](c, w, r)
}

// failures are the ways to misbehave.
var failures = [...]func(*chaos, http.ResponseWriter, *http.Request){
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	func(c *chaos, w http.ResponseWriter, r *http.Request) { // cut off
		whole := httptest.NewRecorder()
		c.good.ServeHTTP(whole, r)
		w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	},
	func(_ *chaos, _ http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
	func(c *chaos, w http.ResponseWriter, r *http.Request) { // the connection is cut in the middle of what was promised
		whole := httptest.NewRecorder()
		c.good.ServeHTTP(whole, r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()-1])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	},
	func(c *chaos, w http.ResponseWriter, r *http.Request) { // of another type
		whole := httptest.NewRecorder()
		c.good.ServeHTTP(whole, r)
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(whole.Body.Bytes())
	},
	func(_ *chaos, w http.ResponseWriter, r *http.Request) { // slow
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("["))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>please log in</html>"))
	},
	func(c *chaos, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(c.bomb)
	},
	func(_ *chaos, w http.ResponseWriter, _ *http.Request) { // 3 GB
		w.Header().Set("Content-Type", "application/json")
		block := bytes.Repeat([]byte("1"), 1<<16)
		for range 3 << 14 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	},
	func(_ *chaos, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:22/", http.StatusFound)
	},
	func(_ *chaos, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
	},
	func(_ *chaos, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://[fe80::1]/", http.StatusTemporaryRedirect)
	},
}
