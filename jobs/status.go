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
	"senmeteo/jobs/sink/es"
	"senmeteo/jobs/sink/hdfs"
	"senmeteo/jobs/sink/pg"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far each job is behind, how old the last observation of each region is, and what is late",
		Flags: flags([]cli.Flag{
			&cli.DurationFlag{Name: "max-age", Value: 3 * time.Hour, EnvVars: env("max-age"), Usage: "an older last observation is late: exit 1"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
			pgURLFlag(),
			&cli.StringFlag{Name: "hdfs", EnvVars: env("hdfs"), Usage: "the lake's `URL`, for how far to-hdfs is behind (default: not asked)"},
			hdfsUserFlag(),
		}, elasticsearchFlags(), kafkaFlags(), runFlags()),
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
	ctx, cancel := withTimeout(c)
	defer cancel()
	w := &watcher{names: names, postgres: store}
	if w.admin, err = kafka.NewAdmin(cfg); err != nil {
		return err
	}
	defer w.admin.Close()
	if isGiven(c, "es-url") {
		if w.indices, err = openElasticsearch(c, j); err != nil {
			return err
		}
		defer w.indices.Close()
	}
	if c.String("hdfs") != "" {
		w.lake = func(t kafka.Topic) (*hdfs.Lake, error) { return hdfs.Open(lakeConfig(c, j, t)) }
	}
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
	admin    *kafka.Admin
	names    kafka.Names
	postgres *pg.Store
	indices  *es.Store                             // nil: not asked
	lake     func(kafka.Topic) (*hdfs.Lake, error) // nil: not asked
}

func (w *watcher) look(ctx context.Context, now time.Time, maxAge time.Duration) (*overview, error) {
	books, err := counters(ctx, w.admin, w.names, w.postgres)
	if err != nil {
		return nil, err
	}
	o := &overview{}
	for _, s := range books.Stages {
		o.Jobs = append(o.Jobs, jobStatus{Job: s.Name, Lag: s.Lag})
	}
	others, err := w.otherStores(ctx)
	if err != nil {
		return nil, err
	}
	o.Jobs = append(o.Jobs, others...)
	latest, err := w.postgres.Latest(ctx)
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

// otherStores tells how far the lake and the indices are behind the clean topic.
func (w *watcher) otherStores(ctx context.Context) ([]jobStatus, error) {
	topic, err := w.admin.Topic(ctx, w.names.Clean())
	if err != nil {
		return nil, err
	}
	bounds, err := w.admin.Bounds(ctx, topic)
	if err != nil {
		return nil, err
	}
	behind := func(job string, next flow.Offsets) jobStatus {
		s := jobStatus{Job: job}
		for p, b := range bounds {
			s.Lag += max(0, b.End-max(next[p], b.First))
		}
		return s
	}
	var out []jobStatus
	if w.lake != nil {
		lake, err := w.lake(topic)
		if err != nil {
			return nil, err
		}
		next, err := lake.Position(ctx)
		if err = errors.Join(err, lake.Close()); err != nil {
			return nil, err
		}
		out = append(out, behind("to-hdfs", next))
	}
	if w.indices != nil {
		stored, err := w.indices.Counters(ctx, topic.Name, topic.Partitions)
		if err != nil {
			return nil, err
		}
		next := flow.Offsets{}
		for p, c := range stored {
			next[p] = c.Next
		}
		out = append(out, behind("to-es", next))
	}
	return out, nil
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
