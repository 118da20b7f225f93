package tomorrow_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/sourcetest"
	"senmeteo/jobs/source/tomorrow"
)

func TestAChaoticServerGivesNoWrongReading(t *testing.T) {
	good := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var latitude, longitude float64
		if _, err := fmt.Sscanf(r.URL.Query().Get("location"), "%g,%g", &latitude, &longitude); err != nil || r.Header.Get("Apikey") != key {
			t.Errorf("got %s with the key %q: %v", r.URL, r.Header.Get("Apikey"), err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"data":{"time":"2026-11-23T12:46:00Z","values":{"temperature":%g,"humidity":62}},"location":{"lat":%g,"lon":%g}}`, latitude, latitude, longitude)
	})
	c := &clock{now: time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)}
	sourcetest.Chaos(t, good, func(t *testing.T, url string) flow.Source {
		source, err := tomorrow.New(tomorrow.Config{
			APIKey: key, BaseURL: url, Stations: meteo.Stations[:3],
			Budget: &tomorrow.Budget{Path: filepath.Join(t.TempDir(), "budget.json"), Limits: tomorrow.Limits{PerSecond: 50, PerHour: 5000, PerDay: 5000}, Now: c.time, Sleep: c.sleep},
			HTTP: client.Config{
				UserAgent: sourcetest.UserAgent, Timeout: 200 * time.Millisecond, MaxBody: 1 << 20, Attempts: 2, Now: c.time,
				Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}
