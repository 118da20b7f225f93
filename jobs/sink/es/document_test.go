package es

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestADocumentSaysWhatSearchesNeed(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	failed := func(rules ...meteo.Rule) (all []meteo.Failure) {
		for i, rule := range rules {
			all = append(all, meteo.Failure{Subject: meteo.Variable(i).String(), Rule: rule})
		}
		return all
	}
	for name, c := range map[string]struct {
		at          time.Time
		interval    int64
		failures    []meteo.Failure
		grid, rules string
		failed      string
	}{
		"an hour that ends on the hour":            {at: noon, interval: 3600, grid: "3600/0"},
		"an hour that ends ten minutes later":      {at: noon.Add(10 * time.Minute), interval: 3600, grid: "3600/600"},
		"a day that ends at 06:00":                 {at: noon.Add(-6 * time.Hour), interval: 86400, grid: "86400/21600"},
		"an hour before 1970":                      {at: time.Date(1969, 12, 31, 23, 10, 0, 0, time.UTC), interval: 3600, grid: "3600/600"},
		"values of a moment":                       {at: noon},
		"a rule":                                   {at: noon, failures: failed("step"), rules: `[step]`, failed: `[temperature_c.step]`},
		"a rule that two variables fail, and more": {at: noon, failures: failed("range", "step", "range"), rules: `[range step]`, failed: `[temperature_c.range dew_point_c.step humidity_pct.range]`},
	} {
		t.Run(name, func(t *testing.T) {
			o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], c.at, "file", meteo.Observed), QC: c.failures}
			o.IntervalS = c.interval
			var doc map[string]any
			if err := json.Unmarshal(appendDocument(nil, &o), &doc); err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprint(doc["interval_grid"], " ", doc["qc_rules"], " ", doc["qc_failed"]), fmt.Sprint(orNil(c.grid), " ", orNil(c.rules), " ", orNil(c.failed)); got != want {
				t.Errorf("grid, rules and failures are %s, want %s", got, want)
			}
		})
	}
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
