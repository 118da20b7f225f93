package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/generate"
)

func fetchGenerateCommand() *cli.Command {
	return &cli.Command{
		Name: "generate", Usage: "synthetic weather, realistic for each region and season",
		Flags: flags(windowFlags("first `TIME` (default: 24 hours before --to)", "first `TIME` that is not made any more (default: now)"), []cli.Flag{
			&cli.DurationFlag{Name: "every", Value: 10 * time.Minute, EnvVars: env("every"), Usage: "time between two readings of a station"},
			stationsFlag(),
			&cli.Uint64Flag{Name: "seed", Value: 1, EnvVars: env("seed"), Usage: "equal seeds give equal weather"},
			&cli.Float64Flag{Name: "faults", EnvVars: env("faults"), Usage: "chance that a reading gets a labelled defect, 0 to 1"},
			&cli.PathFlag{Name: "truth", EnvVars: env("truth"), Usage: "write the defects to `PATH` as JSON Lines (default with --out: OUT.truth.jsonl)"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchGenerate),
		OnUsageError: reportUsage("fetch"),
	}
}

func fetchGenerate(c *cli.Context, j *job) (*flow.Report, error) {
	cfg := generate.Config{Every: c.Duration("every"), Seed: c.Uint64("seed"), Faults: c.Float64("faults")}
	var err error
	if cfg.Stations, err = chosenStations(c); err != nil {
		return nil, err
	}
	if cfg.From, cfg.To, err = window(c); err != nil {
		return nil, err
	}
	if cfg.To.IsZero() {
		cfg.To = time.Now().UTC().Truncate(max(cfg.Every, time.Second))
	}
	if cfg.From.IsZero() {
		cfg.From = cfg.To.Add(-24 * time.Hour)
	}
	if err := cfg.Validate(); err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	if cfg.Faults > 0 {
		truth, err := createTruth(c)
		if err != nil {
			return nil, err
		}
		defer func() { _ = truth.Abandon() }() // after Commit it does nothing
		cfg.Truth = truth
		report, err := fetchGenerated(c, j, cfg)
		if err != nil {
			return report, err
		}
		return report, truth.Commit()
	}
	return fetchGenerated(c, j, cfg)
}

func fetchGenerated(c *cli.Context, j *job, cfg generate.Config) (*flow.Report, error) {
	source, err := generate.New(cfg)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	return fetchFrom(c, j, fetch.From(source))
}

func createTruth(c *cli.Context) (*output.File, error) {
	path := c.Path("truth")
	if path == "" && c.Path("out") != "" {
		path = c.Path("out") + ".truth.jsonl"
	}
	if path == "" {
		return nil, flow.Fail(flow.Usage, "--faults needs --truth PATH: without the truth nobody can tell the defects later")
	}
	return output.Create(path)
}
