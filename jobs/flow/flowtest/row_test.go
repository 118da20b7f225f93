package flowtest

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"senmeteo/jobs/flow/flowtest/memory"
	"senmeteo/jobs/meteo"
)

// fields are the names of all fields of an observation.
func fields(t *testing.T) []string {
	t.Helper()
	var schema struct {
		Defs struct {
			Observation struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(meteo.JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(schema.Defs.Observation.Properties))
}

// spoiled is the harness of a store with a defect.
func spoiled(how memory.Spoil) Harness {
	h := memoryHarness(memory.None)
	h.New = func(testing.TB) Store { return memoryStore{memory.NewSpoiled(how)} }
	return h
}

func TestNoFieldIsLostUnseen(t *testing.T) {
	for _, name := range fields(t) {
		if !fails(t, spoiled(func(row, _, _ map[string]any) { delete(row, name) }), testCase{run: everyForm}) {
			t.Errorf("the suite is green for a store that loses %s", name)
		}
	}
}

func TestNoTwoFieldsAreSwappedUnseen(t *testing.T) {
	all := fields(t)
	for i, a := range all {
		for _, b := range all[:i] {
			if !fails(t, spoiled(func(row, _, _ map[string]any) { memory.Swap(row, a, b) }), testCase{run: everyForm}) {
				t.Errorf("the suite is green for a store that swaps %s and %s", a, b)
			}
		}
	}
}

func TestNoFieldOfAnOlderRevisionStaysUnseen(t *testing.T) {
	identity := []string{"id", "schema", "station_id", "observed_at", "source", "kind", "issued_at"} // the same in all revisions
	for _, name := range fields(t) {
		if slices.Contains(identity, name) {
			continue
		}
		if !fails(t, spoiled(func(row, known, _ map[string]any) { memory.Replace(row, known, name) }), testCase{run: everyFieldReplaced}) {
			t.Errorf("the suite is green for a store that keeps the %s of an older revision", name)
		}
	}
}
