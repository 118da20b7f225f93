package bench

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestTheNewestReadingOfAStationShowsTheOnesBeforeIt(t *testing.T) {
	stations := len(meteo.Stations)
	s := newSightings(3 * stations)
	began := time.Now()
	for n := range s.sentAt {
		s.sentAt[n] = began
	}
	for i := range stations {
		station := meteo.Stations[i].ID
		s.newest(inPostgres, began.Add(time.Millisecond), station, s.first)
		s.newest(inPostgres, began.Add(20*time.Millisecond), station, s.first.Add(2*time.Second))
		s.newest(inPostgres, began.Add(time.Hour), station, s.first.Add(2*time.Second)) // known already
	}
	got := s.latencies()[inPostgres]
	if len(got) != 2*stations {
		t.Fatalf("%d latencies, want %d: all but the first of each station", len(got), 2*stations)
	}
	for _, milliseconds := range got {
		if milliseconds != 20 {
			t.Errorf("a reading took %v ms, want 20", milliseconds)
		}
	}
	if s.missing(3*stations) == "" {
		t.Error("nothing is missing in Elasticsearch, where nothing was seen")
	}
}

func TestQuantilesAreThoseOfEachRound(t *testing.T) {
	var r Results
	r.latency("PostgreSQL", 1000, []float64{3, 1, 2})
	r.latency("PostgreSQL", 1000, []float64{5})
	want := []LatencyRound{{3, 2, 2, 3}, {1, 5, 5, 5}}
	if got := r.Latencies[0].Rounds; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
