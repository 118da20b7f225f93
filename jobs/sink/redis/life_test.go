package redis_test

import (
	"strings"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/redis"
)

// observedAgo is an observation of some time ago, in a revision.
func observedAgo(ago time.Duration, revision int64) meteo.Observation {
	o := flowtest.Observation(0, 0, revision)
	o.ObservedAt = time.Now().Add(-ago).UTC().Truncate(time.Millisecond)
	o.FetchedAt = o.ObservedAt.Add(time.Duration(revision) * time.Minute)
	o.ID = o.Identity.ID()
	return o
}

func TestAnObservationExpiresByWhenItWasObserved(t *testing.T) {
	k := fresh(t)
	k.life = "10h"
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	o := observedAgo(9*time.Hour, 1)
	commit(t, s, flowtest.Batch(0, 0, o), flow.Outcome{Written: 1})
	name := k.prefix + ":latest:SN-DK:generate:observed"
	at, err := k.client.PExpireTime(t.Context(), name).Result()
	if want := o.ObservedAt.Add(10 * time.Hour).UnixMilli(); err != nil || at.Milliseconds() != want {
		t.Errorf("%s expires at %d, %v; want %d", name, at.Milliseconds(), err, want)
	}
	for _, other := range []string{":latest", ":stations", ":changes", ":offsets:" + topic.Name} {
		if left, err := k.client.TTL(t.Context(), k.prefix+other).Result(); err != nil || left != -1 {
			t.Errorf("%s expires in %v, %v; -1 is never", other, left, err)
		}
	}
}

func TestWhatHasExpiredIsNotReplacedByWhatIsOlder(t *testing.T) {
	k := fresh(t)
	k.life = "10h"
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	newer, older := observedAgo(10*time.Hour-5*time.Second, 1), observedAgo(11*time.Hour, 5)
	commit(t, s, flowtest.Batch(0, 0, newer), flow.Outcome{Written: 1})
	if n := len(k.Stored(t).Rows); n != 1 {
		t.Fatalf("%d observations, want one that expires in some seconds", n)
	}
	for deadline := time.Now().Add(time.Minute); len(k.Stored(t).Rows) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not expire")
		}
	}
	commit(t, s, flowtest.Batch(0, 2, older), flow.Outcome{Duplicates: 1})
	if got := k.Stored(t); len(got.Rows) > 0 || got.Next[0] != 4 {
		t.Errorf("the store holds %v up to %v", got.Rows, got.Next)
	}
	if members, err := k.client.ZRange(t.Context(), k.prefix+":latest", 0, -1).Result(); err != nil || len(members) > 0 {
		t.Errorf("the sorted set still has %v, %v", members, err)
	}
	calls := 0
	if err := s.Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { calls++; return nil }); err != nil || calls > 0 {
		t.Errorf("%d revisions, %v", calls, err)
	}
}

func TestAStoreSaysSinceWhenItKeepsObservations(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for life, want := range map[string]time.Time{"0": {}, "": {}, "36h": now.Add(-36 * time.Hour)} {
		s := opened(t, flow.StoreConfig{Settings: flow.Settings{"redis": "127.0.0.1:1", "redis-ttl": life}, Topic: topic, Prefix: "meteo", ReadOnly: true})
		if got := s.KeepsFrom(now); !got.Equal(want) {
			t.Errorf("with --redis-ttl %q: %v, want %v", life, got, want)
		}
	}
	kind := redis.Kind()
	for _, o := range kind.Options {
		if o.Name == "redis-ttl" && o.Default != "168h" {
			t.Errorf("the default is %s, and docs/redis.md says a week", o.Default)
		}
	}
}

// What readers find beside the hashes: docs/redis.md.
func TestReadersFindStationsChangesAndTheOrderOfTime(t *testing.T) {
	k := fresh(t)
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	acquire(t, s, 1, -1)
	polar := flowtest.Observation(0, 3, 1)
	polar.StationID, polar.Latitude = "SN-DK-77", 89 // Redis has no place for it
	polar.ID = polar.Identity.ID()
	commit(t, s, flowtest.Batch(0, 0, flowtest.Observation(0, 1, 1), flowtest.Observation(0, 2, 1), polar), flow.Outcome{Written: 2, Duplicates: 1})
	commit(t, s, batch(1, 0, 9), flow.Outcome{Written: 1})
	commit(t, s, flowtest.Batch(0, 4, flowtest.Observation(0, 2, 2)), flow.Outcome{Written: 1})
	commit(t, s, flowtest.Batch(0, 6, flowtest.Observation(0, 2, 1)), flow.Outcome{Duplicates: 1}) // older: no change

	o := flowtest.Observation(0, 0, 1)
	near, err := k.client.GeoSearch(t.Context(), k.prefix+":stations", &client.GeoSearchQuery{Longitude: o.Longitude, Latitude: o.Latitude, Radius: 1, RadiusUnit: "km"}).Result()
	if err != nil || len(near) != 1 || near[0] != o.StationID {
		t.Errorf("near %s are %v, %v", o.StationID, near, err)
	}
	members, err := k.client.ZRange(t.Context(), k.prefix+":stations", 0, -1).Result()
	if err != nil || len(members) != 2 || strings.Contains(strings.Join(members, " "), "77") {
		t.Errorf("the stations are %v, %v; want those of the partitions 0 and 1", members, err)
	}
	byTime, err := k.client.ZRange(t.Context(), k.prefix+":latest", 0, -1).Result()
	want := []string{"SN-DK:generate:observed", "SN-DK-77:generate:observed", flowtest.Observation(1, 0, 1).StationID + ":generate:observed"}
	if err != nil || strings.Join(byTime, " ") != strings.Join(want, " ") {
		t.Errorf("by time there are %v, %v; want %v", byTime, err, want)
	}
	entries, err := k.client.XRange(t.Context(), k.prefix+":changes", "-", "+").Result()
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d changes, %v; want 4", len(entries), err)
	}
	last, now := entries[3].Values, flowtest.Observation(0, 2, 2)
	if last["station_id"] != "SN-DK" || last["source"] != "generate" || last["kind"] != "observed" || last["id"] != now.ID.String() ||
		last["revision"] != "2" || last["observed_at"] != string(meteo.AppendTime(nil, now.ObservedAt)) || len(last) != 6 {
		t.Errorf("the last change is %v", last)
	}
}
