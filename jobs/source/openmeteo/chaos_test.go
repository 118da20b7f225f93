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
	recorded, err := os.ReadFile("testdata/present-matched-by-index-not-by-coordinates/1.response")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(recorded), "\n\n")
	good := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
	now := time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)
	sourcetest.Chaos(t, good, func(t *testing.T, url string) flow.Source {
		source, err := openmeteo.New(openmeteo.Config{
			BaseURL: url, Stations: meteo.Stations[:2],
			HTTP: client.Config{
				UserAgent: sourcetest.UserAgent, Timeout: 200 * time.Millisecond, MaxBody: 1 << 20, Attempts: 2,
				Now:   func() time.Time { return now },
				Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}
