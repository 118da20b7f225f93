package clean

import (
	"slices"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestADewPointBesideAWrongHumidityIsNotTrustedEither(t *testing.T) {
	for _, c := range []struct {
		name    string
		subject string
		rule    meteo.Rule
		fails   bool
	}{
		{"no failure", "", "", true},
		{"a humidity that is stuck", "humidity_pct", RuleStuck, false},
		{"a temperature that drifts", "temperature_c", RuleNeighbours, false},
		{"a pressure that is stuck", "pressure_hpa", RuleStuck, true},
		{"a step of the humidity, which may be right", "humidity_pct", RuleStep, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &recent{}
			at := func(minutes int, dewPoint float64, failures ...meteo.Failure) *meteo.Observation {
				o := fine()
				o.ObservedAt = noon.Add(time.Duration(minutes) * time.Minute)
				o.Values = meteo.NoValues()
				o.Values[meteo.DewPoint], o.QC = dewPoint, failures
				return &o
			}
			r.add(at(0, 15))
			for i, dewPoint := range []float64{16, 18, 20, 22} {
				if c.subject == "" {
					r.add(at(10*(i+1), dewPoint))
				} else {
					r.add(at(10*(i+1), dewPoint, meteo.Failure{Subject: c.subject, Rule: c.rule}))
				}
			}
			v := verdict{quality: meteo.Good}
			checkStep(at(60, 15.5), r, &v)
			if got := slices.Contains(v.failures, meteo.Failure{Subject: "dew_point_c", Rule: RuleStep}); got != c.fails {
				t.Errorf("the next dew point fails: %t", got)
			}
		})
	}
}
