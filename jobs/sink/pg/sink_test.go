package pg_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
	"senmeteo/sql"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

var topic = flow.Topic{Name: "meteo.clean", ID: "topic-1", ClusterID: "cluster-1"}

// database is a flowtest.Store: one fresh database.
type database struct {
	url    string
	direct string // where Stored reads; "" is url
}

func fresh(t testing.TB) database { return database{url: servers.PostgresURL(t)} }

func (d database) Open(t testing.TB) flow.Sink { return d.open(t, flow.StoreConfig{}) }

// open opens the store, of topic unless the configuration has another one.
func (d database) open(t testing.TB, cfg flow.StoreConfig) *pg.Store {
	t.Helper()
	store, err := open(t.Context(), d.url, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // closing twice is harmless
	return store
}

func open(ctx context.Context, url string, cfg flow.StoreConfig) (*pg.Store, error) {
	kind := pg.Kind()
	cfg.Settings = flow.Settings{kind.Address: url}
	cfg.Job, cfg.RunID = kind.Job(), "run"
	if cfg.Topic == (flow.Topic{}) {
		cfg.Topic = topic
	}
	store, err := kind.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return store.(*pg.Store), nil
}

// readOnly opens the store as those do who only ask.
func (d database) readOnly(t testing.TB) *pg.Store {
	return d.open(t, flow.StoreConfig{ReadOnly: true})
}

func (d database) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	store := database{url: cmp.Or(d.direct, d.url)}.readOnly(t)
	out := flowtest.Stored{Rows: rows(t, cmp.Or(d.direct, d.url)), Next: flow.Offsets{}}
	progress, err := store.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for p, c := range progress {
		out.Next[p] = c.Next
	}
	return out
}

// rows reads every column of meteo.observation; a database without the table has none.
func rows(t testing.TB, url string) []flowtest.Row {
	t.Helper()
	conn := connect(t, url)
	found, err := conn.Query(t.Context(), `SELECT * FROM meteo.observation`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var out []flowtest.Row
	for found.Next() {
		values, err := found.Values()
		if err != nil {
			t.Fatal(err)
		}
		row := map[string]any{"schema": meteo.SchemaVersion} // the migrations know that of the whole table
		for i, column := range found.FieldDescriptions() {
			switch v := values[i].(type) {
			case nil:
			case time.Time:
				row[column.Name] = string(meteo.AppendTime(nil, v))
			case pgtype.InfinityModifier: // issued_at of what is not a forecast
			default:
				row[column.Name] = v
			}
		}
		out = append(out, flowtest.MakeRow(row))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStoreKeepsTheContract(t *testing.T) {
	flowtest.TestStore(t, flowtest.Harness{Keeps: flow.LastRevision, New: func(t testing.TB) flowtest.Store { return fresh(t) }})
}

// A variable is one line in meteo and a column in a migration: this test finds that the column is missing.
func TestEveryFieldHasAColumn(t *testing.T) {
	db := fresh(t)
	db.Open(t)
	const list = `SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns
		WHERE table_schema = 'meteo' AND table_name = 'observation'`
	var want []string
	for _, f := range meteo.Fields {
		if f.Type != meteo.TypeSchema { // the schema's own version is that of the migrations
			want = append(want, f.Name)
		}
	}
	slices.Sort(want)
	if got := value[string](t, db.url, list); got != strings.Join(want, " ") {
		t.Errorf("the table has the columns %s\nthe fields are       %s", got, strings.Join(want, " "))
	}
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// value reads one value.
func value[T any](t testing.TB, url, sql string) T {
	t.Helper()
	var v T
	if err := connect(t, url).QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// execute runs statements.
func execute(t testing.TB, url, sql string) {
	t.Helper()
	if _, err := connect(t, url).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestEveryFieldArrivesInItsColumn(t *testing.T) {
	db := fresh(t)
	o := flowtest.Observation(1, 7, 3)
	o.StationID, o.Source, o.Kind, o.IssuedAt = "SN-ZZ", "metar", meteo.Forecast, o.ObservedAt.Add(-time.Hour-time.Microsecond)
	o.ID = o.Identity.ID()
	o.Region, o.Latitude, o.Longitude, o.ElevationM = "Thiès", 1.5, -2.5, 3.5
	o.Quality, o.QC = meteo.Suspect, []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "humidity_pct", Rule: "step"}}
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	o.Original = &before
	for v := range o.Values {
		o.Values[v] = float64(v) + 0.25
	}
	o.ProviderID, o.IntervalS = "61641", 600
	o.Quantiles = meteo.Quantiles{{Variable: meteo.Rain, Values: [...]float64{0, 0, 0.5, 1, 2, 3, 9}}}
	sink := db.Open(t)
	if _, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, o)); err != nil {
		t.Fatal(err)
	}
	row := value[string](t, db.url, `SELECT concat_ws('|', id, station_id, observed_at AT TIME ZONE 'UTC', source, kind, issued_at AT TIME ZONE 'UTC', revision,
		region, latitude, longitude, elevation_m, fetched_at AT TIME ZONE 'UTC', provider_id, interval_s, quality, qc, original,
		temperature_c, dew_point_c, humidity_pct, pressure_hpa, wind_speed_ms, wind_gust_ms, wind_direction_deg, rain_mm, rain_rate_mm_h, cloud_cover_pct, visibility_m,
		rain_probability_pct, quantiles) FROM meteo.observation`)
	want := o.ID.String() + `|SN-ZZ|2024-01-31 18:07:00|metar|forecast|2024-01-31 17:06:59.999999|3|Thiès|1.5|-2.5|3.5|2024-01-31 21:07:00|61641|600|suspect|{"humidity_pct": ["range", "step"]}|{"humidity_pct": 101.5}|0.25|1.25|2.25|3.25|4.25|5.25|6.25|7.25|8.25|9.25|10.25|17.25|{"rain_mm": [0, 0, 0.5, 1, 2, 3, 9]}`
	if row != want {
		t.Errorf("got  %s\nwant %s", row, want)
	}
}

func TestWhatIsUnknownIsNull(t *testing.T) {
	db := fresh(t)
	o := flowtest.Observation(1, 7, 1)
	o.Values = meteo.NoValues()
	o.Values[meteo.Rain] = 0
	o.IntervalS = 0
	if _, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, o)); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, db.url, `SELECT num_nulls(temperature_c, pressure_hpa, visibility_m, interval_s, qc, original) FROM meteo.observation WHERE rain_mm = 0`); got != 6 {
		t.Errorf("%d of 6 columns are null", got)
	}
}

