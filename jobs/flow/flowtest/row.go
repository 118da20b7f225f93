package flowtest

import (
	"encoding/json"
	"fmt"
	"slices"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Row is one stored observation whole: its JSON, with the members sorted by name. Equal observations have equal rows, whatever store
// they come from.
type Row string

// RowOf makes the row of an observation.
func RowOf(o *meteo.Observation) Row { return MakeRow(members(o)) }

// MakeRow makes a row of what a store has under the names of an observation's JSON: texts, numbers, objects and lists as
// encoding/json has them, and times as texts in their JSON form. What is unknown must be absent.
func MakeRow(members map[string]any) Row {
	text, err := json.Marshal(members)
	if err != nil {
		return Row(fmt.Sprintf("no observation: %v: %v", err, members))
	}
	return Row(text)
}

// members are an observation's JSON as encoding/json reads it.
func members(o *meteo.Observation) map[string]any {
	var out map[string]any
	if err := json.Unmarshal(o.AppendJSON(nil), &out); err != nil {
		return map[string]any{"no JSON": err.Error()}
	}
	return out
}

// rowsOf lists what a store should hold of batches.
func rowsOf(keeps flow.Reduction, batches ...*flow.Batch) []Row {
	var all []Row
	for _, o := range kept(keeps, batches...) {
		all = append(all, RowOf(o))
	}
	return all
}

// kept are the observations that a store should hold of batches.
func kept(keeps flow.Reduction, batches ...*flow.Batch) []*meteo.Observation {
	var given []meteo.Observation
	for _, b := range batches {
		given = append(given, b.Observations...)
	}
	var out []*meteo.Observation
	for _, i := range keeps.Kept(given) {
		out = append(out, &given[i])
	}
	return out
}

// difference describes how two multisets of rows differ; "" when they do not.
func difference(got, want []Row) string {
	count := map[Row]int{}
	for _, r := range got {
		count[r]++
	}
	for _, r := range want {
		count[r]--
	}
	var missing, extra []Row
	for r, n := range count {
		for range max(n, 0) {
			extra = append(extra, r)
		}
		for range max(-n, 0) {
			missing = append(missing, r)
		}
	}
	if len(missing)+len(extra) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d missing, %d too many", len(missing), len(extra))
	if len(missing) > 0 {
		r := slices.Min(missing)
		text += fmt.Sprintf("; missing is for example %s", r)
		id := r.id()
		extra = slices.DeleteFunc(extra, func(r Row) bool { return r.id() != id })
	}
	if len(extra) > 0 {
		text += fmt.Sprintf("; there is %s", slices.Min(extra))
	}
	return text
}

// id is the row's member of that name.
func (r Row) id() string {
	var members struct{ ID string }
	_ = json.Unmarshal([]byte(r), &members) // a row without an id is none's
	return members.ID
}
