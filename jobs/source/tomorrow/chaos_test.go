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
	t.Run("of the present", func(t *testing.T) {
		chaos(t, tomorrow.Config{}, `{"data":{"time":"2026-11-23T12:46:00Z","values":{"temperature":%[1]g,"humidity":62}},"location":{"lat":%[1]g,"lon":%[2]g}}`)
	})
	t.Run("of a window", func(t *testing.T) {
		chaos(t, tomorrow.Config{From: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)},
			`{"data":{"timelines":[{"timestep":"1h","intervals":[{"startTime":"2026-11-23T12:00:00Z","values":{"temperature":%[1]g}},`+
				`{"startTime":"2026-11-23T13:00:00Z","values":{"temperature":%[1]g,"humidity":62}}]}]},"location":{"lat":%[1]g,"lon":%[2]g}}`)
	})
}

// chaos runs a configuration against a server whose good answers are the body with the latitude and longitude asked for.
func chaos(t *testing.T, cfg tomorrow.Config, body string) {
	good := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var latitude, longitude float64
		if _, err := fmt.Sscanf(r.URL.Query().Get("location"), "%g,%g", &latitude, &longitude); err != nil || r.Header.Get("Apikey") != key {
			t.Errorf("got %s with the key %q: %v", r.URL, r.Header.Get("Apikey"), err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, body, latitude, longitude)
	})
	c := &clock{now: time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)}
	sourcetest.Chaos(t, good, func(t *testing.T, url string, timeout time.Duration) flow.Source {
		cfg.APIKey, cfg.BaseURL, cfg.Stations = key, url, meteo.Stations[:3]
		cfg.Budget = &tomorrow.Budget{
			Ledger: &tomorrow.FileLedger{Path: filepath.Join(t.TempDir(), "budget.json")},
			Limits: tomorrow.Limits{PerSecond: 50, PerHour: 5000, PerDay: 5000}, Now: c.time, Sleep: c.sleep,
		}
		cfg.HTTP = client.Config{
			UserAgent: sourcetest.UserAgent, Timeout: timeout, MaxBody: 1 << 20, Attempts: 2, Now: c.time,
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		}
		source, err := tomorrow.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return source
	})
}
