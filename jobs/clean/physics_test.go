package clean_test

import (
	"context"
	"testing"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// The generator's weather has the seasons, squall lines and harmattan of Senegal and no defects: the rules must leave it be.
func TestWeatherThatIsPhysicallyFineIsNotFlagged(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration
		days  int
	}{
		{"a year, every hour", time.Hour, 366},
		{"the onset of the rains, every ten minutes", 10 * time.Minute, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			if c.days < 366 {
				from = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
			}
			src, err := generate.New(generate.Config{Stations: meteo.Stations[:], From: from, To: from.AddDate(0, 0, c.days), Every: c.every, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			step := clean.New(clean.Config{History: nothing{}, Partition: func(string) int32 { return 0 }})
			count, rules := map[meteo.Quality]int{}, map[meteo.Failure]int{}
			err = src.Fetch(t.Context(), func(item *flow.Item) error {
				o := meteo.Observation{Reading: item.Reading}
				b := &flow.Batch{Records: []flow.Record{{Value: o.AppendJSON(nil), Time: o.ObservedAt}}}
				if err := step.Apply(t.Context(), b); err != nil {
					return err
				}
				for i := range b.Observations {
					count[b.Observations[i].Quality]++
					for _, f := range b.Observations[i].QC {
						rules[f]++
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			all := count[meteo.Good] + count[meteo.Suspect] + count[meteo.Bad]
			t.Logf("%v, failures %v", count, rules)
			if all != 14*c.days*int(24*time.Hour/c.every) {
				t.Errorf("%d observations", all)
			}
			// The edge of climatology and a dew point that falls or rises with a front may be doubted, hardly ever.
			if count[meteo.Bad] > all/50_000 || count[meteo.Suspect] > all/5_000 {
				t.Errorf("of %d observations, %v; failures %v", all, count, rules)
			}
		})
	}
}

// nothing is an empty history.
type nothing struct{}

func (nothing) Since(context.Context, int32, time.Time, func(*flow.Record) error) error { return nil }
