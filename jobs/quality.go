package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/status"
)

func qualityCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "quality", Usage: "how good the observations of a day were, region by region, and which rules failed where",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "day", EnvVars: env("day"), DefaultText: "yesterday", Usage: "the `DAY`, UTC"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
		}, storeFlags(kind, true), runFlags()),
		Action: printing("quality", func(c *cli.Context, j *job) error { return quality(c, j, kind) }),
	}
}

func quality(c *cli.Context, j *job, kind flow.StoreKind) error {
	day, err := instant(c, "day")
	if err != nil {
		return err
	}
	if day.IsZero() {
		day = time.Now().UTC().AddDate(0, 0, -1)
	}
	var q *status.Quality
	err = askStore(c, j, kind, "the quality", func(ctx context.Context, reader status.QualityStore) error {
		q, err = status.QualityOf(ctx, reader, day)
		return err
	})
	if err != nil {
		return err
	}
	if err := q.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	return nil
}