func TestRowsThatPostgreSQLRefusesDoNotHoldUpTheirBatch(t *testing.T) {
	db := fresh(t)
	var all []meteo.Observation
	for n := range 200 {
		o := flowtest.Observation(1, n, 1)
		if n%67 == 3 { // 3, 70, 137
			o.Region = "Dakar\x00" // PostgreSQL's text holds no NUL
		}
		all = append(all, o)
	}
	b := flowtest.Batch(1, 0, all...)
	out, err := db.Open(t).Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if out.Written != 197 || out.Rejected != 3 || out.Duplicates != 0 {
		t.Errorf("outcome %+v, want 197 written and 3 rejected", out)
	}
	if got := value[string](t, db.url, `SELECT string_agg(partition || ':' || "offset" || ':' || reason, ' ' ORDER BY "offset") FROM meteo.rejected`); got != "1:3:store_refused 1:70:store_refused 1:137:store_refused" {
		t.Errorf("rejected: %s", got)
	}
	if got := value[int64](t, db.url, `SELECT next_offset FROM meteo.sink_offset WHERE partition = 1`); got != b.End {
		t.Errorf("next offset %d, want %d", got, b.End)
	}
}

// refusing makes a batch of which PostgreSQL refuses the record in the middle.
func refusing() *flow.Batch {
	b := flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1), flowtest.Observation(1, 2, 1), flowtest.Observation(1, 3, 1))
	b.Observations[1].Region = "Dakar\x00"
	return b
}

