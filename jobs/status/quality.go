package status

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Quality is how good the observations of one day were.
type Quality struct {
	Day          string          `json:"day"`
	Observations int64           `json:"observations"`
	Missing      []string        `json:"missing,omitempty"` // regions without any observation
	Regions      []query.Quality `json:"regions"`
	Flags        []query.Flag    `json:"flags,omitempty"` // by station, variable and rule
}

// QualityStore is a store that answers how good observations were.
type QualityStore interface {
	query.QualityReader
	query.FlagReader
}

// QualityOf asks a store about a day, UTC.
func QualityOf(ctx context.Context, store QualityStore, day time.Time) (*Quality, error) {
	day = day.Truncate(24 * time.Hour)
	q := &Quality{Day: day.Format(time.DateOnly)}
	var err error
	if q.Regions, err = store.Quality(ctx, day, day.AddDate(0, 0, 1)); err != nil {
		return nil, err
	}
	if q.Flags, err = store.Flags(ctx, day, day.AddDate(0, 0, 1)); err != nil {
		return nil, err
	}
	for _, s := range meteo.Stations {
		if !slices.ContainsFunc(q.Regions, func(r query.Quality) bool { return r.Region == s.Region }) {
			q.Missing = append(q.Missing, s.Region)
		}
	}
	for _, r := range q.Regions {
		q.Observations += r.Observations
	}
	return q, nil
}

// Print writes it for people, or as one line of JSON.
func (r *Quality) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%s\tobservations\tgood\tsuspect\tbad\tcorrected\tfailed rules\n", r.Day) // a Builder takes everything
	for _, q := range r.Regions {
		var failures []string
		for _, rule := range slices.Sorted(maps.Keys(q.Failed)) {
			failures = append(failures, fmt.Sprintf("%s %d", rule, q.Failed[rule]))
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", q.Region, q.Observations, q.Good, q.Suspect, q.Bad, q.Corrected, strings.Join(failures, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := r.printFlags(&b); err != nil {
		return err
	}
	if len(r.Missing) > 0 {
		fmt.Fprintf(&b, "no observation of %s\n", strings.Join(r.Missing, ", "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// printFlags lists what failed which rule, and where, with the words of docs/quality-control.md.
func (r *Quality) printFlags(to *strings.Builder) error {
	groups := query.GroupFlags(r.Flags)
	if len(groups) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(w, "\nvalue\trule\tin words\tobservations\tstations\n") // a Builder takes everything
	for _, g := range groups {
		var stations []string
		for _, f := range g.Flags {
			stations = append(stations, fmt.Sprintf("%s %d", f.StationID, f.Observations))
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", g.Variable, g.Rule, g.Rule.Words().English, g.Observations, strings.Join(stations, ", "))
	}
	err := w.Flush()
	if len(r.Missing) > 0 {
		to.WriteByte('\n')
	}
	return err
}
