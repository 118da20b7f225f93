package es_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

func TestAServerThatIsNotElasticsearchIsRecognisedAtOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"a page":                 func(w http.ResponseWriter, _ *http.Request) { gates.Page(w, http.StatusOK) },
		"a page that is missing": func(w http.ResponseWriter, _ *http.Request) { gates.Page(w, http.StatusNotFound) },
		"a method that is wrong": func(w http.ResponseWriter, _ *http.Request) { gates.Page(w, http.StatusNotImplemented) },
		"JSON of another product": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"index_templates":[],"docs":[]}`))
		},
		"another product": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Elastic-Product", "Another")
			_, _ = w.Write([]byte(`{"index_templates":[],"docs":[]}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				answer(w, r)
			}))
			t.Cleanup(server.Close)
			cfg := es.Config{URL: server.URL, Topic: topic, Patience: 20 * time.Second}
			_, err := es.Open(t.Context(), cfg)
			says(t, err, flow.Unavailable, "is not Elasticsearch", "--es-url")
			cfg.ReadOnly = true
			_, err = opened(t, cfg).Progress(t.Context())
			says(t, err, flow.Unavailable, "is not Elasticsearch", "--es-url")
			if n := requests.Load(); n != 2 {
				t.Errorf("it was asked %d times, want one attempt each", n)
			}
		})
	}
}

func says(t *testing.T, err error, class flow.Class, words ...string) {
	t.Helper()
	if err == nil || flow.ClassOf(err) != class || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v (%s), want one line of the class %s", err, flow.ClassOf(err), class)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v: it does not contain %q", err, w)
		}
	}
}

// The first answers decide nothing: a proxy may be up before Elasticsearch is.
func TestAProxyThatDoesNotReachElasticsearchIsAskedAgain(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	gate := gates.NewHTTP(t, x.url)
	for name, open := range map[string]func(*testing.T, es.Config) error{
		"on opening": func(t *testing.T, cfg es.Config) error {
			_, err := es.Open(t.Context(), cfg)
			return err
		},
		"on asking": func(t *testing.T, cfg es.Config) error {
			cfg.ReadOnly = true
			_, err := opened(t, cfg).Progress(t.Context())
			return err
		},
	} {
		statuses := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests}
		gate.Set(func(w http.ResponseWriter, _ gates.Passing) bool {
			if len(statuses) == 0 {
				return false
			}
			gates.Page(w, statuses[0])
			statuses = statuses[1:]
			return true
		})
		err := open(t, es.Config{URL: gate.URL, Prefix: x.prefix, Topic: topic, Patience: 20 * time.Second})
		if err != nil || len(statuses) > 0 {
			t.Errorf("%s: %v, with %d answers left", name, err, len(statuses))
		}
	}
	gate.Set(func(w http.ResponseWriter, _ gates.Passing) bool { gates.Page(w, http.StatusBadGateway); return true })
	_, err := es.Open(t.Context(), es.Config{URL: gate.URL, Prefix: x.prefix, Topic: topic, Patience: 300 * time.Millisecond})
	says(t, err, flow.Unavailable, "502", "run it again later")
}

// A page with status 200 instead of the answer must not pass for a commit.
func TestAPageInsteadOfAnAnswerCommitsNothing(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]func(gates.Passing) bool{"of the bulk request": gates.IsBulk, "of the offset": gates.IsOffset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := fresh(t)
			s := x.acquired(t, -1)
			b := batch(0, 0, 10)
			s.gate.Once(kind, func(w http.ResponseWriter, _ gates.Passing) bool { gates.Page(w, http.StatusOK); return true })
			_, err := s.Commit(t.Context(), b)
			if err == nil || !strings.Contains(err.Error(), "is not Elasticsearch") {
				t.Fatalf("Commit returned %v", err)
			}
			if got := x.Stored(t).Next; len(got) > 0 {
				t.Errorf("the store is at %v after it", got)
			}
			acquire(t, s, -1)
			if _, err := s.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			x.holds(t, 10, b.End)
		})
	}
}
