package pg_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
	"senmeteo/sql"
)

// migration returns the text of the migration with this number.
func migration(t testing.TB, number int) string {
	t.Helper()
	files, err := fs.Glob(sql.Migrations, fmt.Sprintf("%04d_*.sql", number))
	if err != nil || len(files) != 1 {
		t.Fatalf("migration %d: %v, %v", number, files, err)
	}
	text, err := fs.ReadFile(sql.Migrations, files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// oldRows inserts rows of every form, of three months and two stations, into the table as it was up to version 5: n hours back from noon.
const oldRows = `SELECT meteo.ensure_month(month) FROM generate_series('2026-06-01'::timestamptz, '2026-08-01', '1 month') month;
	INSERT INTO meteo.observation (station_id, observed_at, source, kind, issued_at, id, revision, region, latitude, longitude, elevation_m,
		fetched_at, temperature_c, rain_mm, interval_s, quality, qc, original)
	SELECT station, at, '%[1]s', kind, CASE kind WHEN 'forecast' THEN at - interval '1 hour 1 microsecond' ELSE '-infinity' END,
		md5(station || at || kind || '%[1]s'), 1 + n %% 3, 'Thiès', CASE WHEN n %% 5 > 0 THEN 14.5 END, -17 + n %% 7, CASE WHEN n %% 2 > 0 THEN 9 END,
		at, n / 3.0, CASE WHEN n %% 3 = 0 THEN 0.2 END, CASE WHEN n %% 3 = 0 THEN 3600 END, (ARRAY['good', 'suspect', 'bad'])[1 + n %% 3],
		CASE WHEN n %% 3 > 0 THEN '{"rain_mm": ["range"]}'::jsonb END, CASE WHEN n %% 11 = 0 THEN '{"rain_mm": 900.5}'::jsonb END
	FROM unnest(ARRAY['SN-DK', 'SN-TH-0042']) station, unnest(ARRAY['observed', 'model', 'forecast']) kind, generate_series(1, %[2]d) n,
		LATERAL (SELECT '2026-08-14 12:00Z'::timestamptz - n * interval '1 hour' AS at) times;`

// version5 is a database with the schema of version 5, whose rows are in part of the time of version 1.
func version5(t testing.TB, hours int) database {
	t.Helper()
	db := fresh(t)
	execute(t, db.url, migration(t, 1))
	execute(t, db.url, fmt.Sprintf(oldRows, "metar", hours))
	for number := 2; number <= 5; number++ {
		execute(t, db.url, migration(t, number))
	}
	execute(t, db.url, fmt.Sprintf(oldRows, "bulletin", hours))
	execute(t, db.url, `UPDATE meteo.observation SET provider_id = '61641', temperature_max_c = 41.5, humidity_mean_pct = 7 WHERE source = 'bulletin' AND revision = 2`)
	return db
}

// content is the number and a sum over all known values of the rows that were there before, whatever form they have.
const content = `SELECT count(*) || ' rows, ' || coalesce(sum(('x' || left(md5(jsonb_strip_nulls(to_jsonb(o))::text), 8))::bit(32)::bigint), 0) FROM meteo.observation o WHERE source <> 'generate'`

func TestTheTableOfVersion5BecomesNarrowWhileItIsReadAndWritten(t *testing.T) {
	db := version5(t, 1500)
	want := value[string](t, db.url, content)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, migration(t, 7)) // whose columns the writer knows
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var work sync.WaitGroup
	for _, begin := range []string{"BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"} {
		conn := connect(t, db.url)
		work.Go(func() {
			for n := 0; ctx.Err() == nil || n < 3; n++ {
				if got, err := readTwice(conn, begin); err != nil || got != want {
					t.Errorf("a reader (%s) finds %s, %v; want %s", begin, got, err, want)
					return
				}
			}
		})
	}
	writer := asItIs(t, db)
	work.Go(func() {
		for n := range 20 { // each batch is of all months, moved or not
			b := flowtest.Batch(1, int64(5*n), correction(n), monthsBack(0, n), monthsBack(1, n), monthsBack(2, n))
			if out, err := writer.Commit(context.Background(), b); err != nil || out.Written != 4 {
				t.Errorf("batch %d: %+v, %v", n, out, err)
				return
			}
		}
	})
	execute(t, db.url, "CALL meteo.move_months()")
	stop()
	work.Wait()
	db.Open(t) // which drops what readers have held
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("the rows are %s, want %s", got, want)
	}
	if got := value[string](t, db.url, `SELECT concat_ws(' ', count(*), count(DISTINCT id), max(revision), max(region), max(temperature_c)) FROM meteo.observation WHERE source = 'generate'`); got != "61 61 20 Thiès 21.9" {
		t.Errorf("the writer's rows are %s", got)
	}
	const left = `SELECT coalesce(string_agg(relname, ' '), '') FROM pg_class WHERE relname LIKE 'observation_5%' OR relname = 'moved_month'`
	if got := value[string](t, db.url, left); got != "" {
		t.Errorf("the old tables %s are left", got)
	}
}

