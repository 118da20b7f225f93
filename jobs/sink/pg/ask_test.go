package pg_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
	"senmeteo/jobs/sink/pg"
)

// questions are all that a store can be asked, each with the number of its answers.
func questions(s *pg.Store) map[string]func(context.Context) (int, error) {
	return map[string]func(context.Context) (int, error){
		"Progress": func(ctx context.Context) (int, error) {
			all, err := s.Progress(ctx)
			return len(all), err
		},
		"Revisions": func(ctx context.Context) (n int, err error) {
			return n, s.Revisions(ctx, flow.Selection{}, func(flow.Revision) error { n++; return nil })
		},
		"Sums": func(ctx context.Context) (n int, err error) {
			return n, s.Sums(ctx, flow.Selection{}, func(flow.DaySum) error { n++; return nil })
		},
		"Refused": func(ctx context.Context) (n int, err error) {
			return n, s.Refused(ctx, func(flow.Refused) error { n++; return nil })
		},
		"Latest": func(ctx context.Context) (int, error) {
			all, err := s.Latest(ctx)
			return len(all), err
		},
		"Series": func(ctx context.Context) (int, error) {
			all, err := s.Series(ctx, query.SeriesQuery{StationID: "SN-DK", To: noon})
			return len(all), err
		},
		"Measured": func(ctx context.Context) (n int, err error) {
			return n, s.Measured(ctx, noon.AddDate(10, 0, 0), nil, func(*meteo.Observation) error { n++; return nil })
		},
		"Forecasts": func(ctx context.Context) (n int, err error) {
			return n, s.Forecasts(ctx, "forecast-daily", time.Time{}, noon.AddDate(10, 0, 0), func(*meteo.Observation) error { n++; return nil })
		},
		"Flags": func(ctx context.Context) (int, error) {
			all, err := s.Flags(ctx, time.Time{}, noon)
			return len(all), err
		},
		"Quality": func(ctx context.Context) (int, error) {
			all, err := s.Quality(ctx, time.Time{}, noon)
			return len(all), err
		},
	}
}

func TestADatabaseWithoutTablesHasNothingStored(t *testing.T) {
	db := fresh(t)
	for name, ask := range questions(db.readOnly(t)) {
		n, err := ask(t.Context())
		var want error
		if name == "Latest" || name == "Series" {
			want = query.ErrEmpty
		}
		if n != 0 || !errors.Is(err, want) {
			t.Errorf("%s: %d answers and %v, want none and %v", name, n, err, want)
		}
	}
	if n := value[int](t, db.url, `SELECT count(*) FROM pg_namespace WHERE nspname = 'meteo'`); n != 0 {
		t.Error("asking has created the schema")
	}
}

// A server that is down is found by the first question, and a page that asks again later gets its answer.
func TestAStoreThatIsOnlyAskedNeedsNoServerToOpen(t *testing.T) {
	const password = "s3cr3t-of-the-test"
	store := database{url: "postgres://meteo:" + password + "@127.0.0.1:1/meteo"}.readOnly(t)
	for name, ask := range questions(store) {
		_, err := ask(t.Context())
		if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "--pg-url") {
			t.Errorf("%s: %v (%s)", name, err, flow.ClassOf(err))
		}
		if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error shows the password or has several lines: %v", name, err)
		}
	}
}

func TestAStoreThatIsOnlyAskedCanNotWrite(t *testing.T) {
	db, store := loaded(t, observationAt(meteo.Stations[0], noon, "metar"))
	if _, err := store.Commit(t.Context(), flowtest.Batch(0, 2, observationAt(meteo.Stations[0], noon.AddDate(0, 2, 0), "metar"))); err == nil {
		t.Error("it has committed a batch")
	}
	if got := value[string](t, db.url, `SELECT concat_ws(' ', count(*), to_regclass('meteo.observation_2026_10')) FROM meteo.observation`); got != "1" {
		t.Errorf("rows and the new month are %s, want one row alone", got)
	}
}