// A batch is committed when its dead letters are kept, and not before; they may be kept twice.
func TestTheBatchWaitsForTheDeadLetters(t *testing.T) {
	lost := flow.Fail(flow.Unavailable, "Kafka is away")
	for name, c := range map[string]struct {
		keep error // what keeping says the first time
		cut  gates.Cut
		want error // of the first commit
		kept []int64
	}{
		"they can't be kept":                          {keep: lost, want: lost, kept: []int64{1}},
		"the connection breaks before COMMIT arrives": {cut: gates.BeforeCommit, want: flow.ErrRestart, kept: []int64{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			db := newProxied(t)
			var kept []int64
			answer := c.keep
			sink := db.open(t, flow.StoreConfig{Keep: func(_ context.Context, b *flow.Batch) error {
				if answer != nil {
					return answer
				}
				for _, r := range b.Rejects {
					kept = append(kept, b.Records[r.Record].Offset)
				}
				return nil
			}})
			db.proxy.Arm(c.cut)
			b := refusing()
			if _, err := sink.Commit(t.Context(), b); !errors.Is(err, c.want) {
				t.Errorf("Commit returned %v, want %v", err, c.want)
			}
			if n := value[int](t, db.direct, `SELECT (SELECT count(*) FROM meteo.observation) + (SELECT count(*) FROM meteo.rejected) + (SELECT count(*) FROM meteo.sink_offset)`); n != 0 {
				t.Errorf("%d rows are committed", n)
			}
			answer = nil
			if next, err := sink.Acquire(t.Context(), 1); err != nil || next != -1 {
				t.Errorf("Acquire: %d, %v; want -1", next, err)
			}
			if out, err := sink.Commit(t.Context(), b); err != nil || out.Written != 2 || out.Rejected != 1 {
				t.Errorf("the next try: %+v, %v; want 2 written and 1 rejected", out, err)
			}
			if !slices.Equal(kept, c.kept) {
				t.Errorf("dead letters of the offsets %v, want %v", kept, c.kept)
			}
			if got := value[string](t, db.direct, `SELECT concat_ws(' ', (SELECT count(*) FROM meteo.observation), (SELECT count(*) FROM meteo.rejected), next_offset) FROM meteo.sink_offset`); got != fmt.Sprint("2 1 ", b.End) {
				t.Errorf("observations, refused and next offset: %s, want 2 1 %d", got, b.End)
			}
		})
	}
}

// withParameter adds a parameter to a database's URL.
func withParameter(t testing.TB, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parameters := u.Query()
	parameters.Set(name, value)
	u.RawQuery = parameters.Encode()
	return u.String()
}

// A statement that takes too long ends the run and changes nothing; the next run stores the batch.
func TestAStatementThatTakesTooLongChangesNothing(t *testing.T) {
	db := fresh(t)
	sink := database{url: withParameter(t, db.url, "statement_timeout", "200")}.Open(t)
	b := flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1), flowtest.Observation(1, 2, 1))
	execute(t, db.url, `CREATE FUNCTION meteo.dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NEW; END';
		CREATE TRIGGER dawdle BEFORE INSERT ON meteo.observation_data FOR EACH ROW EXECUTE FUNCTION meteo.dawdle()`)
	_, err := sink.Commit(t.Context(), b)
	if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "statement timeout") {
		t.Errorf("got %v (%s)", err, flow.ClassOf(err))
	}
	if n := value[int](t, db.url, `SELECT (SELECT count(*) FROM meteo.observation) + (SELECT count(*) FROM meteo.sink_offset)`); n != 0 {
		t.Errorf("%d rows are there", n)
	}
	execute(t, db.url, `DROP TRIGGER dawdle ON meteo.observation_data`)
	if out, err := sink.Commit(t.Context(), b); err != nil || out.Written != 2 {
		t.Errorf("then %+v, %v", out, err)
	}
}

func TestARecreatedTopicIsRefusedWithoutNewTopic(t *testing.T) {
	db := fresh(t)
	if _, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1), flowtest.Observation(1, 2, 1))); err != nil {
		t.Fatal(err)
	}
	again := topic
	again.ID = "topic-2"
	if _, err := db.open(t, flow.StoreConfig{Topic: again, NewTopic: false}).Resume(t.Context()); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "--new-topic") {
		t.Errorf("resuming on another topic gave %v", err)
	}
	if _, err := db.open(t, flow.StoreConfig{Topic: again, NewTopic: false}).Commit(t.Context(), flowtest.Batch(1, 0, flowtest.Observation(1, 3, 1))); flow.ClassOf(err) != flow.Usage {
		t.Errorf("committing on another topic gave %v", err)
	}
	sink := db.open(t, flow.StoreConfig{Topic: again, NewTopic: true})
	if next, err := sink.Resume(t.Context()); err != nil || len(next) > 0 {
		t.Errorf("with --new-topic: %v, %v; want no offsets", next, err)
	}
	if next, err := sink.Acquire(t.Context(), 1); err != nil || next != -1 {
		t.Errorf("with --new-topic: next %d, %v; want -1", next, err)
	}
	if _, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, flowtest.Observation(1, 3, 1))); err != nil {
		t.Errorf("with --new-topic: %v", err)
	}
	if got := value[int64](t, db.url, `SELECT read FROM meteo.sink_offset`); got != 1 {
		t.Errorf("the counters of the new topic start at %d, want 1", got)
	}
}

