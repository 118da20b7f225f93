package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/export"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/output"
	"senmeteo/jobs/query"
)

func exportCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "tables of three hours, days, dekads or months, by station or region, with the share that each value rests on",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "step", Value: string(export.Day), EnvVars: env("step"), Usage: "`TIME` that a row is of: " + export.Steps},
			&cli.StringFlag{Name: "from", EnvVars: env("from"), DefaultText: "30 days before --to", Usage: "first `TIME`, UTC"},
			&cli.StringFlag{Name: "to", EnvVars: env("to"), DefaultText: "now", Usage: "`TIME` of the end, UTC"},
			&cli.StringSliceFlag{Name: "stations", EnvVars: env("stations"), Usage: "ids of the `STATIONS`, comma-separated"},
			&cli.StringSliceFlag{Name: "sources", EnvVars: env("sources"), Usage: "names of the `SOURCES`, comma-separated"},
			&cli.StringFlag{Name: "form", Value: string(export.Table), EnvVars: env("form"), Usage: "for `WHOM`: " + export.Forms},
			&cli.PathFlag{Name: "station-list", EnvVars: env("station-list"), Usage: "with --form wis2-...: `FILE`, the station_list.csv of wis2box"},
			&cli.BoolFlag{Name: "by-region", EnvVars: env("by-region"), Usage: "the mean of the stations of each region"},
			&cli.StringSliceFlag{Name: "expect", EnvVars: env("expect"), Usage: "`SOURCE=INTERVAL`: how often a source gives a reading, as in gaps"},
			&cli.PathFlag{Name: "out", EnvVars: env("out"), DefaultText: "standard output, as csv", Usage: "`FILE`, whose ending is one of " + export.Formats},
		}, storeFlags(kind, true), runFlags()),
		Action: printing("export", func(c *cli.Context, j *job) error { return exportAction(c, j, kind) }),
	}
}

func exportAction(c *cli.Context, j *job, kind flow.StoreKind) error {
	step, err := export.ParseStep(c.String("step"))
	from, to, err2 := window(c)
	expect, err3 := gaps.ParseExpectations(c.StringSlice("expect"))
	form, err4 := export.ParseForm(c.String("form"))
	list, err5 := export.OpenStationList(c.Path("station-list"))
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		return err
	}
	if to.IsZero() {
		to = time.Now().UTC()
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -30)
	}
	r := export.Request{Step: step, From: from, To: to, Stations: c.StringSlice("stations"), Sources: c.StringSlice("sources"), Expect: expect, ByRegion: c.Bool("by-region"), Form: form, List: list, Logger: j.log}
	return output.Table(c.Path("out"), c.App.Writer, func(out io.Writer, format string) error {
		return askStore(c, j, kind, "what was measured", func(ctx context.Context, reader query.HistoryReader) error {
			return export.Write(ctx, reader, r, format, out)
		})
	})
}
