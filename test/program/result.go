package program

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// Result is what a run of the program came to.
type Result struct {
	Args           []string
	Code           int // -1: ended by a signal
	Stdout, Stderr string
	Took           time.Duration
	Peak           int64 // the largest resident set, bytes
}

// String is the command line.
func (r Result) String() string { return "senmeteo " + strings.Join(r.Args, " ") }

// Output is what the program said at its end, for messages of failed tests.
func (r Result) Output() string { return "stdout:\n" + Tail(r.Stdout) + "stderr:\n" + Tail(r.Stderr) }

// Tail is the end of a long text.
func Tail(text string) string {
	const kept = 3000
	if len(text) <= kept {
		return text
	}
	return "[...]" + text[len(text)-kept:]
}

// Report is the job's report: the last line of standard output.
func (r Result) Report(t testing.TB) flow.Report {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.Stdout, "\n"), "\n")
	var report flow.Report
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &report); err != nil {
		t.Fatalf("%s: the last line on standard output is not a report: %v\n%s", r, err, r.Output())
	}
	return report
}
