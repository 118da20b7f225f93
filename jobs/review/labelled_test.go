package review_test

import (
	"bytes"
	"context"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
	"senmeteo/jobs/source/generate"
)

// labelled are generated readings, after stream and review, with what is known of them.
type labelled struct {
	observations map[meteo.ID]*meteo.Observation
	truth        []generate.Truth
}

// run generates readings and gives them to the step of stream and to a Reviewer.
func run(t testing.TB, cfg generate.Config) *labelled {
	t.Helper()
	var truth bytes.Buffer
	cfg.Stations, cfg.Truth = meteo.Stations[:], &truth
	src, err := generate.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	step := clean.New(clean.Config{History: empty{}, Partition: func(string) int32 { return 0 }})
	r := review.New()
	out := &labelled{observations: map[meteo.ID]*meteo.Observation{}}
	take := func() {
		for _, v := range r.Verdicts() {
			o := v.Observation
			out.observations[o.ID] = &o
		}
	}
	var spent time.Duration
	err = src.Fetch(t.Context(), func(item *flow.Item) error {
		value := item.Raw
		at := item.Reading.FetchedAt
		if value == nil {
			value = (&meteo.Observation{Reading: item.Reading}).AppendJSON(nil)
		}
		b := &flow.Batch{Records: []flow.Record{{Value: value, Time: at}}}
		if err := step.Apply(t.Context(), b); err != nil {
			return err
		}
		began := time.Now()
		for i := range b.Observations {
			o := b.Observations[i]
			out.observations[o.ID] = &o
			r.Add(&o)
			take()
		}
		spent += time.Since(began)
		return nil
	})
	r.Finish()
	take()
	t.Logf("review of %d observations took %v", len(out.observations), spent)
	if err != nil {
		t.Fatal(err)
	}
	if out.truth, err = generate.ReadTruth(&truth); err != nil {
		t.Fatal(err)
	}
	return out
}

type empty struct{}

func (empty) Since(context.Context, int32, time.Time, func(*flow.Record) error) error { return nil }

// cell is one value of one station.
type cell struct {
	station, variable string
	at                int64
}

// wrong returns the cells that a rule must flag, and how far they are from the truth.
func (l *labelled) wrong() map[cell]generate.Truth {
	out := map[cell]generate.Truth{}
	for _, t := range l.truth {
		if t.Variable != "" && t.Expect == generate.ExpectFlag {
			out[cell{t.StationID, t.Variable, t.ObservedAt.UnixMicro()}] = t
		}
	}
	return out
}

// flagged returns the cells that were flagged, by rule.
func (l *labelled) flagged() map[meteo.Rule]map[cell]bool {
	out := map[meteo.Rule]map[cell]bool{}
	for _, o := range l.observations {
		for _, f := range o.QC {
			if out[f.Rule] == nil {
				out[f.Rule] = map[cell]bool{}
			}
			out[f.Rule][cell{o.StationID, f.Subject, o.ObservedAt.UnixMicro()}] = true
		}
	}
	return out
}

// ours are the rules of this package.
var ours = []meteo.Rule{clean.RuleSpike, clean.RuleStuck, clean.RuleNeighbours}

// isSeen reports whether a defect is large enough for its rule to see it: a drift of the pressure by 3 hPa, a stuck value that is wrong.
func isSeen(t *generate.Truth) bool {
	off := math.Abs(*t.Value - *t.TrueValue)
	switch t.Defect {
	case generate.Drift:
		return t.Variable == meteo.Pressure.String() && off >= 3
	case generate.Stuck:
		return off > 0
	}
	return t.Defect == generate.Spike
}

func TestDefectsOfAMonthAreFoundAndLittleElse(t *testing.T) {
	from := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)
	l := run(t, generate.Config{From: from, To: from.AddDate(0, 0, 30), Every: 10 * time.Minute, Seed: 4, Faults: 0.01})
	wrong, flagged := l.wrong(), l.flagged()
	found := map[cell]bool{}
	for _, cells := range flagged {
		for c := range cells {
			found[c] = true
		}
	}
	hits, all := map[generate.Defect]int{}, map[generate.Defect]int{}
	for c, truth := range wrong {
		if isSeen(&truth) {
			all[truth.Defect]++
			if found[c] {
				hits[truth.Defect]++
			}
		}
	}
	for _, c := range []struct {
		defect generate.Defect
		recall float64
	}{{generate.Spike, 0.98}, {generate.Stuck, 0.95}, {generate.Drift, 0.95}} {
		if n := all[c.defect]; n == 0 || float64(hits[c.defect]) < c.recall*float64(n) {
			t.Errorf("%s: %d of %d found", c.defect, hits[c.defect], n)
		}
	}
	for _, rule := range ours {
		cells, doubted := flagged[rule], 0
		for c := range cells {
			if _, ok := wrong[c]; !ok {
				doubted++
			}
		}
		t.Logf("%s: %d flags, %d of them on what is right", rule, len(cells), doubted)
		if doubted > 20 {
			t.Errorf("%s: %d values were right", rule, doubted)
		}
	}
}

func TestAMonthWithoutDefectsIsLeftAlone(t *testing.T) {
	from := time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	l := run(t, generate.Config{From: from, To: from.AddDate(0, 0, 30), Every: 10 * time.Minute, Seed: 9})
	flagged := l.flagged()
	for _, rule := range ours {
		cells := flagged[rule]
		t.Logf("%s: %d flags", rule, len(cells))
		if len(cells) > 5 {
			t.Errorf("%s: %d flags", rule, len(cells))
		}
	}
}