// The run with --new-topic may find no records, or those of some partitions only; the runs after it have no such flag.
func TestOneRunThatIsToldOfANewTopicIsEnough(t *testing.T) {
	db := fresh(t)
	old := db.Open(t)
	batches := map[int32]*flow.Batch{}
	for p := range int32(3) {
		batches[p] = flowtest.Batch(p, 0, flowtest.Observation(p, 1, 1))
		if _, err := old.Commit(t.Context(), batches[p]); err != nil {
			t.Fatal(err)
		}
	}
	again := topic
	again.ID = "topic-2"
	if next, err := db.open(t, flow.StoreConfig{Topic: again, NewTopic: true}).Resume(t.Context()); err != nil || len(next) > 0 {
		t.Fatalf("with --new-topic: %v, %v; want no offsets", next, err)
	}
	if got := db.Stored(t).Next; len(got) > 0 {
		t.Errorf("the store counts %v of the new topic, want nothing", got)
	}
	sink := db.open(t, flow.StoreConfig{Topic: again, NewTopic: false})
	for p, start := range map[int32]int64{0: 0, 1: 700} {
		if next, err := sink.Acquire(t.Context(), p); err != nil || next != -1 {
			t.Errorf("without --new-topic: next %d, %v; want -1", next, err)
		}
		if _, err := sink.Commit(t.Context(), flowtest.Batch(p, start, flowtest.Observation(p, 2, 1))); err != nil {
			t.Errorf("without --new-topic: %v", err)
		}
	}
	for _, newTopic := range []bool{true, false} { // which makes no difference now
		next, err := db.open(t, flow.StoreConfig{Topic: again, NewTopic: newTopic}).Resume(t.Context())
		if want := (flow.Offsets{0: 2, 1: 702}); err != nil || !maps.Equal(next, want) {
			t.Errorf("the next run resumes at %v, %v; want %v", next, err, want)
		}
	}
	for p, at := range map[int32]int64{1: batches[1].End, 2: batches[2].End} {
		if _, err := old.Commit(t.Context(), flowtest.Batch(p, at, flowtest.Observation(p, 3, 1))); flow.ClassOf(err) != flow.Usage {
			t.Errorf("a run of the old topic that slept commits to partition %d: %v", p, err)
		}
	}
}

func TestMonthsAndStationsAppearAsObservationsNeedThem(t *testing.T) {
	db := fresh(t)
	early, late := flowtest.Observation(1, 1, 1), flowtest.Observation(1, 2, 1)
	early.ObservedAt = time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)
	late.ObservedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	late.StationID = "SN-DK-07"
	early.ID, late.ID = early.Identity.ID(), late.Identity.ID()
	if _, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, early, late)); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, db.url, `SELECT (SELECT count(*) FROM meteo.observation_2025_12) + 10 * (SELECT count(*) FROM meteo.observation_2026_01)`); got != 11 {
		t.Errorf("the months hold %d rows, want one each", got)
	}
	if got := value[int](t, db.url, `SELECT count(*) FROM meteo.station`); got != 15 {
		t.Errorf("%d stations, want 15", got)
	}
}

// Old months are dropped or detached while a job runs. A late row of such a month is still good.
func TestADroppedMonthIsRecreatedAndADetachedOneIsNamed(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	one, two := flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1)), flowtest.Batch(1, 2, flowtest.Observation(1, 2, 1))
	commit := func(b *flow.Batch, written int64) {
		t.Helper()
		if out, err := sink.Commit(t.Context(), b); err != nil || out.Written != written || out.Rejected != 0 {
			t.Fatalf("%+v, %v; want %d written", out, err, written)
		}
	}
	commit(one, 1)
	month := "meteo.observation_" + one.Observations[0].ObservedAt.Format("2006_01")
	execute(t, db.url, "DROP TABLE "+month)
	commit(two, 1)
	execute(t, db.url, "ALTER TABLE meteo.observation_data DETACH PARTITION "+month)
	three := flowtest.Batch(1, 4, flowtest.Observation(1, 3, 1))
	_, err := sink.Commit(t.Context(), three)
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), month) || strings.Contains(err.Error(), "\n") {
		t.Errorf("with the month detached: %v (%s)", err, flow.ClassOf(err))
	}
	if next := value[int64](t, db.url, "SELECT next_offset FROM meteo.sink_offset"); next != three.Start {
		t.Errorf("the next offset is %d, want %d", next, three.Start)
	}
	execute(t, db.url, "ALTER TABLE "+month+" SET SCHEMA public")
	commit(three, 1)
	if n := value[int](t, db.url, "SELECT count(*) FROM meteo.observation"); n != 1 {
		t.Errorf("%d rows, want that of the third batch alone", n)
	}
}

