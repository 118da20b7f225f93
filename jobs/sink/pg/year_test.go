package pg_test

import (
	"context"
	"io"
	"testing"
	"time"

	"senmeteo/jobs/export"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/sink/pg"
)

// aYear is what 14 stations report in 2025, every ten minutes: 735,840 readings of eleven values.
func aYear(b *testing.B) *pg.Store {
	b.Helper()
	db := fresh(b)
	store := db.open(b, flow.StoreConfig{})
	execute(b, db.url, `SELECT meteo.ensure_month(month) FROM generate_series('2025-01-01T00:00Z'::timestamptz, '2025-12-01T00:00Z', interval '1 month') month`)
	execute(b, db.url, `INSERT INTO meteo.series (station_id, source, kind, issued_at) SELECT 'SN-' || n, 'generate', 'observed', '-infinity' FROM generate_series(1, 14) n`)
	execute(b, db.url, `INSERT INTO meteo.place (region, latitude, longitude, elevation_m, provider_id) VALUES ('Dakar', 14, -17, 20, '')`)
	execute(b, db.url, `INSERT INTO meteo.observation_data (series_id, place_id, observed_at, fetched_at, revision, id, interval_s, quality, qc,
			temperature_c, dew_point_c, humidity_pct, pressure_hpa, wind_speed_ms, wind_gust_ms, wind_direction_deg, rain_mm, rain_rate_mm_h, cloud_cover_pct, visibility_m)
		SELECT series_id, place_id, at, at, 1, gen_random_uuid(), 600, CASE WHEN n % 50 = 0 THEN 'b'::"char" END, CASE WHEN n % 50 = 0 THEN '{"temperature_c": ["range"]}'::jsonb END,
			n % 40, n % 20, n % 100, 1000 + n % 30, n % 12, n % 20, n % 360, n % 2, n % 3, n % 101, 10000
		FROM meteo.series, meteo.place, generate_series(0, 365 * 144 - 1) n, LATERAL (SELECT '2025-01-01T00:00Z'::timestamptz + n * interval '10 minutes' AS at) time`)
	execute(b, db.url, `VACUUM (ANALYZE) meteo.observation_data`)
	return store
}

// year is all of 2025, looked at later.
func year() (from, to time.Time) {
	return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
}

// BenchmarkGapsOfAYear looks for gaps in a year of 14 stations: it has to take less than 3 s.
func BenchmarkGapsOfAYear(b *testing.B) {
	store := aYear(b)
	from, to := year()
	for b.Loop() {
		report, err := gaps.Look(b.Context(), store, gaps.Window{From: from, To: to, Now: to.AddDate(0, 1, 0)})
		if err != nil || report.Expected != 735_840 || report.Missing != 0 || report.Flagged != 14*1052 {
			b.Fatalf("%+v, %v", report.Counts, err)
		}
	}
}

// BenchmarkExportOfAYear writes the days of a year of 14 stations: it has to take less than 5 s.
func BenchmarkExportOfAYear(b *testing.B) {
	store := aYear(b)
	from, to := year()
	for b.Loop() {
		write(b, store, export.Request{Step: export.Day, From: from, To: to})
	}
}

func write(b *testing.B, store *pg.Store, r export.Request) {
	b.Helper()
	if err := export.Write(context.WithoutCancel(b.Context()), store, r, "csv", io.Discard); err != nil {
		b.Fatal(err)
	}
}
