package reconcile

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"senmeteo/jobs/query"
)

// Print writes the result for people, or as one line of JSON.
func (r *Result) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, string(line))
		return err
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "partition\tread\texpanded\tclean\tduplicates\tdead letters\trerouted\twaiting\t") // a Builder takes everything
	for _, p := range append(slices.Clone(r.Partitions), r.Total) {
		name := fmt.Sprint(p.Partition)
		if p.Partition < 0 {
			name = "all"
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, p.Read, p.Expanded, p.Clean, p.Duplicates, p.Dead, p.Rerouted, p.Lag)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if t := r.Total; t.Verdicts+t.Stale > 0 {
		fmt.Fprintf(&b, "verdicts of review: %d accepted, %d came too late\n", t.Verdicts, t.Stale)
	}
	for _, t := range r.Tallies {
		fmt.Fprintf(&b, "%-13s %8d observations, %8d records, hash %s\n", t.Name, t.Observations, t.Records, t.Hash())
	}
	for _, d := range r.Differences {
		if d.Count > 0 {
			fmt.Fprintf(&b, "%s: %d differences; missing %v, extra %v, stale %v, doubled %v\n", d.Store, d.Count, d.Missing, d.Extra, d.Stale, d.Doubled)
		}
	}
	for _, e := range r.Errors {
		fmt.Fprintln(&b, e)
	}
	verdict := "balanced: nothing is lost, nothing is doubled"
	if !r.Balanced {
		verdict = "NOT BALANCED"
	}
	_, err := fmt.Fprintln(out, b.String()+verdict)
	return err
}

// Conditions are what is wrong, for incidents of one kind: of each store that differs, and of the ledger.
func (r *Result) Conditions(kind string) []query.Condition {
	var all []query.Condition
	for _, d := range r.Differences {
		if d.Count > 0 {
			all = append(all, query.Condition{Kind: kind, Subject: d.Store, Message: fmt.Sprintf("%s differs from the clean topic in %d observations", d.Store, d.Count)})
		}
	}
	if len(r.Errors) > 0 {
		all = append(all, query.Condition{Kind: kind, Subject: "ledger", Message: "the ledger does not balance: " + r.Errors[0]})
	}
	return all
}

// FirstProblem names the first thing that does not balance.
func (r *Result) FirstProblem() string {
	for _, d := range r.Differences {
		for _, list := range [][]string{d.Missing, d.Extra, d.Stale, d.Doubled} {
			if len(list) > 0 {
				return fmt.Sprintf("%s differs in %d observations, the first is %s", d.Store, d.Count, list[0])
			}
		}
	}
	if len(r.Errors) > 0 {
		return r.Errors[0]
	}
	return "see above"
}