// readTwice reads the content twice in one transaction.
func readTwice(conn *pgx.Conn, begin string) (got string, err error) {
	err = pgx.BeginTxFunc(context.Background(), conn, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error {
		for range 2 {
			var now string
			if err := tx.QueryRow(context.Background(), content).Scan(&now); err != nil {
				return err
			}
			if got != "" && got != now {
				return fmt.Errorf("first %s and then %s", got, now)
			}
			got = now
		}
		return nil
	})
	return got, err
}

// asItIs opens a store on a database that is not up to date, as a job holds one that was opened before.
func asItIs(t testing.TB, db database) *pg.Store {
	t.Helper()
	store, err := pg.OpenAsItIs(t.Context(), db.url, flow.StoreConfig{Topic: topic, RunID: "run"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// monthsBack is an observation that the old table does not have.
func monthsBack(months, n int) meteo.Observation {
	o := flowtest.Observation(1, n, 1)
	o.ObservedAt = noon.AddDate(0, -months, 0).Add(time.Duration(n) * time.Second)
	o.ID = o.Identity.ID()
	return o
}

// correction is the n-th revision of one and the same.
func correction(n int) meteo.Observation {
	o := monthsBack(2, -1)
	o.Source, o.Revision = "generate", int64(n+1)
	o.FetchedAt = o.FetchedAt.Add(time.Duration(n) * time.Hour)
	return o
}

func TestALaterRevisionReplacesTheRowThatWasMoved(t *testing.T) {
	db := version5(t, 10)
	o := observationAt(meteo.Stations[0], time.Date(2026, 8, 14, 11, 0, 0, 0, time.UTC), "metar")
	o.FetchedAt, o.Revision = o.FetchedAt.Add(time.Hour), 9
	before := value[int](t, db.url, `SELECT count(*) FROM meteo.observation`)
	if out, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, o)); err != nil || out.Written != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	got := value[string](t, db.url, `SELECT concat_ws(' ', (SELECT count(*) FROM meteo.observation), id, revision, region) FROM meteo.observation
		WHERE station_id = 'SN-DK' AND source = 'metar' AND kind = 'observed' AND observed_at = '2026-08-14 11:00Z'`)
	if want := fmt.Sprint(before, " ", o.ID, " 9 Dakar"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMovingGoesOnWhereItWasStopped(t *testing.T) {
	db := version5(t, 1500)
	want := value[string](t, db.url, content)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, `SELECT meteo.move_month('observation_5_2026_07')`)
	execute(t, db.url, `BEGIN; SELECT meteo.move_month('observation_5_2026_08'); ROLLBACK`)
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("with one month moved: %s, want %s", got, want)
	}
	if got := value[string](t, db.url, `SELECT string_agg(to_char(observed_at, 'MM-DD HH24'), ' ') FROM meteo.latest`); got != "08-14 11" {
		t.Errorf("the latest are of %s", got)
	}
	db.Open(t)
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("with all months moved: %s, want %s", got, want)
	}
	execute(t, db.url, migration(t, 6)) // again, by hand
	execute(t, db.url, "CALL meteo.move_months()")
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("after the migration by hand: %s, want %s", got, want)
	}
}

// A database may skip versions: a later migration adds its column before the months are moved.
func TestAColumnMayBeAddedBeforeTheMonthsAreMoved(t *testing.T) {
	db := version5(t, 100)
	want := value[string](t, db.url, `SELECT count(*) || ' ' || sum(revision) FROM meteo.observation`)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, `ALTER TABLE meteo.observation_data ADD COLUMN soil_temperature_c double precision; SELECT meteo.define_views()`)
	for _, call := range []string{"SELECT meteo.move_month('observation_5_2026_08')", "CALL meteo.move_months()"} {
		if got := value[string](t, db.url, `SELECT count(*) || ' ' || sum(revision) FROM meteo.observation WHERE soil_temperature_c IS NULL`); got != want {
			t.Errorf("before %q: %s, want %s", call, got, want)
		}
		if got := value[int](t, db.url, `SELECT count(*) FROM meteo.latest WHERE soil_temperature_c IS NULL`); got != 1 {
			t.Errorf("before %q: %d latest rows, want that of Dakar", call, got)
		}
		execute(t, db.url, call)
	}
	execute(t, db.url, `UPDATE meteo.observation_data SET soil_temperature_c = 30`)
	if got := value[string](t, db.url, `SELECT count(*) || ' ' || sum(revision) FROM meteo.observation WHERE soil_temperature_c = 30`); got != want {
		t.Errorf("in the end: %s, want %s", got, want)
	}
}

