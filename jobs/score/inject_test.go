package score_test

import (
	"io"
	"math"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/score"
	"senmeteo/jobs/source/generate"
)

// weeks are four weeks of two stations, one after the other, as a file by station has them. The first does not always measure the wind.
func weeks() *records {
	r := &records{end: io.EOF}
	for _, station := range [...]string{"S24", "S43"} {
		for i := range 28 * 144 {
			r.add(station, tenMinutes(i), func(o *meteo.Observation) {
				if station == "S24" && i%20 == 0 {
					o.Values[meteo.WindSpeed] = math.NaN()
				}
			})
		}
	}
	return r
}

func TestInjectedDefectsAreScored(t *testing.T) {
	s, err := score.Of(t.Context(), weeks(), score.Config{Inject: 0.05, Seed: 2, Unsaid: noon.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		defect   generate.Defect
		variable string
	}{
		{generate.OutOfRange, "pressure_hpa"},
		{generate.Missing, "wind_speed_ms"},
		{generate.Duplicate, ""},
		{generate.Late, ""},
		{generate.Future, ""},
		{generate.BrokenJSON, ""},
	} {
		if r := row(t, s, c.defect, c.variable); r.Cases == 0 || r.Recall != 1 || r.Precision != 1 {
			t.Errorf("%s of %q: %+v", c.defect, c.variable, r)
		}
	}
	if r := row(t, s, generate.Stuck, "pressure_hpa"); r.Cases == 0 || r.Readings < 40*r.Cases {
		t.Errorf("stuck: %+v", r)
	}
	again, err := score.Of(t.Context(), weeks(), score.Config{Inject: 0.05, Seed: 2, Unsaid: noon.AddDate(1, 0, 0)})
	if err != nil || again.Records != s.Records || again.FalseAlarms.Values != s.FalseAlarms.Values {
		t.Errorf("an equal seed gives another score: %+v, %v", again, err)
	}
}
