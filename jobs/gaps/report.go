package gaps

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

// Window is what is looked at: the expected moments of [From, To), UTC. Those less than an interval before Now are not due yet.
type Window struct {
	From, To, Now time.Time
	Expect        Expectations
	Stations      []string // only these; all when empty
}

// NewWindow returns the window from one time to another; of times that are zero, the last is now and the first a week before it.
func NewWindow(from, to, now time.Time) (Window, error) {
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-7 * Day)
	}
	if !from.Before(to) {
		return Window{}, flow.Fail(flow.Usage, "--from %s is not before --to %s", minute(from), minute(to))
	}
	return Window{From: from, To: to, Now: now}, nil
}

// Report is what was expected in a window, and what there is.
type Report struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Counts
	Missed float64   `json:"missing_pct"`
	Silent int       `json:"silent"` // series
	Series []*Series `json:"series"`
}

// Look asks a store. A series whose readings and values of days are both there gives two.
func Look(ctx context.Context, store query.PresenceReader, w Window) (*Report, error) {
	r := &Report{From: w.From, To: w.To, Series: []*Series{}}
	err := store.Presence(ctx, w.From.Add(-Day), w.To.Add(Day), func(p *query.Presence) error {
		if len(w.Stations) > 0 && !slices.Contains(w.Stations, p.StationID) {
			return nil
		}
		readings, days := split(p.Readings)
		hasDays := p.EverOfDays != 0
		if p.Ever != 0 || !hasDays {
			r.add(w.look(p, false, inside(readings, w.To)))
		}
		if hasDays {
			r.add(w.look(p, true, days))
		}
		return nil
	})
	r.Missed = r.MissingPct()
	return r, err
}

// inside returns those of readings in order of time that are before an end.
func inside(readings []query.PresentAt, end time.Time) []query.PresentAt {
	n, _ := slices.BinarySearchFunc(readings, end, func(r query.PresentAt, end time.Time) int { return r.At.Compare(end) })
	return readings[:n]
}

// Judge is an error of class flow.Negative when more than so many percent of the readings are missing. Where no station has ever
// reported, nobody knows what is expected: then all is missing.
func (r *Report) Judge(maxMissing float64) error {
	if len(r.Series) == 0 && maxMissing < 100 {
		return flow.Fail(flow.Negative, "no station has ever reported: %w", query.ErrEmpty)
	}
	if r.Missed <= maxMissing {
		return nil
	}
	return flow.Fail(flow.Negative, "%.1f %% of the readings are missing, more than --max-missing %g: look at the series that are silent, and at the sources' last runs", r.Missed, maxMissing)
}

func (r *Report) add(s *Series) {
	r.Series = append(r.Series, s)
	r.Add(s.Counts)
	if s.Silent {
		r.Silent++
	}
}

// Print writes the report for people, or as one line of JSON. With elements, each variable has a line of its own.
func (r *Report) Print(out io.Writer, asJSON, elements bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "station\tsource\tkind\tevery\texpected\tpresent\tmissing\t%\tflagged\tlongest gap\tlast\t") // a Builder takes everything
	for _, s := range r.Series {
		s.print(w, r.To, elements)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "from %s to %s: %d of %d readings are missing (%.1f %%), %d are flagged, %d of %d series are silent\n",
		minute(r.From), minute(r.To), r.Missing, r.Expected, r.Missed, r.Flagged, r.Silent, len(r.Series))
	_, err := io.WriteString(out, b.String())
	return err
}

func (s *Series) print(w io.Writer, end time.Time, elements bool) {
	every, longest, last := "unknown", "", "never"
	if s.EveryS > 0 {
		every = (time.Duration(s.EveryS) * time.Second).String()
		if s.EveryBy == BySeen {
			every += " (seen)"
		}
	}
	if g := s.Longest; g != nil {
		longest = minute(g.From) + " " + g.To.Sub(g.From).String()
		if g.To.Equal(end) {
			longest += " and on"
		}
	}
	if s.Last != nil {
		last = minute(*s.Last)
	}
	if s.Silent {
		last += " SILENT"
	}
	kind := string(s.Kind)
	if s.OfDays {
		kind += ", days"
	}
	_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%.1f\t%d\t%s\t%s\t\n", s.StationID, s.Source, kind, every,
		s.Expected, s.Present, s.Missing, s.MissingPct(), s.Flagged, longest, last)
	if !elements {
		return
	}
	for _, e := range s.Elements {
		_, _ = fmt.Fprintf(w, "\t%s\t\t\t%d\t%d\t%d\t%.1f\t%d\t\t\t\n", e.Variable, e.Expected, e.Present, e.Missing, e.MissingPct(), e.Flagged)
	}
}

func minute(t time.Time) string { return t.Format("2006-01-02T15:04Z") }
