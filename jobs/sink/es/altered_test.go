package es_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// What is done to a document by hand, and whether its revisions differ then. That a hash is missing makes the sums differ, and nothing else.
func TestSumsNoticeWhatIsDoneToADocumentByHand(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	commit(t, x.acquired(t, -1), batch(0, 0, 10), flow.Outcome{Written: 10})
	summed, listed := sumsOf(t, x), revisionsOf(t, x)
	one := flowtest.Observation(0, 3, 1)
	index := "/" + x.prefix + "-clean-" + one.ObservedAt.UTC().Format("2006.01")
	document := index + "/_doc/" + one.ID.String()
	whole := x.call(t, http.MethodGet, document, "")
	source, version := jsonOf(t, whole["_source"]), whole["_version"].(float64)
	restore := func() {
		x.call(t, http.MethodPut, fmt.Sprintf("%s?version_type=external&version=%.0f", document, version+100), source)
	}
	update := func(change string) func() {
		return func() { x.call(t, http.MethodPost, index+"/_update/"+one.ID.String(), `{"doc":{`+change+`}}`) }
	}
	without := source
	for _, field := range []string{"hash_high", "hash_low"} {
		before, after, _ := strings.Cut(without, `"`+field+`":`)
		without = before + after[strings.IndexByte(after, ',')+1:]
	}
	other := one.ID
	other[0]++
	for _, c := range []struct {
		name   string
		change func()
		undo   string // a document to remove
		listed bool   // the revisions differ
	}{
		{"another revision", update(`"revision":7`), "", true},
		{"another time at which it was fetched", update(`"fetched_at":"2026-05-06T07:08:09Z"`), "", true},
		{"another station", update(`"station_id":"SN-KD"`), "", true},
		{"it is deleted", func() { x.call(t, http.MethodDelete, document, "") }, "", true},
		{"it is stored once more by another id", func() { x.call(t, http.MethodPut, index+"/_doc/"+other.String(), source) }, other.String(), true},
		{"it has another id", func() {
			x.call(t, http.MethodDelete, document, "")
			x.call(t, http.MethodPut, index+"/_doc/"+other.String(), source)
		}, other.String(), true},
		{"it has no hash", func() {
			x.call(t, http.MethodPut, fmt.Sprintf("%s?version_type=external&version=%.0f", document, version+1), without)
		}, "", false},
	} {
		c.change()
		if got := sumsOf(t, x); slices.Equal(got, summed) {
			t.Errorf("%s: the sums are the same", c.name)
		}
		if got := revisionsOf(t, x); slices.Equal(got, listed) == c.listed {
			t.Errorf("%s: the revisions differ: %v, want %v", c.name, !c.listed, c.listed)
		}
		restore()
		if c.undo != "" {
			x.call(t, http.MethodDelete, index+"/_doc/"+c.undo, "")
		}
		if got := sumsOf(t, x); !slices.Equal(got, summed) {
			t.Fatalf("%s: what was restored has the sums %v, want %v", c.name, got, summed)
		}
		version += 200
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sumsOf(t *testing.T, x indices) []string {
	t.Helper()
	var all []string
	err := x.asked(t).Sums(t.Context(), flow.Selection{}, func(s flow.DaySum) error { all = append(all, fmt.Sprint(s)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func revisionsOf(t *testing.T, x indices) []string {
	t.Helper()
	var all []string
	err := x.asked(t).Revisions(t.Context(), flow.Selection{}, func(r flow.Revision) error {
		all = append(all, fmt.Sprint(r.ID, r.StationID, r.Number, string(meteo.AppendTime(nil, r.FetchedAt))))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
