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
}

// QualityOf asks a store about a day, UTC.
func QualityOf(ctx context.Context, store query.QualityReader, day time.Time) (*Quality, error) {
	day = day.Truncate(24 * time.Hour)
	q := &Quality{Day: day.Format(time.DateOnly)}
	var err error
	if q.Regions, err = store.Quality(ctx, day, day.AddDate(0, 0, 1)); err != nil {
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
	if len(r.Missing) > 0 {
		fmt.Fprintf(&b, "no observation of %s\n", strings.Join(r.Missing, ", "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
