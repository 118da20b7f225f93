package es_test

import (
	"bytes"
	"log/slog"
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

func TestARedirectIsNotFollowedSoThatTheLoginGoesNowhereElse(t *testing.T) {
	t.Parallel()
	var visits atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		gates.Say(w, http.StatusOK, `{"docs":[]}`)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
		}))
		t.Cleanup(redirecting.Close)
		store := opened(t, es.Config{URL: redirecting.URL, APIKey: secretText, Topic: topic, ReadOnly: true, Patience: time.Second})
		_, err := store.Progress(t.Context())
		if flow.ClassOf(err) != flow.Unavailable || strings.Contains(err.Error(), secretText) {
			t.Errorf("status %d gives %v, want a failure of the class unavailable", status, err)
		}
	}
	if n := visits.Load(); n > 0 {
		t.Errorf("%d requests went to where the redirect points", n)
	}
}

func TestALoginInTheClearIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg    es.Config
		warned bool
	}{
		{es.Config{URL: "http://es.example:9200", APIKey: secretText}, true},
		{es.Config{URL: "https://es.example:9200,http://u:" + secretText + "@es2.example:9200"}, true},
		{es.Config{URL: "http://es.example:9200", Username: "u", Password: secretText}, true},
		{es.Config{URL: "http://es.example:9200"}, false},
		{es.Config{URL: "https://es.example:9200", APIKey: secretText}, false},
		{es.Config{URL: "http://localhost:9200,http://127.0.0.1:9201,http://[::1]:9202", APIKey: secretText}, false},
	} {
		var log bytes.Buffer
		c.cfg.Logger, c.cfg.ReadOnly = slog.New(slog.NewTextHandler(&log, nil)), true
		opened(t, c.cfg)
		if got := strings.Contains(log.String(), "unencrypted"); got != c.warned || strings.Contains(log.String(), secretText) {
			t.Errorf("%s: it says %q", strings.ReplaceAll(c.cfg.URL, secretText, "..."), log.String())
		}
	}
}
