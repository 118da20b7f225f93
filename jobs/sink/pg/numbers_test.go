package pg_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// seriesOfStation is an observation of a series that no other station has.
func seriesOfStation(id string) meteo.Observation {
	o := flowtest.Observation(1, 1, 1)
	o.StationID = id
	o.ID = o.Identity.ID()
	return o
}

// A trigger of somebody else may leave out what is inserted.
func TestARowWithoutItsSeriesIsNotLost(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	execute(t, db.url, `CREATE FUNCTION public.leave_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE TRIGGER leave_out BEFORE INSERT ON meteo.series FOR EACH ROW WHEN (NEW.station_id = 'SN-ZZ') EXECUTE FUNCTION public.leave_out()`)
	b := flowtest.Batch(1, 0, seriesOfStation("SN-DK"), seriesOfStation("SN-ZZ"))
	if out, err := sink.Commit(t.Context(), b); !errors.Is(err, flow.ErrRestart) || !strings.Contains(err.Error(), "meteo.series") {
		t.Errorf("got %+v, %v; want %v", out, err, flow.ErrRestart)
	}
	if n := value[int](t, db.url, `SELECT (SELECT count(*) FROM meteo.observation) + (SELECT count(*) FROM meteo.sink_offset)`); n != 0 {
		t.Errorf("%d rows are committed", n)
	}
	execute(t, db.url, `DROP TRIGGER leave_out ON meteo.series`)
	if out, err := sink.Commit(t.Context(), b); err != nil || out.Written != 2 {
		t.Errorf("then %+v, %v; want 2 written", out, err)
	}
}

// A standby that took over may lack the newest numbers. The pool replaces an idle connection that is dead without an error.
func TestWhatAnotherServerMayLackIsForgottenWithItsConnection(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	one, two := flowtest.Batch(1, 0, seriesOfStation("SN-ZZ")), flowtest.Batch(2, 0, seriesOfStation("SN-ZZ"))
	two.Observations[0].FetchedAt = two.Observations[0].FetchedAt.Add(time.Hour)
	if out, err := sink.Commit(t.Context(), one); err != nil || out.Written != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	execute(t, db.url, `TRUNCATE meteo.observation_data, meteo.series, meteo.place;
		DELETE FROM meteo.station WHERE station_id = 'SN-ZZ';
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'senmeteo-to-pg' AND datname = current_database()`)
	time.Sleep(1100 * time.Millisecond) // the pool tries a connection that was idle for a second before it gives it away
	if out, err := sink.Commit(t.Context(), two); err != nil || out.Written != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	const found = `SELECT concat_ws(' ', count(*), max(o.station_id), max(o.region), max(s.station_id)) FROM meteo.observation o LEFT JOIN meteo.station s USING (station_id)`
	if got := value[string](t, db.url, found); got != "1 SN-ZZ Thiès SN-ZZ" {
		t.Errorf("the row is %q, want one of SN-ZZ in Thiès, which meteo.station has", got)
	}
}

// 2,147,483,647 series are many, but a number that is assigned to nothing is lost.
func TestNumbersAreAssignedToNewEntriesOnly(t *testing.T) {
	db := fresh(t)
	if _, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, seriesOfStation("SN-DK"), seriesOfStation("SN-TH"))); err != nil {
		t.Fatal(err)
	}
	b := flowtest.Batch(2, 0, seriesOfStation("SN-DK"), seriesOfStation("SN-TH"), seriesOfStation("SN-ZG"))
	if _, err := db.Open(t).Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, db.url, `SELECT last_value FROM meteo.series_series_id_seq`); got != 3 {
		t.Errorf("the third series has got the number %d", got)
	}
}

func TestRowsAreNotRejectedWhenNumbersAreUsedUp(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	execute(t, db.url, `ALTER TABLE meteo.series ALTER series_id SET MAXVALUE 2`)
	out, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, seriesOfStation("SN-DK"), seriesOfStation("SN-TH"), seriesOfStation("SN-ZZ")))
	if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "series_series_id_seq") {
		t.Errorf("got %+v, %v (%s)", out, err, flow.ClassOf(err))
	}
	if n := value[int](t, db.url, `SELECT (SELECT count(*) FROM meteo.rejected) + (SELECT count(*) FROM meteo.sink_offset)`); n != 0 {
		t.Errorf("%d rows are committed", n)
	}
}
