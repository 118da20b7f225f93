package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far each job is behind, how old the last observation of each region is, and what is late",
		Flags: flags([]cli.Flag{
			&cli.DurationFlag{Name: "max-age", Value: 3 * time.Hour, EnvVars: env("max-age"), Usage: "an older last observation is late: exit 1"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
			pgURLFlag(),
		}, kafkaFlags()),
		Action: status,
	}
}

// regionStatus is how one region stands.
type regionStatus struct {
	StationID  string     `json:"station_id"`
	Region     string     `json:"region"`
	ObservedAt *time.Time `json:"observed_at,omitempty"` // absent: never
	AgeS       *int64     `json:"age_s,omitempty"`
	Late       bool       `json:"late"`
}

// jobStatus is how far one job is behind.
type jobStatus struct {
	Job string `json:"job"`
	Lag int64  `json:"lag"` // offsets still to read
}

// overview is what status prints.
type overview struct {
	Jobs    []jobStatus    `json:"jobs"`
	Regions []regionStatus `json:"regions"`
	Late    int            `json:"late"` // regions
}

func status(c *cli.Context) error {
	j, err := startJob(c, "status")
	if err != nil {
		return err
	}
	defer j.end()
	j.progress.Close()
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return err
	}
	store, err := openPostgres(c.Context, c, j)
	if err != nil {
		return err
	}
	defer store.Close()
	o, err := look(c.Context, cfg, names, store, time.Now().UTC(), c.Duration("max-age"))
	if err != nil {
		return err
	}
	if err := o.print(c.App.Writer, c.Bool("json")); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	if o.Late > 0 {
		return flow.Fail(flow.Negative, "%d of %d regions have no observation younger than --max-age %s: look at the jobs that are behind, and at the sources", o.Late, len(o.Regions), c.Duration("max-age"))
	}
	return nil
}

// look asks the topics and PostgreSQL.
func look(ctx context.Context, cfg kafka.Config, names kafka.Names, store *pg.Store, now time.Time, maxAge time.Duration) (*overview, error) {
	admin, err := kafka.NewAdmin(cfg)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	books, err := counters(ctx, admin, names, store)
	if err != nil {
		return nil, err
	}
	o := &overview{}
	for _, s := range books.Stages {
		o.Jobs = append(o.Jobs, jobStatus{Job: s.Name, Lag: s.Lag})
	}
	latest, err := store.Latest(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range meteo.Stations {
		r := regionStatus{StationID: s.ID, Region: s.Region, Late: true}
		if at, ok := latest[s.ID]; ok {
			age := int64(now.Sub(at) / time.Second)
			r.ObservedAt, r.AgeS, r.Late = &at, &age, now.Sub(at) > maxAge
		}
		if r.Late {
			o.Late++
		}
		o.Regions = append(o.Regions, r)
	}
	return o, nil
}

func (o *overview) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(o)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range o.Jobs {
		_, _ = fmt.Fprintf(w, "%s\t%d behind\n", s.Job, s.Lag) // a Builder takes everything
	}
	for _, r := range o.Regions {
		state, age := "", "never"
		if r.Late {
			state = "LATE"
		}
		if r.AgeS != nil {
			age = (time.Duration(*r.AgeS) * time.Second).String() + " ago"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.StationID, r.Region, age, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}
