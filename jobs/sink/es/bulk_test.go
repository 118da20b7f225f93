package es_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

// atOnceAnd is a store before a server that answers at once, which first shows each bulk request to a function; that may answer it.
func atOnceAnd(t *testing.T, look func(w http.ResponseWriter, r *http.Request, body []byte) bool) *es.Store {
	t.Helper()
	answers := atOnce()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !gates.IsBulk(gates.Passing{Request: r}) || !look(w, r, body) {
			answers(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s := opened(t, es.Config{URL: server.URL, Topic: topic, Patience: time.Second})
	acquire(t, s, -1)
	return s
}

// several is how many observations fill several bulk requests.
const several = 10_000

func TestTwoBulkRequestsOfABatchAreUnderWayAtTheSameTime(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	both := make(chan struct{})
	s := atOnceAnd(t, func(http.ResponseWriter, *http.Request, []byte) bool {
		if arrived.Add(1) == 2 {
			close(both)
		}
		select {
		case <-both:
		case <-time.After(10 * time.Second):
			t.Error("the second request waits for the answer to the first")
		}
		return false
	})
	commit(t, s, batch(0, 0, several), flow.Outcome{Written: several})
}

func TestOnlyTheRequestThatMeetsAFullQueueIsSentAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string]int{} // by body
	s := atOnceAnd(t, func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		sent[string(body)]++
		full := len(sent) == 1 && sent[string(body)] == 1
		if full {
			gates.Busy(w, gates.Passing{})
		}
		return full
	})
	commit(t, s, batch(0, 0, several), flow.Outcome{Written: several})
	total, items := 0, 0
	for body, n := range sent {
		total += n
		items += bytes.Count([]byte(body), []byte("\n")) / 2
	}
	if items != several || total != len(sent)+1 {
		t.Errorf("%d items in %d requests, of which %d were repetitions; want %d items and 1", items, total, total-len(sent), several)
	}
}

func TestARequestThatIsRefusedEndsTheCommitWhateverTheOthersGave(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	s := atOnceAnd(t, func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		second := arrived.Add(1) == 2
		if second {
			gates.Say(w, http.StatusForbidden, `{"error":{"type":"security_exception","reason":"no"},"status":403}`)
		}
		return second
	})
	_, err := s.Commit(t.Context(), batch(0, 0, several))
	var failure *flow.Failure
	if !errors.As(err, &failure) || failure.Class != flow.Unavailable || !bytes.Contains([]byte(err.Error()), []byte("needs manage_index_templates")) {
		t.Errorf("Commit returned %v", err)
	}
}

func TestAnswersFromThisMachineAreNotCompressed(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	s := atOnceAnd(t, func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		asked <- r.Header.Get("Accept-Encoding")
		return false
	})
	commit(t, s, batch(0, 0, 3), flow.Outcome{Written: 3})
	if got := <-asked; got != "" {
		t.Errorf("it accepts %q", got)
	}
}
