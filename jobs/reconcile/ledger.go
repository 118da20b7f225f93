package reconcile

import "fmt"

// Partition is the ledger of one raw partition: what `stream` says it did, and what the topics hold.
type Partition struct {
	Partition  int32 `json:"partition"`
	Read       int64 `json:"read"`
	Expanded   int64 `json:"expanded"`
	Clean      int64 `json:"clean"`
	Duplicates int64 `json:"duplicates"`
	Dead       int64 `json:"dead"`
	Rerouted   int64 `json:"rerouted"`
	Verdicts   int64 `json:"verdicts,omitempty"` // those of Clean that are verdicts of review
	Stale      int64 `json:"stale,omitempty"`    // those of Duplicates that are
	Lag        int64 `json:"lag"`                // offsets that stream has still to read: not lost, only not yet read

	// What was counted in the topics; -1 where retention has taken a part.
	RawRecords   int64 `json:"raw_records"`
	CleanRecords int64 `json:"clean_records"`
	DeadLetters  int64 `json:"dead_letters"`
	RawVerdicts  int64 `json:"raw_verdicts,omitempty"` // those of RawRecords that are verdicts
}

// Errors reports what does not agree, one line each.
func (p Partition) Errors() []string {
	var out []string
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("partition %d: ", p.Partition)+fmt.Sprintf(format, args...))
	}
	if p.Read+p.Expanded != p.Clean+p.Duplicates+p.Dead+p.Rerouted {
		say("%d read and %d expanded, but %d clean + %d duplicates + %d dead letters + %d rerouted", p.Read, p.Expanded, p.Clean, p.Duplicates, p.Dead, p.Rerouted)
	}
	if p.RawRecords >= 0 && p.RawRecords != p.Read {
		say("the raw topic holds %d records up to there, and stream has read %d", p.RawRecords, p.Read)
	}
	if p.Verdicts > p.Clean || p.Stale > p.Duplicates || p.RawRecords >= 0 && p.Verdicts+p.Stale > p.RawVerdicts {
		say("the raw topic holds %d verdicts up to there, and stream has accepted %d and dropped %d", p.RawVerdicts, p.Verdicts, p.Stale)
	}
	if p.CleanRecords >= 0 && p.CleanRecords != p.Clean {
		say("the clean topic holds %d records, and stream has written %d", p.CleanRecords, p.Clean)
	}
	if p.DeadLetters >= 0 && p.DeadLetters != p.Dead {
		say("the dead-letter topic holds %d letters, and stream has written %d", p.DeadLetters, p.Dead)
	}
	return out
}

// Result is what a reconciliation found.
type Result struct {
	Partitions  []Partition   `json:"partitions"`
	Total       Partition     `json:"total"`
	Tallies     []Tally       `json:"tallies"` // the clean topic first
	Differences []Differences `json:"differences,omitempty"`
	Errors      []string      `json:"errors,omitempty"`
	Balanced    bool          `json:"balanced"`
}

// Conclude sums the partitions up and decides.
func (r *Result) Conclude() {
	r.Total = Partition{Partition: -1}
	for _, p := range r.Partitions {
		r.Total.Read += p.Read
		r.Total.Expanded += p.Expanded
		r.Total.Clean += p.Clean
		r.Total.Duplicates += p.Duplicates
		r.Total.Dead += p.Dead
		r.Total.Rerouted += p.Rerouted
		r.Total.Verdicts += p.Verdicts
		r.Total.Stale += p.Stale
		r.Total.RawVerdicts += p.RawVerdicts
		r.Total.Lag += p.Lag
		r.Total.RawRecords += max(0, p.RawRecords)
		r.Total.CleanRecords += max(0, p.CleanRecords)
		r.Total.DeadLetters += max(0, p.DeadLetters)
		r.Errors = append(r.Errors, p.Errors()...)
	}
	r.Balanced = len(r.Errors) == 0
	for _, d := range r.Differences {
		r.Balanced = r.Balanced && d.Count == 0
	}
}
