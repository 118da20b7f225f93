package pg_test

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
	"senmeteo/jobs/sink/pg"
)

var noon = time.Date(2026, time.August, 14, 12, 3, 0, 0, time.UTC)

// observationAt is an observation with all values.
func observationAt(station meteo.Station, t time.Time, source string) meteo.Observation {
	reading := meteo.NewReading(station, t, source, meteo.Observed)
	reading.FetchedAt, reading.IntervalS = t, 600
	for v := range reading.Values {
		reading.Values[v] = float64(v) + 0.5
	}
	return meteo.Observation{Reading: reading, ID: reading.ID(), Revision: 1, Quality: meteo.Good}
}

// loaded is a database with these observations, and a store that only asks it.
func loaded(t testing.TB, observations ...meteo.Observation) (database, *pg.Store) {
	t.Helper()
	db := fresh(t)
	if out, err := db.Open(t).Commit(t.Context(), flowtest.Batch(0, 0, observations...)); err != nil || out.Written != int64(len(observations)) {
		t.Fatalf("storing %d observations: %+v, %v", len(observations), out, err)
	}
	return db, db.readOnly(t)
}

// rain is an observation of Dakar of nothing but rain.
func rain(at time.Time, mm float64, interval time.Duration) meteo.Observation {
	o := observationAt(meteo.Stations[0], at, "metar")
	o.Values = meteo.NoValues()
	o.Values[meteo.Rain], o.IntervalS = mm, int64(interval/time.Second)
	return o
}

func TestTheNewestObservationComesBackAsItWasStored(t *testing.T) {
	want := observationAt(meteo.Stations[3], noon, "metar")
	want.Revision, want.Quality = 3, meteo.Suspect
	want.QC = []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "temperature_c", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	want.Original = &before
	want.ProviderID = "61641"
	want.ElevationM, want.Values[meteo.Visibility] = math.NaN(), math.NaN()

	older := observationAt(meteo.Stations[3], noon.Add(-time.Hour), "metar")
	forecast := observationAt(meteo.Stations[3], noon.Add(time.Hour), "open-meteo")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon
	_, store := loaded(t, older, want, forecast)
	got, err := store.Latest(t.Context())
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
			_, store := loaded(t, c.rows...)
			got, err := store.Latest(t.Context())
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
	station := meteo.Stations[0]
	from, to := noon.Add(-3*time.Hour), noon
	temperature := func(at time.Time, source string, kind meteo.Kind, celsius float64) meteo.Observation {
		o := observationAt(station, at, source)
		o.Kind, o.Values[meteo.Temperature], o.IntervalS = kind, celsius, 0
		if kind == meteo.Forecast {
			o.IssuedAt = from
		}
		o.ID = o.Identity.ID()
		return o
	}
	flagged := temperature(noon.Add(-time.Hour), "metar", meteo.Observed, 60)
	flagged.QC, flagged.Quality = []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "temperature_c", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}, meteo.Bad
	_, store := loaded(
		t,
		temperature(from, "metar", meteo.Observed, 1), // the lower bound does not belong to it
		temperature(to, "metar", meteo.Observed, 25), flagged,
		temperature(noon.Add(-2*time.Hour), "metar", meteo.Observed, math.NaN()),
		temperature(to.Add(time.Second), "metar", meteo.Observed, 2),
		temperature(to, "open-meteo", meteo.Model, 26), temperature(to, "open-meteo", meteo.Forecast, 3),
		temperature(to, "bulletin", meteo.Observed, math.NaN()), // nothing known: no line
	)
	got, err := store.Series(t.Context(), query.SeriesQuery{StationID: "SN-DK", Variable: meteo.Temperature, From: from, To: to})
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
	want := []query.Line{
		{Source: "metar", Kind: meteo.Observed, Points: []query.Point{
			{At: noon.Add(-2 * time.Hour), Value: -1},
			{At: noon.Add(-time.Hour), Value: 60, Failed: []meteo.Rule{"range", "step"}},
			{At: to, Value: 25},
		}},
		{Source: "open-meteo", Kind: meteo.Model, Points: []query.Point{{At: to, Value: 26}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestQuestionsUseTheKeyOnTwoMonthsOfEveryStation(t *testing.T) {
	db := fresh(t)
	store := db.open(t, flow.StoreConfig{})
	execute(t, db.url, `SELECT meteo.ensure_month(month) FROM generate_series('2026-06-01'::timestamptz, '2026-08-01', '1 month') month;
		INSERT INTO meteo.series (station_id, source, kind, issued_at) SELECT station_id, 'metar', 'observed', '-infinity' FROM meteo.station;
		INSERT INTO meteo.place (region, latitude, longitude, elevation_m, provider_id) VALUES ('Dakar', 'NaN', 'NaN', 'NaN', '');
		INSERT INTO meteo.observation_data (series_id, place_id, observed_at, id, revision, fetched_at, rain_mm, interval_s)
		SELECT series_id, place_id, at, md5(station_id || at)::uuid, 1, at, 0.5, 600
		FROM meteo.series, meteo.place, generate_series('2026-08-14 12:03Z'::timestamptz - interval '60 days', '2026-08-14 12:03Z', '10 minutes') at;
		ANALYZE meteo.observation_data, meteo.series, meteo.place`)
	for name, q := range map[string]struct {
		text      string
		arguments []any
	}{
		"latest": {pg.LatestQuery, nil},
		"series": {fmt.Sprintf(pg.SeriesQuery, meteo.Temperature), []any{"SN-DK", noon.Add(-72 * time.Hour), noon}},
	} {
		rows, err := connect(t, db.url).Query(t.Context(), "EXPLAIN (ANALYZE, BUFFERS) "+q.text, q.arguments...)
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
	latest, err := store.Latest(t.Context())
	if err != nil || len(latest) != 14 {
		t.Fatalf("latest gives %d rows and %v", len(latest), err)
	}
	for _, row := range latest {
		if !row.ObservedAt.Equal(noon) || row.Rain24.CoveredS != 24*3600 {
			t.Errorf("%s is from %s, its rain covers %d s", row.StationID, row.ObservedAt, row.Rain24.CoveredS)
		}
	}
}
