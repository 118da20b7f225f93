package openmeteo_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/openmeteo"
	"senmeteo/jobs/source/sourcetest"
)

func TestAChaoticServerGivesNoWrongReading(t *testing.T) {
	t.Run("of the present", func(t *testing.T) {
		chaos(t, openmeteo.Config{}, map[string]string{"": recorded(t, "present-matched-by-index-not-by-coordinates/1")})
	})
	t.Run("of the archive", func(t *testing.T) {
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		chaos(t, openmeteo.Config{From: from, To: from.AddDate(0, 0, 28).Add(2 * time.Hour)}, map[string]string{
			"2026-01-01": recorded(t, "archive-in-two-chunks/1"), "2026-01-29": recorded(t, "archive-in-two-chunks/2"),
		})
	})
}

// recorded is the body of a case's response.
func recorded(t *testing.T, response string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + response + ".response")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	return body
}

// chaos runs a configuration against a server whose good answers are bodies, by the first day that is asked for.
func chaos(t *testing.T, cfg openmeteo.Config, bodies map[string]string) {
	good := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(bodies[r.URL.Query().Get("start_date")]))
	})
	now := time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)
	sourcetest.Chaos(t, good, func(t *testing.T, url string, timeout time.Duration) flow.Source {
		cfg.BaseURL, cfg.Stations = url, meteo.Stations[:2]
		cfg.HTTP = client.Config{
			UserAgent: sourcetest.UserAgent, Timeout: timeout, MaxBody: 1 << 20, Attempts: 2,
			Now:   func() time.Time { return now },
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		}
		source, err := openmeteo.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}
