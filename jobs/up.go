package main

import (
	"path/filepath"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/embedded"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/web"
)

func upCommand(kinds []flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "up", Usage: "the whole pipeline in one process: broker, PostgreSQL, lake folder and live page; nothing else to run",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "data-dir", Value: "data/local", EnvVars: env("data-dir"), Usage: "`FOLDER` of everything it keeps; delete it to start afresh"},
			listenFlag(),
			metricsFlag("; without it the page has them"),
			&cli.DurationFlag{Name: "for", EnvVars: env("for"), DefaultText: "until Ctrl-C", Usage: "end after this time, with the ledger printed"},
			&cli.Uint64Flag{Name: "seed", Value: 1, EnvVars: env("seed"), Usage: "equal seeds give equal weather"},
			&cli.Float64Flag{Name: "faults", Value: 0.01, EnvVars: env("faults"), Usage: "chance that a reading gets a labelled defect, 0 to 1"},
		},
		Action: func(c *cli.Context) error { return up(c, kinds) },
	}
}

func up(c *cli.Context, kinds []flow.StoreKind) error {
	j, err := startJob(c, "up")
	if err != nil {
		return err
	}
	defer j.end()
	j.progress.Close()
	cfg := embedded.Config{
		Seed: c.Uint64("seed"), Faults: c.Float64("faults"), Limit: c.Duration("for"), Stores: kinds, Stdout: j.stdout, Log: j.log, Shown: j.show,
	}
	if cfg.Faults < 0 || cfg.Faults > 1 {
		return flow.Fail(flow.Usage, "--faults is %g: it is a chance, from 0 to 1", cfg.Faults)
	}
	if cfg.Dir, err = filepath.Abs(c.Path("data-dir")); err != nil {
		return flow.Fail(flow.Usage, "--data-dir: %w", err)
	}
	if err := j.serveMetrics(c, true); err != nil {
		return err
	}
	defer j.metrics.Close()
	cfg.Metrics = j.metrics
	if cfg.Listener, err = web.Listen(c.String("listen")); err != nil {
		return err
	}
	ledger, err := embedded.Run(c.Context, cfg)
	if err != nil || ledger == nil {
		return err
	}
	if err := ledger.Print(c.App.Writer); err != nil {
		return output.Stdout(err)
	}
	return ledger.Judge()
}
