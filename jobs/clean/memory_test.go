package clean

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// log is a clean topic in memory. Its records arrive a second after the raw ones.
type log struct{ records []flow.Record }

func (l *log) Since(_ context.Context, _ int32, t time.Time, each func(*flow.Record) error) error {
	for i := range l.records {
		if !l.records[i].Time.Before(t) {
			if err := each(&l.records[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *log) commit(b *flow.Batch) {
	for i := range b.Observations {
		l.records = append(l.records, flow.Record{Value: b.Observations[i].AppendJSON(nil), Time: b.Records[b.Origin[i]].Time.Add(time.Second)})
	}
}

func newStep(l *log) *Step {
	return New(Config{History: l, Partition: func(string) int32 { return 0 }})
}

// apply cleans raw values that arrive at a time, as one batch, and returns the batch.
func apply(t testing.TB, s *Step, arrived time.Time, values ...string) *flow.Batch {
	t.Helper()
	b := &flow.Batch{}
	for i, v := range values {
		b.Records = append(b.Records, flow.Record{Offset: int64(i), Value: []byte(v), Time: arrived})
	}
	if err := s.Apply(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

// raw is a reading of Dakar.
func raw(observed, fetched time.Time, temperature float64) string {
	o := fine()
	o.ObservedAt, o.FetchedAt = observed, fetched
	o.Values = meteo.NoValues()
	o.Values[meteo.Temperature] = temperature
	return string(o.AppendJSON(nil))
}

func TestAnIDIsKnownForTheWindowAndForgottenLater(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		known bool
	}{{time.Hour, true}, {47 * time.Hour, true}, {48 * time.Hour, true}, {61 * time.Hour, false}} {
		t.Run(c.after.String(), func(t *testing.T) {
			for _, restarted := range []bool{false, true} {
				l := &log{}
				s := newStep(l)
				l.commit(apply(t, s, noon, raw(noon, noon, 25)))
				if restarted {
					s.Open(0, 1)
				}
				b := apply(t, s, noon.Add(c.after), raw(noon, noon, 25))
				if got := b.Duplicates == 1; got != c.known {
					t.Errorf("restarted %v: the same reading %v later is a duplicate: %v, want %v", restarted, c.after, got, c.known)
				}
			}
		})
	}
}

// The clock of who fetched a reading runs ahead: what the stores order revisions by is not later than the arrival.
func TestAFetchIsNotLaterThanItsArrival(t *testing.T) {
	for name, c := range map[string]struct{ fetched, want time.Time }{
		"before":                       {noon.Add(-time.Minute), noon.Add(-time.Minute)},
		"in the same millisecond":      {noon.Add(900 * time.Microsecond), noon.Add(900 * time.Microsecond)},
		"by a clock that runs ahead":   {noon.Add(time.Hour), noon},
		"by a clock a little ahead":    {noon.Add(time.Millisecond), noon},
		"by a clock that is years off": {noon.AddDate(70, 0, 0), noon},
	} {
		b := apply(t, newStep(&log{}), noon, raw(noon.Add(-time.Hour), c.fetched, 25))
		if len(b.Observations) != 1 || !b.Observations[0].FetchedAt.Equal(c.want) {
			t.Errorf("fetched %s: %+v, want %s", name, b.Observations, c.want)
		}
	}
}

func TestTheMemoryIsBoundedByTheWindow(t *testing.T) {
	m := newMemory(48*time.Hour, 0, nil)
	for hour := range 24 * 30 {
		now := noon.Add(time.Duration(hour) * time.Hour)
		m.forget(now)
		o := fine()
		o.ObservedAt, o.StationID = now, fmt.Sprintf("SN-DK-%04d", hour)
		o.ID = o.Identity.ID()
		m.add(&o, now)
		ids := 0
		for _, b := range m.buckets {
			ids += len(b.known)
		}
		if ids > 61 || len(m.recent) > 61 || len(m.buckets) > 6 {
			t.Fatalf("after %d hours it holds %d ids, %d stations, %d buckets", hour, ids, len(m.recent), len(m.buckets))
		}
	}
}

// A back-fill brings years within an hour.
func TestTheMemoryIsBoundedByTheMostIDs(t *testing.T) {
	const most = 400
	m := newMemory(48*time.Hour, most, nil)
	var all []meteo.Observation
	for i := range 5 * most {
		o := fine()
		o.ObservedAt = noon.Add(time.Duration(i) * time.Minute)
		o.ID = o.Identity.ID()
		all = append(all, o)
		m.add(&o, noon)
		ids := 0
		for _, b := range m.buckets {
			ids += len(b.known)
		}
		if ids > most || ids < min(i+1, most*3/4) {
			t.Fatalf("of %d ids it holds %d", i+1, ids)
		}
	}
	for i, o := range all {
		last := len(all) - i
		if _, isNew := m.revision(&o); isNew && last <= most*3/4 || !isNew && last > most {
			t.Fatalf("the id that came as the last but %d is new: %t", last-1, isNew)
		}
	}
}

func TestInventedStationsDoNotFillTheMemory(t *testing.T) {
	m := newMemory(48*time.Hour, 0, nil)
	for i := range 3 * maxRecentKeys {
		o := fine()
		o.Source = fmt.Sprintf("s%d", i)
		m.recentOf(&o).add(&o)
		if got, want := len(m.recent), i%maxRecentKeys+1; got != want {
			t.Fatalf("after %d stations %d are remembered, want %d", i+1, got, want)
		}
	}
}

// A backlog is worked off days after it arrived: what the clean topic took in meanwhile must not push out what is needed.
func TestABacklogFindsWhatArrivedBeforeIt(t *testing.T) {
	l := &log{}
	s := newStep(l)
	l.commit(apply(t, s, noon, raw(noon, noon, 25)))
	l.records = append(l.records, flow.Record{Value: l.records[0].Value, Time: noon.Add(10 * 24 * time.Hour)}) // of another backlog
	l.records[1].Value = apply(t, newStep(&log{}), noon, raw(noon.Add(-time.Hour), noon, 25)).Observations[0].AppendJSON(nil)
	s.Open(0, 1)
	if b := apply(t, s, noon.Add(time.Hour), raw(noon, noon, 25)); b.Duplicates != 1 {
		t.Error("the first reading was forgotten")
	}
}

func TestRevisions(t *testing.T) {
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	cases := []struct {
		name     string
		then     string
		revision int64 // 0: a duplicate
	}{
		{"the same values fetched later are a duplicate", raw(noon, minute(20), 25), 0},
		{"other values fetched later are a correction", raw(noon, minute(20), 26), 2},
		{"other values fetched earlier are a duplicate", raw(noon, minute(5), 26), 0},
		{"other values fetched at the same time are a duplicate", raw(noon, minute(10), 26), 0},
		{"another time is another observation", raw(minute(1), minute(20), 25), 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStep(&log{})
			apply(t, s, minute(30), raw(noon, minute(10), 25))
			b := apply(t, s, minute(30), c.then)
			var got int64
			if len(b.Observations) == 1 {
				got = b.Observations[0].Revision
			}
			if got != c.revision || b.Duplicates != 1-min(c.revision, 1) {
				t.Errorf("revision %d and %d duplicates, want revision %d", got, b.Duplicates, c.revision)
			}
		})
	}
}

func TestAClockThatRunsAheadDoesNotShutCorrectionsOut(t *testing.T) {
	s := newStep(&log{})
	apply(t, s, noon, raw(noon, noon.AddDate(900, 0, 0), 25))
	b := apply(t, s, noon.Add(2*time.Hour), raw(noon, noon.Add(time.Hour), 26))
	if len(b.Observations) != 1 || b.Observations[0].Revision != 2 {
		t.Errorf("the correction became %+v", b)
	}
}

// Whatever comes, and wherever restarts fall, a step that rebuilds its memory decides as one that never stopped.
func TestARebuiltMemoryDecidesAsTheLiveOne(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		lived, rebuilt := &log{}, &log{}
		live, other := newStep(lived), newStep(rebuilt)
		now := noon
		for batch := range 40 {
			var values []string
			for range 1 + rng.IntN(8) {
				observed := now.Add(-time.Duration(rng.IntN(30)) * 10 * time.Minute).Truncate(10 * time.Minute)
				o := fine()
				o.ObservedAt, o.FetchedAt = observed, now.Add(-time.Duration(rng.IntN(3))*time.Minute)
				o.Source = []string{"generate", "metar"}[rng.IntN(2)]
				o.Values = meteo.NoValues()
				o.Values[meteo.Temperature] = 20 + float64(rng.IntN(40))/2
				o.Values[meteo.Humidity] = 95 + float64(rng.IntN(20))/2
				o.Values[meteo.Rain] = float64(rng.IntN(2))
				if rng.IntN(10) == 0 {
					values = append(values, `{"broken"`)
				}
				values = append(values, string(o.AppendJSON(nil)))
			}
			if rng.IntN(3) == 0 {
				other.Open(0, int64(batch))
			}
			a, b := apply(t, live, now, values...), apply(t, other, now, values...)
			lived.commit(a)
			rebuilt.commit(b)
			if got, want := describe(b), describe(a); got != want {
				t.Fatalf("seed %d, batch %d: after a restart\n%s\nand without\n%s", seed, batch, got, want)
			}
			now = now.Add(time.Duration(rng.IntN(40)) * time.Minute)
		}
	}
}

func describe(b *flow.Batch) string {
	text := fmt.Sprintf("%d duplicates, %d rejects", b.Duplicates, len(b.Rejects))
	for i := range b.Observations {
		text += "\n" + string(b.Observations[i].AppendJSON(nil))
	}
	return text
}

// BenchmarkMemory reports what one remembered id weighs. The stream's budget is 250 bytes.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		const ids = 1_000_000
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		m := newMemory(48*time.Hour, 0, nil)
		o := fine()
		for i := range ids {
			o.ObservedAt = noon.Add(time.Duration(i) * time.Minute)
			o.ID = o.Identity.ID()
			m.add(&o, noon.Add(time.Duration(i)*50*time.Millisecond))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapInuse-before.HeapInuse)/ids, "B/id")
		runtime.KeepAlive(m)
	}
}
