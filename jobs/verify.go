package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast/verify"
	"senmeteo/jobs/output"
	"senmeteo/jobs/query"
)

func verifyCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "score the forecasts that are stored by what was observed then",
		Flags: flags(windowFlags("first `DAY` of issue (default: 30 days before --to)", "first `DAY` that is not scored any more (default: today)"), []cli.Flag{
			&cli.IntSliceFlag{Name: "leads", EnvVars: env("leads"), Value: cli.NewIntSlice(1, 3, 7), Usage: "how many days ahead, 1 to 7"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object, with the scores of each station"},
		}, storeFlags(kind, true), runFlags()),
		Action: printing("verify", func(c *cli.Context, j *job) error { return verifyAction(c, j, kind) }),
	}
}

func verifyAction(c *cli.Context, j *job, kind flow.StoreKind) error {
	cfg, err := whatIsScored(c)
	if err != nil {
		return err
	}
	return askStore(c, j, kind, "forecasts", func(ctx context.Context, store query.ForecastReader) error {
		report, err := verify.Of(ctx, store, cfg, time.Now())
		if err != nil {
			return err
		}
		if err := verify.Print(report, c.App.Writer, c.Bool("json")); err != nil {
			return output.Stdout(err)
		}
		return nil
	})
}
