package flow

import (
	"encoding/json"
	"strings"
	"time"
)

// Report is the result of a job: one JSON object, the last line of standard output.
type Report struct {
	Job        string  `json:"job"`
	RunID      string  `json:"run_id"`
	Read       int64   `json:"read"`
	Written    int64   `json:"written"`
	Duplicates int64   `json:"duplicates"`
	Rejected   int64   `json:"rejected"`
	Rerouted   int64   `json:"rerouted"`
	Expanded   int64   `json:"expanded,omitempty"` // readings beyond the first of records that held several
	Verdicts   int64   `json:"verdicts,omitempty"` // those of Written that are verdicts of review
	Stale      int64   `json:"stale,omitempty"`    // those of Duplicates that are verdicts of review
	From       Offsets `json:"from"`
	To         Offsets `json:"to"`
	Lag        int64   `json:"lag"`
	Seconds    float64 `json:"seconds"`
	Outcome    string  `json:"outcome"` // ok, nothing, or the failure's class in a word
	Error      string  `json:"error,omitempty"`

	// Ignored are the columns and members of files of which nothing was kept.
	Ignored []Ignored `json:"ignored,omitempty"`

	// Failed are the stations or pages that a fetch has nothing of while the others landed.
	Failed []string `json:"failed,omitempty"`
}

// Ignored is a column of a table, or a member of an object, of which nothing was kept, in all files of a run.
type Ignored struct {
	Name    string `json:"name"`
	Why     string `json:"why"`     // for people
	Rows    int64  `json:"rows"`    // how many records had a value there
	Example string `json:"example"` // the first of them
}

// mostIgnored bounds a report; the log has the others, file by file.
const mostIgnored = 100

// Ignore adds to Ignored.
func (r *Report) Ignore(what Ignored) {
	for i := range r.Ignored {
		if r.Ignored[i].Name == what.Name && r.Ignored[i].Why == what.Why {
			r.Ignored[i].Rows += what.Rows
			return
		}
	}
	if len(r.Ignored) < mostIgnored {
		r.Ignored = append(r.Ignored, what)
	}
}

// NewReport starts a report.
func NewReport(job, runID string) *Report {
	return &Report{Job: job, RunID: runID, From: Offsets{}, To: Offsets{}}
}

// tally counts a batch before it is committed.
type tally struct {
	end                                                         int64
	read, observations, duplicates, rejects, reroutes, expanded int64
	verdicts, stale                                             int64
}

func tallyOf(b *Batch) tally {
	return tally{
		end: b.End, read: int64(len(b.Records)), observations: int64(len(b.Observations)), duplicates: b.Duplicates,
		rejects: int64(len(b.Rejects)), reroutes: int64(len(b.Reroutes)), expanded: b.Expanded,
		verdicts: b.Verdicts, stale: b.Stale,
	}
}

// add counts a batch that was committed with this outcome.
func (r *Report) add(t tally, out Outcome) {
	r.Read += t.read
	r.Written += out.Written
	r.Duplicates += t.duplicates + out.Duplicates
	r.Rejected += t.rejects + out.Rejected
	r.Rerouted += t.reroutes
	r.Expanded += t.expanded
	r.Verdicts += t.verdicts
	r.Stale += t.stale
}

// Conclude fills in how the job ended. The time it took is set by whoever measured it.
func (r *Report) Conclude(err error) {
	switch {
	case err != nil:
		r.Outcome, r.Error = ClassOf(err).String(), strings.Join(strings.Fields(err.Error()), " ")
	case r.Read == 0 && r.Written == 0:
		r.Outcome = "nothing"
	default:
		r.Outcome = "ok"
	}
}

// Took sets how long the job took.
func (r *Report) Took(d time.Duration) {
	r.Seconds = float64(d.Round(time.Millisecond)) / float64(time.Second)
}

// JSON is the report on one line.
func (r *Report) JSON() []byte {
	line, _ := json.Marshal(r) // numbers and strings always marshal
	return line
}

// String is the word for a class in reports.
func (c Class) String() string {
	return [...]string{
		"defect", "no", "usage", "bad_input", "no_input", "unavailable", "cant_write", "try_later", "nothing", "interrupted",
	}[c]
}
