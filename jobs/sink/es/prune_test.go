package es_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
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

func TestPruningDeletesTheMonthsThatHaveEnded(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	gate := gates.NewHTTP(t, x.url)
	s := opened(t, es.Config{URL: gate.URL, Prefix: x.prefix, Topic: topic, Patience: 20 * time.Second})
	acquire(t, s, -1)
	commit(t, s, flowtest.Batch(0, 0, monthly(4)...), flow.Outcome{Written: 4})
	x.call(t, http.MethodPost, "/"+x.prefix+"-clean-*/_refresh", "")
	x.call(t, http.MethodPost, "/"+x.prefix+"-clean-of-somebody/_doc/1?refresh=true", `{}`)
	day := func(month time.Month, day int) time.Time { return time.Date(2024, month, day, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		before time.Time
		months []string
	}{
		{day(1, 31), nil},
		{day(3, 1), []string{"2024-01", "2024-02"}},
		{day(3, 1), nil}, // again
		{day(4, 30), []string{"2024-03"}},
	} {
		gate.Once(func(r gates.Passing) bool { return r.Method == http.MethodDelete }, gates.NoAnswer) // it is retried, and finds nothing
		done, err := s.Prune(t.Context(), c.before)
		if err != nil || !slices.Equal(done.Months, c.months) || done.Observations != int64(len(c.months)) {
			t.Errorf("before %s: %+v, %v; want %v", c.before, done, err, c.months)
		}
	}
	left := 0
	err := s.Revisions(t.Context(), flow.Selection{From: day(1, 1)}, func(flow.Revision) error { left++; return nil })
	if err != nil || left != 1 {
		t.Errorf("%d observations are left, %v; want that of April", left, err)
	}
	if n := x.call(t, http.MethodGet, "/"+x.prefix+"-clean-of-somebody/_count", "")["count"]; n != 1.0 {
		t.Errorf("an index of somebody else has %v documents, want 1", n)
	}
	commit(t, s, flowtest.Batch(0, 5, monthly(1)...), flow.Outcome{Written: 1}) // what is fetched again is stored again
}
