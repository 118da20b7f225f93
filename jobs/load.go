package main

import (
	"errors"
	"strconv"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/pipeline"
)

// loadCommand is the verb to-NAME of a kind of store.
func loadCommand(kind flow.StoreKind) *cli.Command {
	groups := [][]cli.Flag{storeFlags(kind, true), flowFlags(), kafkaFlags(), runFlags(), maintenanceFlags(kind)}
	return &cli.Command{
		Name: kind.Job(), Usage: kind.Usage, Flags: flags(groups...), OnUsageError: reportUsage(kind.Job()),
		Action: reporting(kind.Job(), func(c *cli.Context, j *job) (*flow.Report, error) {
			outliveTheLog()
			if c.Bool("compact") || c.Bool("prune") {
				return maintain(c, j, kind)
			}
			return load(c, j, kind)
		}),
	}
}

// load moves the clean topic into a store.
func load(c *cli.Context, j *job, kind flow.StoreKind) (*flow.Report, error) {
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	run, err := runConfig(c, j)
	if err != nil {
		return nil, err
	}
	pipeline.Configure(&run, kind)
	settings, err := storeSettings(c, kind)
	if err != nil {
		return nil, err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	p, err := pipeline.OpenLoad(ctx, topics, kind, flow.StoreConfig{Settings: settings, RunID: j.runID, NewTopic: c.Bool("new-topic"), Logger: j.log})
	if err != nil {
		return nil, err
	}
	p.Measure(j.metrics)
	report, err := p.Run(ctx, run)
	if err = errors.Join(err, p.Close()); err != nil {
		return report, err
	}
	return report, tooManyRejects(c, report)
}

// runConfig reads the flags of the loop.
func runConfig(c *cli.Context, j *job) (flow.Config, error) {
	cfg := flow.Config{
		Job: j.name, RunID: j.runID, Follow: c.Bool("follow"), SkipLost: c.Bool("skip-lost"), MaxRecords: c.Int64("max-records"), BatchRecords: c.Int("batch-records"),
		Linger: c.Duration("linger"), Logger: j.log, Alive: j.alive.Progress, Progress: func(r flow.Report) { j.moved(r.Read, r.Read+r.Lag) },
	}
	if u := c.String("until"); u != "end" {
		return cfg, flow.Fail(flow.Usage, "--until is %q: it may only be end; --follow goes on", u)
	}
	if cfg.MaxRecords < 0 || cfg.BatchRecords < 0 {
		return cfg, flow.Fail(flow.Usage, "--max-records and --batch-records can't be negative")
	}
	if cfg.Linger < 0 {
		return cfg, flow.Fail(flow.Usage, "--linger is %s: it can't be negative", cfg.Linger)
	}
	j.alive.Watch(c.Duration("stall-after"))
	return cfg, nil
}

// maintenanceFlags let the job of a store work on what is stored, instead of loading.
func maintenanceFlags(kind flow.StoreKind) []cli.Flag {
	var flags []cli.Flag
	if kind.Compacts {
		flags = append(flags,
			&cli.BoolFlag{Name: "compact", EnvVars: env("compact"), Usage: "instead of loading, make one sorted file of each day before --before, with the last revisions"},
			&cli.StringFlag{Name: "before", EnvVars: env("before"), DefaultText: "today", Usage: "first `DAY` that --compact leaves alone"},
			&cli.BoolFlag{Name: "all", EnvVars: env("all"), Usage: "with --compact: rewrite the days that were compacted before, too"})
	}
	if kind.Prunes {
		flags = append(flags,
			&cli.BoolFlag{Name: "prune", EnvVars: env("prune"), Usage: "instead of loading, delete the observations of the months that end at --before or earlier"},
			&cli.StringFlag{Name: "before", EnvVars: env("before"), Usage: "first `DAY` that --prune leaves alone, at least " + strconv.Itoa(pipeline.KeptDays) + " days ago"})
	}
	return flags
}

// maintain compacts or prunes a store.
func maintain(c *cli.Context, j *job, kind flow.StoreKind) (*flow.Report, error) {
	before, err := instant(c, "before")
	if err != nil {
		return nil, err
	}
	settings, err := storeSettings(c, kind)
	if err != nil {
		return nil, err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	cfg := flow.StoreConfig{Settings: settings, Prefix: c.String("topic-prefix"), Job: j.name, RunID: j.runID, Logger: j.log}
	if c.Bool("prune") {
		return pipeline.Prune(ctx, kind, cfg, before)
	}
	return pipeline.Compact(ctx, kind, cfg, before, c.Bool("all"))
}
