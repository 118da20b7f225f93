package clean

import (
	"context"
	"fmt"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestTheCleanTopicGivesObservationsAloneAndThoseOfOtherJobsOnce(t *testing.T) {
	stored := fine()
	stored.ID, stored.Revision, stored.Quality = stored.Identity.ID(), 1, meteo.Good
	changed := func(change func(*meteo.Observation)) string {
		o := stored
		change(&o)
		return string(o.AppendJSON(nil))
	}
	good := changed(func(*meteo.Observation) {})
	for name, c := range map[string]struct {
		value, stage string
		want         string // observations, duplicates, rejects
	}{
		"an observation":                            {good, "", "1 0 0"},
		"an observation for this job":               {good, "to-pg", "1 0 0"},
		"an observation for another job":            {good, "to-es", "0 1 0"},
		"something else":                            {"{}", "", "0 0 1"},
		"a reading":                                 {changed(func(o *meteo.Observation) { o.ID, o.Revision, o.Quality = meteo.ID{}, 0, "" }), "", "0 0 1"},
		"an observation without a revision":         {changed(func(o *meteo.Observation) { o.Revision = 0 }), "", "0 0 1"},
		"an observation without a quality":          {changed(func(o *meteo.Observation) { o.Quality = "" }), "", "0 0 1"},
		"an observation with the id of another":     {changed(func(o *meteo.Observation) { o.ID[0]++ }), "", "0 0 1"},
		"an observation that was cut after its end": {good, "", "0 0 1"},
		"an observation of a later revision":        {changed(func(o *meteo.Observation) { o.Revision = 7 }), "", "1 0 0"},
	} {
		t.Run(name, func(t *testing.T) {
			record := flow.Record{Value: []byte(c.value)}
			if name == "an observation that was cut after its end" {
				record.Whole = 20 << 20
			}
			if c.stage != "" {
				record.Headers = []flow.Header{{Key: flow.HeaderStage, Value: []byte(c.stage)}}
			}
			b := &flow.Batch{Records: []flow.Record{record}}
			if err := NewStored("to-pg").Apply(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(len(b.Observations), b.Duplicates, len(b.Rejects)); got != c.want {
				t.Errorf("%s observations, duplicates and rejects, want %s", got, c.want)
			}
			for _, reject := range b.Rejects {
				if reject.Refusal.Reason != meteo.NotClean {
					t.Errorf("it is refused as %s, want %s", reject.Refusal.Reason, meteo.NotClean)
				}
			}
		})
	}
}
