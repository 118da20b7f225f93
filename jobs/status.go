package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/hdfs"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far each job is behind, how old the last observation of each region is, and what is late",
		Flags: flags([]cli.Flag{
			&cli.DurationFlag{Name: "max-age", Value: 3 * time.Hour, EnvVars: env("max-age"), Usage: "an older last observation is late: exit 1"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
		}, namedStoreFlags(), kafkaFlags(), runFlags()),
		Action: printing("status", status),
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
	Regions []regionStatus `json:"regions,omitempty"` // absent: PostgreSQL was not asked
	Late    int            `json:"late"`              // regions
}

func status(c *cli.Context, j *job) error {
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	w := &watcher{names: names}
	if w.namedStores, err = openNamedStores(ctx, c, j); err != nil {
		return err
	}
	defer w.close()
	if w.postgres == nil {
		j.log.Warn("without --pg-url nothing is known of the regions: they are left out")
	}
	if w.admin, err = kafka.NewAdmin(cfg); err != nil {
		return err
	}
	defer w.admin.Close()
	o, err := w.look(ctx, time.Now().UTC(), c.Duration("max-age"))
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

// watcher asks the topics and the stores how far they are.
type watcher struct {
	admin *kafka.Admin
	names kafka.Names
	namedStores
}

func (w *watcher) look(ctx context.Context, now time.Time, maxAge time.Duration) (*overview, error) {
	o := &overview{}
	var err error
	if o.Jobs, err = w.jobs(ctx); err != nil || w.postgres == nil {
		return o, err
	}
	newest, err := w.postgres.Latest(ctx)
	if err != nil {
		return nil, err
	}
	latest := map[string]time.Time{}
	for _, l := range newest {
		latest[l.StationID] = l.ObservedAt
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

// jobs tells how far each job is behind, which of a store's job the store itself says.
func (w *watcher) jobs(ctx context.Context) ([]jobStatus, error) {
	topics, err := w.admin.Topics(ctx, w.names.Raw(), w.names.Clean())
	if err != nil {
		return nil, err
	}
	stages, err := streamStage(ctx, w.admin, w.names, topics)
	if err != nil {
		return nil, err
	}
	clean := topics[w.names.Clean()]
	if w.postgres != nil {
		load, err := postgresStage(ctx, w.admin, clean, w.postgres)
		if err != nil {
			return nil, err
		}
		stages = append(stages, load...)
	}
	var out []jobStatus
	for _, s := range stages {
		out = append(out, jobStatus{Job: s.Name, Lag: s.Lag})
	}
	bounds, err := w.admin.Bounds(ctx, clean)
	if err != nil {
		return nil, err
	}
	if w.lake != nil {
		next, err := w.lakePosition(ctx, clean)
		if err != nil {
			return nil, err
		}
		out = append(out, jobStatus{Job: "to-hdfs", Lag: lag(bounds, next)})
	}
	if w.indices != nil {
		indices, err := w.indices(ctx, clean)
		if err != nil {
			return nil, err
		}
		stored, err := indices.Progress(ctx)
		if err = errors.Join(err, indices.Close()); err != nil {
			return nil, err
		}
		next := flow.Offsets{}
		for p, c := range stored {
			if c.TopicID == clean.ID {
				next[p] = c.Next
			}
		}
		out = append(out, jobStatus{Job: "to-es", Lag: lag(bounds, next)})
	}
	return out, nil
}

// lakePosition asks how far the lake is filled from a topic. One that was filled from an earlier topic of this name has all of
// it before it.
func (w *watcher) lakePosition(ctx context.Context, topic flow.Topic) (flow.Offsets, error) {
	lake, err := hdfs.Open(w.lake(topic))
	if err != nil {
		return nil, err
	}
	stored, err := lake.Progress(ctx)
	next := flow.Offsets{}
	for p, s := range stored {
		if s.TopicID == topic.ID {
			next[p] = s.Next
		}
	}
	return next, errors.Join(err, lake.Close())
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