func TestASchemaOfAnOlderVersionNamesTheJobThatUpdatesIt(t *testing.T) {
	db, store := loaded(t, observationAt(meteo.Stations[0], noon, "metar"))
	execute(t, db.url, `DROP VIEW meteo.observation CASCADE; CREATE VIEW meteo.observation AS SELECT station_id, observed_at FROM meteo.observation_data JOIN meteo.series USING (series_id)`)
	_, err := store.Series(t.Context(), query.SeriesQuery{StationID: "SN-DK", Variable: meteo.Visibility, To: noon})
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "to-pg") {
		t.Errorf("got %v (%s)", err, flow.ClassOf(err))
	}
}

// PostgreSQL's own limit on a statement is for writers. A question has the time that its context has.
func TestAQuestionTakesTheTimeThatItsContextHas(t *testing.T) {
	db, _ := loaded(t, observationAt(meteo.Stations[0], noon, "metar"))
	store := database{url: withParameter(t, db.url, "statement_timeout", "50")}.readOnly(t)
	slow := func(seconds float64) {
		execute(t, db.url, fmt.Sprintf(`CREATE OR REPLACE VIEW meteo.latest AS SELECT o.* FROM meteo.observation o, pg_sleep(%v)`, seconds))
	}
	slow(0.3)
	if all, err := store.Latest(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("without a deadline: %d answers, %v", len(all), err)
	}
	slow(60)
	for name, c := range map[string]struct {
		end  func(context.Context) (context.Context, context.CancelFunc)
		want flow.Class
	}{
		"the time is over": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}, flow.Unavailable},
		"whoever asked has left": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(200*time.Millisecond, cancel)
			return ctx, cancel
		}, flow.Interrupted},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := c.end(t.Context())
			defer cancel()
			began := time.Now()
			_, err := store.Latest(ctx)
			if flow.ClassOf(err) != c.want || time.Since(began) > 20*time.Second {
				t.Errorf("after %s: %v (%s), want %s", time.Since(began), err, flow.ClassOf(err), c.want)
			}
			const busy = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%meteo.latest%' AND pid <> pg_backend_pid()`
			for n := value[int](t, db.url, busy); n > 0; n = value[int](t, db.url, busy) {
				if time.Since(began) > 20*time.Second {
					t.Fatal("PostgreSQL still works on the question")
				}
			}
		})
	}
}

