package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

func qualityCommand() *cli.Command {
	return &cli.Command{
		Name: "quality", Usage: "how good the observations of a day were, region by region, and which rules they failed",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "day", EnvVars: env("day"), Usage: "the `DAY`, UTC (default: yesterday)"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
			pgURLFlag(),
		}, runFlags()),
		Action: printing("quality", quality),
	}
}

// qualityReport is what quality prints.
type qualityReport struct {
	Day          string          `json:"day"`
	Observations int64           `json:"observations"`
	Missing      []string        `json:"missing,omitempty"` // regions without any observation
	Regions      []query.Quality `json:"regions"`
}

func quality(c *cli.Context, j *job) error {
	day, err := instant(c, "day")
	if err != nil {
		return err
	}
	if day.IsZero() {
		day = time.Now().UTC().AddDate(0, 0, -1)
	}
	day = day.Truncate(24 * time.Hour)
	ctx, cancel := withTimeout(c)
	defer cancel()
	store, err := openPostgres(ctx, c, j)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // read only
	r := qualityReport{Day: day.Format(time.DateOnly)}
	if r.Regions, err = store.Quality(ctx, day, day.AddDate(0, 0, 1)); err != nil {
		return err
	}
	for _, s := range meteo.Stations {
		if !slices.ContainsFunc(r.Regions, func(q query.Quality) bool { return q.Region == s.Region }) {
			r.Missing = append(r.Missing, s.Region)
		}
	}
	for _, q := range r.Regions {
		r.Observations += q.Observations
	}
	if err := r.print(c.App.Writer, c.Bool("json")); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	return nil
}

func (r *qualityReport) print(out io.Writer, asJSON bool) error {
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
