package clean

import (
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

func TestEachCorrectionHasTheNextRevision(t *testing.T) {
	l := &log{}
	s := newStep(l)
	for i := range 4 {
		if i == 3 {
			s.Open(0, 3) // a restart
		}
		fetched := noon.Add(time.Duration(i) * time.Minute)
		b := apply(t, s, noon.Add(time.Hour), raw(noon, fetched, 25+float64(i)))
		l.commit(b)
		if len(b.Observations) != 1 || b.Observations[0].Revision != int64(i+1) {
			t.Errorf("correction %d became %+v", i, b.Observations)
		}
	}
}

func TestOnlyIDsThatWereCorrectedTakeMemoryForTheirRevision(t *testing.T) {
	b := bucket{known: map[meteo.ID]known{}, revisions: map[meteo.ID]int64{}}
	b.set(meteo.ID{1}, known{}, 1)
	b.set(meteo.ID{2}, known{}, 2)
	if len(b.known) != 2 || len(b.revisions) != 1 || b.revision(meteo.ID{1}) != 1 || b.revision(meteo.ID{2}) != 2 {
		t.Errorf("it remembers %d ids and %v", len(b.known), b.revisions)
	}
	if b.set(meteo.ID{2}, known{}, 1); b.revision(meteo.ID{2}) != 1 {
		t.Errorf("an id that was forgotten and came again has revision %d, want 1", b.revision(meteo.ID{2}))
	}
}

func TestReadingsAreKeptInTheOrderOfTheirTimesAndACorrectionInThePlaceOfWhatItCorrects(t *testing.T) {
	r := &recent{}
	for _, reading := range []struct {
		minute int
		value  float64
	}{{0, 20}, {20, 22}, {10, 21}, {20, 32}, {0, 30}, {30, 23}} {
		o := fine()
		o.ObservedAt, o.Values = noon.Add(time.Duration(reading.minute)*time.Minute), meteo.NoValues()
		o.Values[meteo.Temperature] = reading.value
		r.add(&o)
	}
	want := []float64{30, 21, 32, 23}
	if len(r.readings) != len(want) {
		t.Fatalf("%d readings are kept, want %d", len(r.readings), len(want))
	}
	for i, x := range want {
		if p := r.readings[i]; p.values[0] != x || p.at != noon.Add(time.Duration(10*i)*time.Minute).UnixMicro() {
			t.Errorf("reading %d is %g °C at %v, want %g", i, p.values[0], time.UnixMicro(p.at).UTC(), x)
		}
	}
	if at := noon.UnixMicro(); r.index(at) != 0 {
		t.Errorf("a correction of the first reading is compared with %d readings", r.index(at))
	}
}

func TestTheRoomForALongArrayIsGivenBack(t *testing.T) {
	for room, want := range map[int]int{mostKept: mostKept, mostKept + 1: 0} {
		p := &partition{decoder: shape.NewDecoder(), readings: make([]meteo.Observation, 0, room)}
		if err := newStep(&log{}).decode(&flow.Record{Value: []byte("[]"), Time: noon}, p); err == nil {
			t.Fatal("no reading is not refused")
		}
		if cap(p.readings) != want {
			t.Errorf("of room for %d readings, that for %d is kept, want %d", room, cap(p.readings), want)
		}
	}
}
