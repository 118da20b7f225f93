package pg_test

import (
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// monthly makes an observation of the middle of each month, from January 2024 on.
func monthly(months int) []meteo.Observation {
	var all []meteo.Observation
	for n := range months {
		o := flowtest.Observation(0, n, 1)
		o.ObservedAt = time.Date(2024, time.Month(1+n), 15, 12, 0, 0, 0, time.UTC)
		o.FetchedAt = o.ObservedAt
		o.ID = o.Identity.ID()
		all = append(all, o)
	}
	return all
}

func TestPruningDropsTheMonthsThatHaveEnded(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	s := db.open(t, flow.StoreConfig{})
	store := func(start int64, all ...meteo.Observation) {
		t.Helper()
		if _, err := s.Acquire(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if out, err := s.Commit(t.Context(), flowtest.Batch(0, start, all...)); err != nil || out.Written != int64(len(all)) {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	store(0, monthly(4)...)
	detach := "ALTER TABLE meteo.observation_data DETACH PARTITION meteo.observation_2024_02" // it is somebody's now
	if _, err := connect(t, db.url).Exec(t.Context(), detach); err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, day int) time.Time { return time.Date(2024, month, day, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		before time.Time
		months []string
	}{
		{day(1, 31), nil},
		{day(3, 1), []string{"2024-01"}},
		{day(3, 1), nil}, // again
		{day(4, 30), []string{"2024-03"}},
	} {
		done, err := s.Prune(t.Context(), c.before)
		if err != nil || !slices.Equal(done.Months, c.months) || done.Observations != int64(len(c.months)) {
			t.Errorf("before %s: %+v, %v; want %v", c.before, done, err, c.months)
		}
	}
	left := 0
	err := s.Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { left++; return nil })
	if err != nil || left != 1 {
		t.Errorf("%d observations are left, %v; want that of April", left, err)
	}
	store(5, monthly(1)...) // what is fetched again is stored again, by a worker that knew the month
}

func TestPruningWaitsForReadersAndGivesUp(t *testing.T) {
	t.Parallel()
	db := database{url: withParameter(t, fresh(t).url, "lock_timeout", "100")}
	s := db.open(t, flow.StoreConfig{})
	if _, err := s.Acquire(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), flowtest.Batch(0, 0, monthly(1)...)); err != nil {
		t.Fatal(err)
	}
	reader := connect(t, db.url)
	if _, err := reader.Exec(t.Context(), "BEGIN; SELECT count(*) FROM meteo.observation"); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Prune(t.Context(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)); flow.ClassOf(err) != flow.TryLater || len(done.Months) > 0 {
		t.Errorf("while somebody reads: %+v, %v (%s)", done, err, flow.ClassOf(err))
	}
	if _, err := reader.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Prune(t.Context(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil || len(done.Months) != 1 {
		t.Errorf("after that: %+v, %v", done, err)
	}
}
