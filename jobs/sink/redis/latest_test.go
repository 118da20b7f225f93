package redis_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// of is an observation of a station's n-th minute, from a source.
func of(partition int32, n int, source string, kind meteo.Kind) meteo.Observation {
	o := flowtest.Observation(partition, n, 1)
	o.Source, o.Kind = source, kind
	if kind == meteo.Forecast {
		o.IssuedAt = o.ObservedAt.Add(-time.Hour)
	}
	o.ID = o.Identity.ID()
	return o
}

func TestTheLatestOfAStationIsThatOfItsSourceWithTheNewestOne(t *testing.T) {
	k := fresh(t)
	s := opened(t, k.config())
	if _, err := s.Latest(t.Context()); !errors.Is(err, query.ErrEmpty) {
		t.Errorf("of an empty Redis the latest are %v, want ErrEmpty", err)
	}
	acquire(t, s, 0, -1)
	commit(t, s, &flow.Batch{Start: 0, End: 5}, flow.Outcome{})
	if latest, err := s.Latest(t.Context()); err != nil || len(latest) > 0 {
		t.Errorf("after records that gave nothing: %v, %v", latest, err)
	}
	day := of(0, 99, "climate", meteo.Observed)
	day.Values, day.IntervalS = meteo.NoValues(), 86400
	day.Values[meteo.TemperatureMax] = 31
	same := of(0, 9, "later-fetch", meteo.Model)
	same.Quantiles = meteo.Quantiles{{Variable: meteo.Temperature, Values: [...]float64{20, 21, 22, 23, 24, 25, 26}}, {Variable: meteo.Humidity}}
	same.FetchedAt = same.FetchedAt.Add(time.Minute)
	corrected := same
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	corrected.Original, corrected.Quality, corrected.QC = &before, meteo.Suspect, []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "humidity_pct", Rule: "step"}}
	other := flowtest.Observation(1, 4, 1)
	b := flowtest.Batch(0, 5, of(0, 50, "sky", meteo.Forecast), day, corrected, of(0, 9, "metar", meteo.Observed), of(0, 3, "ogimet", meteo.Observed), other)
	commit(t, s, b, flow.Outcome{Written: 6})
	latest, err := s.Latest(t.Context())
	if err != nil || len(latest) != 2 {
		t.Fatalf("%d latest, %v; want one of each station", len(latest), err)
	}
	slices.SortFunc(latest, func(a, b query.Latest) int { return b.ObservedAt.Compare(a.ObservedAt) })
	for i, want := range []*meteo.Observation{&corrected, &other} {
		if got := flowtest.RowOf(&latest[i].Observation); got != flowtest.RowOf(want) {
			t.Errorf("the latest is\n%s, want\n%s", got, flowtest.RowOf(want))
		}
		if r := latest[i].Rain24; meteo.Known(r.MM) || r.CoveredS != 0 {
			t.Errorf("the rain of 24 hours is %v, and Redis knows none", r)
		}
	}
}

func TestWhatIsNotOursInAHashIsNamed(t *testing.T) {
	k := fresh(t)
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	commit(t, s, batch(0, 0, 0), flow.Outcome{Written: 1})
	name := k.prefix + ":latest:SN-DK:generate:observed"
	for field, text := range map[string]string{"temperature_c": "warm", "id": "1", "observed_at": "today", "qc": "[", "revision": "x", "original": "{", "quantiles": `{"rain_mm":[1]}`} {
		before, missing := k.client.HGet(t.Context(), name, field).Result()
		k.client.HSet(t.Context(), name, field, text)
		if _, err := s.Latest(t.Context()); err == nil {
			t.Errorf("%s is %q, and nobody says so", field, text)
		}
		if k.client.HDel(t.Context(), name, field); missing == nil {
			k.client.HSet(t.Context(), name, field, before)
		}
	}
	if _, err := s.Latest(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.client.HDel(t.Context(), name, "fetched_at")
	if _, err := s.Latest(t.Context()); err == nil {
		t.Error("a hash without fetched_at is taken for an observation")
	}
}

func TestChangesAreToldToThoseWhoFollow(t *testing.T) {
	k := fresh(t)
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	commit(t, s, batch(0, 0, 0), flow.Outcome{Written: 1}) // before, which does not count
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	changed, ended := make(chan struct{}, 10), make(chan error)
	go func() { ended <- s.Changes(ctx, func() { changed <- struct{}{} }) }()
	start := int64(2)
	for n := 1; len(changed) == 0; n++ { // until it has begun to follow
		commit(t, s, batch(0, start, n), flow.Outcome{Written: 1})
		start += 2
		time.Sleep(10 * time.Millisecond)
	}
	<-changed
	for range len(changed) {
		<-changed
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if err := opened(t, flow.StoreConfig{Settings: flow.Settings{"redis": "127.0.0.1:1"}, Prefix: "meteo"}).Changes(t.Context(), func() {}); flow.ClassOf(err) != flow.Unavailable {
		t.Errorf("following a Redis that does not run: %v", err)
	}
}