func TestMigrationsRunAtOnceByTwoJobsDoNoHarm(t *testing.T) {
	db := fresh(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			store, err := open(t.Context(), db.url, flow.StoreConfig{})
			if err == nil {
				err = store.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// Of two migrations with one number a database would get the first alone.
func TestMigrationsHaveNumbersOfTheirOwnAndRecordThem(t *testing.T) {
	files, err := fs.Glob(sql.Migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range files {
		text, err := fs.ReadFile(sql.Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("%s does not begin with %s", name, want)
		}
		if want := fmt.Sprintf("INSERT INTO meteo.migration (version) VALUES (%d) ON CONFLICT DO NOTHING;", i+1); !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
}

func TestADatabaseOfANewerSenmeteoIsRefused(t *testing.T) {
	db := fresh(t)
	db.Open(t)
	value[int](t, db.url, `INSERT INTO meteo.migration (version) VALUES (999) RETURNING version`)
	_, err := open(t.Context(), db.url, flow.StoreConfig{})
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "update senmeteo") {
		t.Errorf("got %v", err)
	}
}

func TestFailuresToConnectSayWhatToDoAndKeepThePassword(t *testing.T) {
	good := servers.PostgresURL(t)
	config, err := pgx.ParseConfig(good)
	if err != nil {
		t.Fatal(err)
	}
	const password = "s3cr3t-of-the-test"
	for name, c := range map[string]struct {
		url   string
		class flow.Class
		says  string
	}{
		"nobody listens":       {"postgres://meteo:" + password + "@127.0.0.1:1/meteo", flow.Unavailable, "--pg-url"},
		"the password is bad":  {strings.Replace(good, config.Password, password, 1), flow.Unavailable, "password"},
		"the URL is malformed": {"postgres://meteo:" + password + "@127.0.0.1:port/meteo", flow.Usage, "--pg-url"},
		"no such database":     {strings.Replace(good, "/"+config.Database, "/nowhere", 1), flow.Unavailable, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t.Context(), c.url, flow.StoreConfig{})
			if flow.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v (%s)", err, flow.ClassOf(err))
			}
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows the password or has several lines: %v", err)
			}
		})
	}
}

// Microsecond 0 of PostgreSQL is a time like any other.
func TestAForecastMayBeIssuedWhenPostgreSQLsTimeBegins(t *testing.T) {
	db := fresh(t)
	o := flowtest.Observation(1, 1, 1)
	o.Kind, o.IssuedAt = meteo.Forecast, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	o.ID = o.Identity.ID()
	if out, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, o)); err != nil || out.Written != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := value[string](t, db.url, `SELECT kind || ' ' || (issued_at AT TIME ZONE 'UTC') FROM meteo.observation`); got != "forecast 2000-01-01 00:00:00" {
		t.Errorf("it is a %s", got)
	}
}

// Stations take turns in the topic, and batches are small, so rows are inserted all over the index.
func TestRowsAndTheirIndexStayNarrow(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	const batches, each = 25, 100
	next := int64(0)
	for n := range batches {
		var all []meteo.Observation
		for m := range each {
			for _, station := range meteo.Stations[:8] {
				o := observationAt(station, noon.Add(time.Duration(n*each+m)*time.Minute), "metar")
				o.Values[meteo.RainProbability] = math.NaN() // forecasts alone have it
				all = append(all, o)
			}
		}
		b := flowtest.Batch(1, next, all...)
		if out, err := sink.Commit(t.Context(), b); err != nil || out.Written != int64(len(all)) {
			t.Fatalf("%+v, %v", out, err)
		}
		next = b.End
	}
	const index = `SELECT pg_relation_size(i.indexrelid) / %d FROM pg_index i WHERE i.indrelid = 'meteo.observation_2026_08'::regclass AND i.indisprimary`
	if got := value[int](t, db.url, fmt.Sprintf(index, batches*each*8)); got > 40 {
		t.Errorf("an entry of the index takes %d bytes, want 40 at most", got)
	}
	if got := value[int](t, db.url, fmt.Sprintf(`SELECT pg_relation_size('meteo.observation_2026_08') / %d`, batches*each*8)); got > 240 {
		t.Errorf("a row of 17 values takes %d bytes, want 240 at most", got)
	}
}
