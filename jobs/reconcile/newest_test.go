package reconcile

import (
	"context"
	"reflect"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// newest is a store of last observations that forgets those before some time.
type newest struct {
	flow.Store
	rows    []flow.Revision
	from    time.Time
	askedAt time.Time // KeepsFrom
}

func (n *newest) Keeps() flow.Reduction { return flow.LastObservation }

func (n *newest) KeepsFrom(now time.Time) time.Time {
	n.askedAt = now
	return n.from
}

func (n *newest) Revisions(_ context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	for _, r := range n.rows {
		if sel.Has(r.StationID, r.ObservedAt) {
			if err := each(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *newest) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	sums := flow.NewSummer()
	_ = n.Revisions(ctx, sel, func(r flow.Revision) error { sums.AddOnly(r); return nil })
	return sums.Each(each)
}

// The clean topic has the minutes 0 and 1 of a station, and the minute 0 of another.
func TestAnAuditComparesAStoreOfLastObservationsByAllThatTheTopicHas(t *testing.T) {
	o := func(partition int32, n int) *meteo.Observation {
		one := flowtest.Observation(partition, n, 1)
		return &one
	}
	first, second, other := o(0, 0), o(0, 1), o(1, 0)
	corrected := flowtest.Observation(0, 0, 2)
	for name, c := range map[string]struct {
		holds    []*meteo.Observation
		from, to time.Time // of the audit
		kept     time.Time // since when it keeps
		want     Differences
	}{
		"the newest of each":                               {holds: []*meteo.Observation{second, other}},
		"one that is not the newest":                       {holds: []*meteo.Observation{&corrected, other}, want: Differences{Missing: []string{second.ID.String()}, Extra: []string{first.ID.String()}, Count: 2}},
		"up to a time after which there is a newer one":    {holds: []*meteo.Observation{second, other}, to: second.ObservedAt},
		"up to that time, and an older one":                {holds: []*meteo.Observation{&corrected, other}, to: second.ObservedAt, want: Differences{Extra: []string{first.ID.String()}, Count: 1}},
		"from a time on, and one before it":                {holds: []*meteo.Observation{second, other}, from: second.ObservedAt},
		"what it may have forgotten is not there":          {holds: []*meteo.Observation{second}, kept: second.ObservedAt},
		"what it may have forgotten is still there":        {holds: []*meteo.Observation{second, other}, kept: second.ObservedAt},
		"what it keeps is not there":                       {holds: nil, kept: second.ObservedAt, want: Differences{Missing: []string{second.ID.String()}, Count: 1}},
		"it keeps more than is asked for":                  {holds: []*meteo.Observation{second, other}, from: second.ObservedAt, kept: first.ObservedAt},
		"it may have forgotten all":                        {holds: nil, kept: second.ObservedAt.Add(time.Nanosecond)},
		"it forgets nothing, and one of them is not there": {holds: []*meteo.Observation{second}, want: Differences{Missing: []string{other.ID.String()}, Count: 1}},
	} {
		s := newScene(t)
		store := &newest{Store: s.store, from: c.kept}
		for _, o := range c.holds {
			store.rows = append(store.rows, flow.RevisionOf(o))
		}
		s.cfg.Stores[0].Store, s.cfg.From, s.cfg.To = store, c.from, c.to
		began := time.Now()
		got, err := s.audit(t)
		if err != nil {
			t.Fatal(err)
		}
		c.want.Store = "memory"
		if !reflect.DeepEqual(got.Differences, []Differences{c.want}) {
			t.Errorf("%s: %+v, want %+v", name, got.Differences, c.want)
		}
		if ahead := store.askedAt.Sub(began); ahead < 10*time.Minute || ahead > 11*time.Minute {
			t.Errorf("%s: what it forgets within %v is not compared, want 10 minutes", name, ahead)
		}
	}
}

// What was replayed for one job alone does not count as newer for the others.
func TestARecordForOneJobHidesNothingFromTheOthers(t *testing.T) {
	s := newScene(t)
	second, other := flowtest.Observation(0, 1, 1), flowtest.Observation(1, 0, 1)
	store := &newest{Store: s.store, rows: []flow.Revision{flow.RevisionOf(&second), flow.RevisionOf(&other)}}
	s.cfg.Stores[0].Store, s.cfg.To = store, flowtest.Observation(0, 9, 1).ObservedAt
	s.put("meteo.clean", 0, text(9, 1), flow.Header{Key: flow.HeaderStage, Value: []byte("to-another")})
	if got, err := s.audit(t); err != nil || !got.Balanced {
		t.Errorf("%+v, %v; want balanced", got, err)
	}
}
