package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/meteo"
	"senmeteo/sql"
	"senmeteo/test/servers"
)

// database is a new database with our schema.
type database struct {
	*pgx.Conn
	t     testing.TB
	store *Postgres
}

func openStore(t testing.TB, url string) *Postgres {
	t.Helper()
	store, err := NewPostgres(url)
	if err != nil {
		t.Fatalf("making the store: %v", err)
	}
	t.Cleanup(store.Close)
	return store
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	url := servers.PostgresURL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Errorf("closing the connection: %v", err)
		}
	})
	d := &database{conn, t, openStore(t, url)}
	files, err := sql.Migrations.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := sql.Migrations.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		d.exec(string(text))
	}
	return d
}

func (d *database) exec(statement string, arguments ...any) {
	d.t.Helper()
	if _, err := d.Exec(d.t.Context(), statement, arguments...); err != nil {
		d.t.Fatalf("executing %.60q: %v", statement, err)
	}
}

// insert stores observations as the job to-pg does.
func (d *database) insert(observations ...meteo.Observation) {
	d.t.Helper()
	columns := []string{
		"station_id", "observed_at", "source", "kind", "issued_at", "id", "revision", "region", "latitude", "longitude",
		"elevation_m", "fetched_at", "interval_s", "quality", "qc", "original",
	}
	for _, v := range meteo.Variables {
		columns = append(columns, v.Name)
	}
	months := map[time.Time]bool{}
	rows := make([][]any, len(observations))
	for i, o := range observations {
		if month := o.ObservedAt.Truncate(24*time.Hour).AddDate(0, 0, 1-o.ObservedAt.Day()); !months[month] {
			months[month] = true
			d.exec("SELECT meteo.ensure_month($1)", month)
		}
		var issued any = o.IssuedAt
		if o.IssuedAt.IsZero() {
			issued = pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
		}
		var qc, original any
		if len(o.QC) > 0 {
			qc = json.RawMessage(meteo.AppendFailures(nil, o.QC))
		}
		if o.Original != nil {
			before := map[string]float64{}
			for v, x := range o.Original {
				if meteo.Known(x) {
					before[meteo.Variable(v).String()] = x
				}
			}
			original = before
		}
		rows[i] = []any{
			o.StationID, o.ObservedAt, o.Source, string(o.Kind), issued, o.ID.String(), o.Revision, o.Region, optional(o.Latitude),
			optional(o.Longitude), optional(o.ElevationM), o.FetchedAt, interval(o.IntervalS), string(o.Quality), qc, original,
		}
		for _, x := range o.Values {
			rows[i] = append(rows[i], optional(x))
		}
	}
	if _, err := d.CopyFrom(d.t.Context(), pgx.Identifier{"meteo", "observation"}, columns, pgx.CopyFromRows(rows)); err != nil {
		d.t.Fatalf("storing observations: %v", err)
	}
}

func interval(s int64) *int64 {
	if s == 0 {
		return nil
	}
	return &s
}

// rain is an observation of Dakar of nothing but rain.
func rain(at time.Time, mm float64, interval time.Duration) meteo.Observation {
	o := observationAt(meteo.Stations[0], at, "metar")
	o.Values = meteo.NoValues()
	o.Values[meteo.Rain], o.IntervalS = mm, int64(interval/time.Second)
	return o
}

func TestADatabaseWithoutTablesIsNotAFault(t *testing.T) {
	store := openStore(t, servers.PostgresURL(t))
	if _, err := store.Latest(t.Context()); !errors.Is(err, ErrNoSchema) {
		t.Errorf("latest: %v, want ErrNoSchema", err)
	}
	if _, err := store.Series(t.Context(), SeriesQuery{StationID: "SN-DK", From: noon, To: noon}); !errors.Is(err, ErrNoSchema) {
		t.Errorf("series: %v, want ErrNoSchema", err)
	}
}

func TestTheNewestObservationComesBackAsItWasStored(t *testing.T) {
	d := newDatabase(t)
	want := observationAt(meteo.Stations[3], noon, "metar")
	want.Revision, want.Quality = 3, meteo.Suspect
	want.QC = []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "temperature_c", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	want.Original = &before
	want.ElevationM, want.Values[meteo.Visibility] = math.NaN(), math.NaN()

	older := observationAt(meteo.Stations[3], noon.Add(-time.Hour), "metar")
	forecast := observationAt(meteo.Stations[3], noon.Add(time.Hour), "open-meteo")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon
	d.insert(older, want, forecast)

	got, err := d.store.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d rows, want that of the one station with data", len(got))
	}
	if a, b := string(got[0].AppendJSON(nil)), string(want.AppendJSON(nil)); a != b {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func TestTheRainOf24HoursCountsEveryMomentOnceAndGoodValuesOnly(t *testing.T) {
	const hour = time.Hour
	at := func(before time.Duration) time.Time { return noon.Add(-before) }
	failed := rain(at(4*hour), 90, hour)
	failed.QC, failed.Quality = []meteo.Failure{{Subject: "rain_mm", Rule: "range"}}, meteo.Bad
	other := rain(at(2*hour), 7, hour)
	other.Source = "bulletin"
	for name, c := range map[string]struct {
		rows    []meteo.Observation
		mm      float64
		covered time.Duration
	}{
		"hours add up": {
			[]meteo.Observation{rain(at(2*hour), 1, hour), rain(at(hour), 2, hour), rain(at(0), 4, hour)}, 7, 3 * hour,
		},
		"what is older does not count": {
			[]meteo.Observation{rain(at(24*hour), 8, hour), rain(at(23*hour), 1, hour), rain(at(0), 2, hour)}, 3, 2 * hour,
		},
		"an interval that began earlier does not count": {
			[]meteo.Observation{rain(at(22*hour), 8, 3*hour), rain(at(0), 2, hour)}, 2, hour,
		},
		"a report of a longer time does not count again": {
			[]meteo.Observation{rain(at(6*hour), 1, 6*hour), rain(at(0), 3, 12*hour)}, 1, 6 * hour,
		},
		"a value that failed does not count": {
			[]meteo.Observation{failed, rain(at(0), 1, hour)}, 1, hour,
		},
		"another source does not count": {
			[]meteo.Observation{other, rain(at(0), 1, hour)}, 1, hour,
		},
		"without an interval nothing is known": {
			[]meteo.Observation{rain(at(0), 1, 0)}, math.NaN(), 0,
		},
		"dry is known": {
			[]meteo.Observation{rain(at(0), 0, hour)}, 0, hour,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDatabase(t)
			d.insert(c.rows...)
			got, err := d.store.Latest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sum := got[0].Rain24
			if fmt.Sprint(sum.MM) != fmt.Sprint(c.mm) || sum.CoveredS != int64(c.covered/time.Second) {
				t.Errorf("got %v mm over %d s, want %v mm over %s", sum.MM, sum.CoveredS, c.mm, c.covered)
			}
		})
	}
}

