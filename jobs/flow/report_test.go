package flow_test

import (
	"fmt"
	"slices"
	"testing"

	"senmeteo/jobs/flow"
)

func TestWhatIsIgnoredIsAddedUpByNameAndReason(t *testing.T) {
	r := flow.NewReport("fetch", "r1")
	for _, what := range []flow.Ignored{
		{Name: "sun", Why: "unknown", Rows: 2, Example: "x"},
		{Name: "sun", Why: "empty", Rows: 1},
		{Name: "moon", Why: "unknown", Rows: 4},
		{Name: "sun", Why: "unknown", Rows: 3, Example: "y"},
	} {
		r.Ignore(what)
	}
	want := []flow.Ignored{{Name: "sun", Why: "unknown", Rows: 5, Example: "x"}, {Name: "sun", Why: "empty", Rows: 1}, {Name: "moon", Why: "unknown", Rows: 4}}
	if !slices.Equal(r.Ignored, want) {
		t.Errorf("ignored are %+v, want %+v", r.Ignored, want)
	}
}

func TestAReportNamesAHundredIgnoredColumnsAndNoMore(t *testing.T) {
	r := flow.NewReport("fetch", "r1")
	for n := range 150 {
		r.Ignore(flow.Ignored{Name: fmt.Sprint(n), Rows: 1})
	}
	r.Ignore(flow.Ignored{Name: "99", Rows: 1})
	if len(r.Ignored) != 100 || r.Ignored[99].Rows != 2 {
		t.Errorf("%d are named, the last is %+v", len(r.Ignored), r.Ignored[len(r.Ignored)-1])
	}
}

func TestAJobThatReadAndWroteNothingHadNothingToDo(t *testing.T) {
	for want, reports := range map[string][]flow.Report{
		"nothing": {{}, {Duplicates: 1}},
		"ok":      {{Read: 1}, {Written: 1}, {Read: 1, Written: 1}},
	} {
		for _, r := range reports {
			if r.Conclude(nil); r.Outcome != want || r.Error != "" {
				t.Errorf("%d read and %d written: the outcome is %q, want %q", r.Read, r.Written, r.Outcome, want)
			}
		}
	}
	r := flow.Report{Read: 1}
	if r.Conclude(flow.Fail(flow.BadInput, "two\nlines")); r.Outcome != "bad_input" || r.Error != "two lines" {
		t.Errorf("the outcome is %q, the error %q", r.Outcome, r.Error)
	}
}