// A reader that holds the old table does not hold up the migration, and finds what it found before.
func TestALongReaderKeepsTheOldTableAndNothingElse(t *testing.T) {
	db := version5(t, 100)
	want := value[string](t, db.url, content)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, migration(t, 7))
	tx, err := connect(t, db.url).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	var first, second string
	if err := tx.QueryRow(t.Context(), content).Scan(&first); err != nil {
		t.Fatal(err)
	}
	sink := db.Open(t)
	if out, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1))); err != nil || out.Written != 1 {
		t.Errorf("a writer meanwhile: %+v, %v", out, err)
	}
	if err := tx.QueryRow(t.Context(), content).Scan(&second); err != nil || first != want || second != want {
		t.Errorf("the reader finds %s and then %s, %v; want %s", first, second, err, want)
	}
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("another reader finds %s, want %s", got, want)
	}
	_ = tx.Rollback(t.Context())
	db.Open(t)
	if !value[bool](t, db.url, `SELECT to_regclass('meteo.observation_5') IS NULL`) {
		t.Error("the old table is left")
	}
}

// BenchmarkMigration moves a million rows of three months.
func BenchmarkMigration(b *testing.B) {
	const minutes = 83_334
	for b.Loop() {
		b.StopTimer()
		db := version5(b, 0)
		execute(b, db.url, strings.ReplaceAll(fmt.Sprintf(oldRows, "metar", minutes), "interval '1 hour' AS", "interval '1 minute' AS"))
		execute(b, db.url, strings.ReplaceAll(fmt.Sprintf(oldRows, "bulletin", minutes), "interval '1 hour' AS", "interval '1 minute' AS"))
		const size = `SELECT sum(pg_total_relation_size(inhrelid)) / %d FROM pg_inherits WHERE inhparent = 'meteo.observation%s'::regclass`
		before := value[float64](b, db.url, fmt.Sprintf(size, 12*minutes, ""))
		b.StartTimer()
		began := time.Now()
		db.Open(b)
		took := time.Since(began)
		b.StopTimer()
		b.ReportMetric(before, "bytes/row-before")
		b.ReportMetric(value[float64](b, db.url, fmt.Sprintf(size, 12*minutes, "_data")), "bytes/row-after")
		b.ReportMetric(12*minutes/took.Seconds(), "rows/s")
		b.StartTimer()
	}
}

// The columns of forecasts are added in a moment in which nobody holds the table, and what was there stays as it was.
func TestTheColumnsOfForecastsAreAddedWhenNobodyReads(t *testing.T) {
	db := version5(t, 100)
	want := value[string](t, db.url, content)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, "CALL meteo.move_months()")
	execute(t, db.url, "GRANT SELECT ON meteo.observation TO pg_monitor")
	tx, err := connect(t, db.url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), content); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	conn := connect(t, db.url)
	go func() {
		_, err := conn.PgConn().Exec(context.Background(), migration(t, 7)).ReadAll()
		migrated <- err
	}()
	const waits = `SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
	for !value[bool](t, db.url, waits) { // it gives up the lock for a second
		time.Sleep(20 * time.Millisecond)
	}
	if got := value[string](t, db.url, content); got != want { // which would wait for the lock
		t.Errorf("another reader finds %s, want %s", got, want)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatal(err)
	}
	execute(t, db.url, migration(t, 7)) // again, by hand
	if got := value[string](t, db.url, content); got != want {
		t.Errorf("after the migration: %s, want %s", got, want)
	}
	const columns = `SELECT concat_ws(' ', count(*) = count(*) FILTER (WHERE rain_probability_pct IS NULL AND quantiles IS NULL),
		has_table_privilege('pg_monitor', 'meteo.observation', 'SELECT')) FROM meteo.observation`
	if got := value[string](t, db.url, columns); got != "t t" {
		t.Errorf("the columns are unknown, and readable as before: %s", got)
	}
}
