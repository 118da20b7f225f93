package clean

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// judge applies a verdict that says that the temperature of an observation is a spike, at a time.
func judge(t *testing.T, s *Step, arrived time.Time, o meteo.Observation) *flow.Batch {
	t.Helper()
	o.QC = append([]meteo.Failure{{Subject: "temperature_c", Rule: RuleSpike}}, o.QC...)
	o.Quality = o.Quality.Worse(meteo.Suspect)
	return judgeValue(t, s, arrived, o.AppendJSON(nil))
}

func judgeValue(t *testing.T, s *Step, arrived time.Time, value []byte) *flow.Batch {
	t.Helper()
	b := &flow.Batch{Records: []flow.Record{{Value: value, Time: arrived, Headers: []flow.Header{{Key: flow.HeaderVerdict, Value: []byte("review")}}}}}
	if err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

// outcome is what a batch of one verdict came to.
type outcome struct{ clean, verdicts, duplicates, stale, dead, rerouted int }

func outcomeOf(b *flow.Batch) outcome {
	return outcome{len(b.Observations), int(b.Verdicts), int(b.Duplicates), int(b.Stale), len(b.Rejects), len(b.Reroutes)}
}

var (
	accepted = outcome{clean: 1, verdicts: 1}
	stale    = outcome{duplicates: 1, stale: 1}
)

func TestAVerdictIsTheNextRevisionOfWhatItJudges(t *testing.T) {
	s := newStep(&log{})
	first := apply(t, s, noon, raw(noon, noon.Add(-time.Second), 25)).Observations[0]
	b := judge(t, s, noon.Add(time.Hour), first)
	if got := outcomeOf(b); got != accepted || b.Origin[0] != 0 {
		t.Fatalf("%+v", got)
	}
	second := b.Observations[0]
	if second.Revision != 2 || !second.FetchedAt.Equal(first.FetchedAt) || second.ID != first.ID || second.Quality != meteo.Suspect ||
		len(second.QC) != 1 || second.QC[0] != (meteo.Failure{Subject: "temperature_c", Rule: RuleSpike}) || second.Fingerprint() != first.Fingerprint() {
		t.Errorf("the revision is %+v", second)
	}
	for name, o := range map[string]meteo.Observation{"the same verdict": first, "one on a revision that was never": changed(first, func(o *meteo.Observation) { o.Revision = 3 })} {
		if got := outcomeOf(judge(t, s, noon.Add(time.Hour), o)); got != stale {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := outcomeOf(judge(t, s, noon.Add(time.Hour), second)); got != accepted {
		t.Errorf("a verdict on the revision that a verdict made: %+v", got)
	}
	if b := apply(t, s, noon.Add(time.Hour), raw(noon, noon.Add(time.Second), 25)); b.Duplicates != 1 || b.Stale != 0 || len(b.Observations) != 0 {
		t.Errorf("the same values once more are %d observations, %d duplicates, %d of them stale", len(b.Observations), b.Duplicates, b.Stale)
	}
	b = apply(t, s, noon.Add(time.Hour), raw(noon, noon.Add(time.Second), 26))
	if len(b.Observations) != 1 || b.Observations[0].Revision != 4 || b.Observations[0].Quality != meteo.Good {
		t.Errorf("a correction is %+v", b.Observations)
	}
	if got := outcomeOf(judge(t, s, noon.Add(2*time.Hour), second)); got != stale {
		t.Errorf("a verdict on what was corrected since: %+v", got)
	}
}

func changed(o meteo.Observation, change func(*meteo.Observation)) meteo.Observation {
	change(&o)
	return o
}

func TestAVerdictCountsForTheValuesAndTheFetchingThatItJudges(t *testing.T) {
	for name, change := range map[string]func(*meteo.Observation){
		"other values":          func(o *meteo.Observation) { o.Values[meteo.Temperature] = 26 },
		"another interval":      func(o *meteo.Observation) { o.IntervalS = 60 },
		"another time":          func(o *meteo.Observation) { o.FetchedAt = o.FetchedAt.Add(time.Second) },
		"an earlier revision":   func(o *meteo.Observation) { o.Revision = 1 },
		"a later revision":      func(o *meteo.Observation) { o.Revision = 3 },
		"an id that is unknown": func(o *meteo.Observation) { o.Source = "other"; o.ID = o.Identity.ID() },
	} {
		s := newStep(&log{})
		o := apply(t, s, noon, raw(noon, noon.Add(-2*time.Second), 24), raw(noon, noon.Add(-time.Second), 25)).Observations[1]
		if got := outcomeOf(judge(t, s, noon.Add(time.Hour), changed(o, change))); got != stale {
			t.Errorf("%s: %+v", name, got)
		}
		if got := outcomeOf(judge(t, s, noon.Add(time.Hour), o)); got != accepted {
			t.Errorf("the right one after it: %+v", got)
		}
	}
}

func TestAVerdictOnWhatIsForgottenIsStale(t *testing.T) {
	s := newStep(&log{})
	o := apply(t, s, noon, raw(noon, noon, 25)).Observations[0]
	if got := outcomeOf(judge(t, s, noon.Add(61*time.Hour), o)); got != stale {
		t.Errorf("%+v", got)
	}
}

func TestVerdictsAreKnownAfterARestart(t *testing.T) {
	l := &log{}
	b := apply(t, newStep(l), noon, raw(noon, noon, 25))
	l.commit(b)
	o := b.Observations[0]
	b = judge(t, newStep(l), noon.Add(time.Hour), o)
	if got := outcomeOf(b); got != accepted {
		t.Fatalf("after the restart: %+v", got)
	}
	l.commit(b)
	if got := outcomeOf(judge(t, newStep(l), noon.Add(time.Hour), o)); got != stale {
		t.Errorf("twice, with a restart in between: %+v", got)
	}
}

func TestAVerdictOnACorrectedHumidityKeepsWhatItWas(t *testing.T) {
	s := newStep(&log{})
	o := fine()
	o.Values[meteo.Humidity], o.Values[meteo.DewPoint] = 102, meteo.NoValues()[0]
	first := apply(t, s, noon, string(o.AppendJSON(nil))).Observations[0]
	b := judge(t, s, noon.Add(time.Hour), first)
	if got := outcomeOf(b); got != accepted {
		t.Fatalf("%+v", got)
	}
	if second := b.Observations[0]; second.Values[meteo.Humidity] != 100 || second.Original == nil || second.Original[meteo.Humidity] != 102 {
		t.Errorf("%+v", second)
	}
}

func TestWhatFailedAVerdictIsNotTrustedByTheRuleOfSteps(t *testing.T) {
	for _, rule := range []meteo.Rule{RuleSpike, RuleStuck, RuleNeighbours} {
		s := newStep(&log{})
		arrived := noon.Add(3 * time.Hour)
		apply(t, s, arrived, raw(noon, noon, 25))
		wrong := apply(t, s, arrived, raw(noon.Add(time.Hour), noon.Add(time.Hour), 29)).Observations[0]
		wrong.QC = []meteo.Failure{{Subject: "temperature_c", Rule: rule}}
		if got := outcomeOf(judgeValue(t, s, arrived, wrong.AppendJSON(nil))); got != accepted {
			t.Fatalf("%+v", got)
		}
		if next := apply(t, s, arrived, raw(noon.Add(2*time.Hour), noon.Add(2*time.Hour), 24)).Observations[0]; next.Quality != meteo.Good {
			t.Errorf("after a value that failed %s: %+v", rule, next.QC)
		}
	}
}

func TestVerdictsThatAreNoneAreRefused(t *testing.T) {
	o := apply(t, newStep(&log{}), noon, raw(noon, noon, 25)).Observations[0]
	o.QC = []meteo.Failure{{Subject: "temperature_c", Rule: RuleSpike}}
	for name, change := range map[string]func(*meteo.Observation){
		"without failures":   func(o *meteo.Observation) { o.QC = nil },
		"without a revision": func(o *meteo.Observation) { o.Revision = 0 },
		"another's id":       func(o *meteo.Observation) { o.ID[3]++ },
	} {
		value := changed(o, change)
		if got := outcomeOf(judgeValue(t, newStep(&log{}), noon, value.AppendJSON(nil))); got != (outcome{dead: 1}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := outcomeOf(judgeValue(t, newStep(&log{}), noon, []byte("{"))); got != (outcome{dead: 1}) {
		t.Errorf("not JSON: %+v", got)
	}
	large := append(o.AppendJSON(nil), bytes.Repeat([]byte(" "), 1<<20)...)
	if b := judgeValue(t, newStep(&log{}), noon, large); len(b.Rejects) != 1 || b.Rejects[0].Refusal.Reason != meteo.TooLarge {
		t.Errorf("too large: %+v", b.Rejects)
	}
}

func TestAVerdictFindsThePartitionOfItsStation(t *testing.T) {
	o := apply(t, newStep(&log{}), noon, raw(noon, noon, 25)).Observations[0]
	b := judge(t, New(Config{History: &log{}, Partition: func(string) int32 { return 3 }}), noon, o)
	if got := outcomeOf(b); got != (outcome{rerouted: 1}) {
		t.Fatalf("%+v", got)
	}
	r := b.Reroutes[0]
	if r.Partition != 3 || string(r.Key) != o.StationID || !bytes.Equal(r.Value, b.Records[0].Value) || len(r.Headers) != 1 || r.Headers[0].Key != flow.HeaderVerdict {
		t.Errorf("%+v", r)
	}
}

func TestStaleVerdictsAreWarnedOf(t *testing.T) {
	var text bytes.Buffer
	s := New(Config{History: &log{}, Partition: func(string) int32 { return 0 }, Logger: slog.New(slog.NewTextHandler(&text, nil))})
	o := apply(t, s, noon, raw(noon, noon, 25)).Observations[0]
	judge(t, s, noon, o)
	if text.Len() > 0 {
		t.Errorf("an accepted one is warned of: %s", text.String())
	}
	judge(t, s, noon, o)
	if !bytes.Contains(text.Bytes(), []byte("level=WARN")) || !bytes.Contains(text.Bytes(), []byte("verdicts=1")) {
		t.Errorf("the log is %q", text.String())
	}
}