func TestASeriesHasOneLinePerSourceInOrderOfTimeWithinItsBounds(t *testing.T) {
	d := newDatabase(t)
	station := meteo.Stations[0]
	from, to := noon.Add(-3*time.Hour), noon
	temperature := func(at time.Time, source string, kind meteo.Kind, celsius float64) meteo.Observation {
		o := observationAt(station, at, source)
		o.Kind, o.Values[meteo.Temperature], o.IntervalS = kind, celsius, 0
		if kind == meteo.Forecast {
			o.IssuedAt = from
		}
		return o
	}
	flagged := temperature(noon.Add(-time.Hour), "metar", meteo.Observed, 60)
	flagged.QC, flagged.Quality = []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "temperature_c", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}, meteo.Bad
	d.insert(
		temperature(from, "metar", meteo.Observed, 1), // the lower bound does not belong to it
		temperature(to, "metar", meteo.Observed, 25), flagged,
		temperature(noon.Add(-2*time.Hour), "metar", meteo.Observed, math.NaN()),
		temperature(to.Add(time.Second), "metar", meteo.Observed, 2),
		temperature(to, "open-meteo", meteo.Model, 26), temperature(to, "open-meteo", meteo.Forecast, 3),
		temperature(to, "bulletin", meteo.Observed, math.NaN()), // nothing known: no line
	)
	got, err := d.store.Series(t.Context(), SeriesQuery{StationID: "SN-DK", Variable: meteo.Temperature, From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		for j := range got[i].Points {
			if !meteo.Known(got[i].Points[j].Value) {
				got[i].Points[j].Value = -1 // NaN equals nothing
			}
		}
	}
	want := []Line{
		{Source: "metar", Kind: meteo.Observed, Points: []Point{
			{At: noon.Add(-2 * time.Hour), Value: -1},
			{At: noon.Add(-time.Hour), Value: 60, Failed: []meteo.Rule{"range", "step"}},
			{At: to, Value: 25},
		}},
		{Source: "open-meteo", Kind: meteo.Model, Points: []Point{{At: to, Value: 26}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestQueriesUseTheIndexOnTwoMonthsOfEveryStation(t *testing.T) {
	d := newDatabase(t)
	var all []meteo.Observation
	for _, station := range meteo.Stations {
		for i := range 60 * 144 {
			all = append(all, observationAt(station, noon.Add(-time.Duration(i)*10*time.Minute), "metar"))
		}
	}
	d.insert(all...)
	d.exec("ANALYZE meteo.observation")
	series := fmt.Sprintf(seriesQuery, meteo.Temperature)
	for name, q := range map[string]struct {
		text      string
		arguments []any
	}{
		"latest": {latestQuery, nil},
		"series": {series, []any{"SN-DK", noon.Add(-72 * time.Hour), noon}},
	} {
		rows, err := d.Query(t.Context(), "EXPLAIN (ANALYZE, BUFFERS) "+q.text, q.arguments...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if regexp.MustCompile(`Seq Scan on observation`).MatchString(plan) {
			t.Errorf("%s reads a whole month:\n%s", name, plan)
		}
		t.Logf("%s: %s", name, lines[len(lines)-1])
	}
	latest, err := d.store.Latest(t.Context())
	if err != nil || len(latest) != 14 {
		t.Fatalf("latest gives %d rows and %v", len(latest), err)
	}
	for _, row := range latest {
		if !row.ObservedAt.Equal(noon) || row.Rain24.CoveredS != 24*3600 {
			t.Errorf("%s is from %s, its rain covers %d s", row.StationID, row.ObservedAt, row.Rain24.CoveredS)
		}
	}
}

func TestTheStoreCanNotWrite(t *testing.T) {
	d := newDatabase(t)
	if _, err := d.store.pool.Exec(t.Context(), "DELETE FROM meteo.station"); err == nil {
		t.Error("the page's connection may write")
	}
}

func TestNoErrorOfPostgresHoldsThePassword(t *testing.T) {
	for _, url := range []string{"postgres://meteo:hunter2@[::1", "postgres://meteo:hunter2@host:port/db", "host=x password=hunter2 port=y"} {
		if store, err := NewPostgres(url); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, %v", store, err)
		}
	}
	store := openStore(t, "postgres://meteo:hunter2@127.0.0.1:1/db?sslmode=disable")
	if _, err := store.Latest(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an unreachable server gives: %v", err)
	}
}
