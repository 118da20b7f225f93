package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/output"
	"senmeteo/jobs/query"
)

func gapsCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "gaps", Usage: "what is missing, by station and element, and who is silent since when",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "from", EnvVars: env("from"), DefaultText: "a week before --to", Usage: "first `TIME`, UTC"},
			&cli.StringFlag{Name: "to", EnvVars: env("to"), DefaultText: "now", Usage: "`TIME` of the end, UTC"},
			&cli.StringSliceFlag{Name: "stations", EnvVars: env("stations"), Usage: "ids of the `STATIONS` to look at, comma-separated"},
			&cli.StringSliceFlag{Name: "expect", EnvVars: env("expect"), Usage: "`SOURCE=INTERVAL`: how often a source gives a reading; otherwise " + gaps.Promised + ", and others as often as most of their readings come"},
			&cli.Float64Flag{Name: "max-missing", Value: 100, EnvVars: env("max-missing"), Usage: "exit 1 when more than so many `PERCENT` of the readings are missing"},
			&cli.BoolFlag{Name: "elements", EnvVars: env("elements"), Usage: "a line for each element, too"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object, with the elements and days of each series"},
		}, storeFlags(kind, true), runFlags()),
		Action: printing("gaps", func(c *cli.Context, j *job) error { return gapsAction(c, j, kind) }),
	}
}

func gapsAction(c *cli.Context, j *job, kind flow.StoreKind) error {
	from, to, err := window(c)
	expect, err2 := gaps.ParseExpectations(c.StringSlice("expect"))
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	w, err := gaps.NewWindow(from, to, time.Now().UTC())
	if err != nil {
		return err
	}
	w.Expect, w.Stations = expect, c.StringSlice("stations")
	var report *gaps.Report
	err = askStore(c, j, kind, "what is missing", func(ctx context.Context, reader query.PresenceReader) error {
		report, err = gaps.Look(ctx, reader, w)
		return err
	})
	if err != nil {
		return err
	}
	if err := report.Print(c.App.Writer, c.Bool("json"), c.Bool("elements")); err != nil {
		return output.Stdout(err)
	}
	return report.Judge(c.Float64("max-missing"))
}