func TestAQuestionToALockedTableMayBeAskedAgainLater(t *testing.T) {
	db, _ := loaded(t, observationAt(meteo.Stations[0], noon, "metar"))
	store := database{url: withParameter(t, db.url, "lock_timeout", "50")}.readOnly(t)
	tx, err := connect(t, db.url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE meteo.observation`); err != nil {
		t.Fatal(err)
	}
	var failure *flow.Failure
	if _, err := store.Latest(t.Context()); !errors.As(err, &failure) || failure.Class != flow.TryLater {
		t.Errorf("got %v (%s)", err, flow.ClassOf(err))
	}
}

func TestSumsAreThoseOfTheRevisionsAtTheLimitsOfTimes(t *testing.T) {
	var all []meteo.Observation
	for _, at := range []time.Time{
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1899, 3, 1, 0, 0, 0, 1000, time.UTC), time.Date(1899, 2, 28, 23, 59, 59, 999_999_000, time.UTC),
		noon.Truncate(24 * time.Hour), noon.Truncate(24 * time.Hour).Add(-time.Microsecond),
	} {
		for n, fetched := range []time.Duration{0, time.Microsecond, 999 * time.Microsecond, time.Millisecond - time.Nanosecond, time.Millisecond} {
			o := observationAt(meteo.Stations[n%2], at, fmt.Sprint("source-", n))
			o.FetchedAt, o.Revision = at.Add(fetched), math.MaxInt64-int64(n)
			all = append(all, o)
		}
	}
	_, store := loaded(t, all...)
	summer := flow.NewSummer()
	for i := range all {
		summer.Add(flow.RevisionOf(&all[i]))
	}
	var got, want []string
	text := func(into *[]string) func(flow.DaySum) error {
		return func(s flow.DaySum) error {
			*into = append(*into, fmt.Sprintln(s.StationID, s.Day.Format(time.RFC3339), s.IDs, s.Rows, s.Hash, s.RowsHash, s.Numbers, s.FetchedMs))
			return nil
		}
	}
	_ = summer.Each(text(&want))
	if err := store.Sums(t.Context(), flow.Selection{}, text(&got)); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) != 12 || !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatPostgreSQLRefusedIsListedWithItsOrigin(t *testing.T) {
	db := fresh(t)
	b := refusing()
	if _, err := db.Open(t).Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	var got []flow.Refused
	if err := db.readOnly(t).Refused(t.Context(), func(r flow.Refused) error { got = append(got, r); return nil }); err != nil {
		t.Fatal(err)
	}
	r := &b.Records[1]
	if want := (flow.Refused{Partition: r.Partition, Offset: r.Offset, Sum: sha256.Sum256(r.Value)}); !slices.Equal(got, []flow.Refused{want}) {
		t.Errorf("got %v, want %v alone", got, want)
	}
}

// The store of an earlier topic of the same name is told by its id, and not refused: whoever asks decides.
func TestProgressNamesTheTopicThatThePartitionWasStoredFrom(t *testing.T) {
	db, _ := loaded(t, observationAt(meteo.Stations[0], noon, "metar"))
	recreated := topic
	recreated.ID = "topic-2"
	progress, err := db.open(t, flow.StoreConfig{Topic: recreated, ReadOnly: true}).Progress(t.Context())
	if err != nil || len(progress) != 1 || progress[0].TopicID != topic.ID || progress[0].Next != 2 {
		t.Errorf("got %v, %v; want that of %s up to offset 2", progress, err, topic.ID)
	}
}

func TestTheQualityOfADayIsCountedByRegionAndRule(t *testing.T) {
	good, suspect, bad := observationAt(meteo.Stations[0], noon, "metar"), observationAt(meteo.Stations[0], noon.Add(-time.Hour), "metar"), observationAt(meteo.Stations[1], noon, "metar")
	suspect.Quality, suspect.QC = meteo.Suspect, []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "humidity_pct", Rule: "step"}}
	before := meteo.NoValues()
	before[meteo.Humidity] = 101
	suspect.Original = &before
	bad.Quality, bad.QC = meteo.Bad, []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}}
	forecast, late := observationAt(meteo.Stations[2], noon, "metar"), observationAt(meteo.Stations[2], noon.Add(24*time.Hour), "metar")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon.Add(-time.Hour)
	forecast.ID = forecast.Identity.ID()
	worse := observationAt(meteo.Stations[1], noon.Add(time.Hour), "metar")
	worse.Quality, worse.QC = bad.Quality, bad.QC
	_, store := loaded(t, good, suspect, bad, worse, forecast, late)
	got, err := store.Quality(t.Context(), noon.Add(-time.Hour), noon.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := []query.Quality{
		{Region: "Dakar", Observations: 2, Good: 1, Suspect: 1, Corrected: 1, Failed: map[string]int64{"humidity_pct.range": 1, "humidity_pct.step": 1}},
		{Region: "Thiès", Observations: 2, Bad: 2, Failed: map[string]int64{"humidity_pct.range": 2}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	flags, err := store.Flags(t.Context(), noon.Add(-time.Hour), noon.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	wanted := []query.Flag{
		{StationID: "SN-DK", Variable: "humidity_pct", Rule: "range", Observations: 1},
		{StationID: "SN-DK", Variable: "humidity_pct", Rule: "step", Observations: 1},
		{StationID: "SN-TH", Variable: "humidity_pct", Rule: "range", Observations: 2},
	}
	if !slices.Equal(flags, wanted) {
		t.Errorf("got  %+v\nwant %+v", flags, wanted)
	}
}

// PostgreSQL fixes the columns of a view when it is created: a migration that adds one has to recreate the view.
func TestTheViewOfTheLatestHasEveryColumn(t *testing.T) {
	db := fresh(t)
	db.Open(t)
	const missing = `SELECT coalesce(string_agg(column_name, ' '), '') FROM information_schema.columns o
		WHERE table_schema = 'meteo' AND table_name = 'observation' AND NOT EXISTS (
			SELECT FROM information_schema.columns l WHERE l.table_schema = 'meteo' AND l.table_name = 'latest' AND l.column_name = o.column_name)`
	if got := value[string](t, db.url, missing); got != "" {
		t.Errorf("meteo.latest lacks the columns %s", got)
	}
}
