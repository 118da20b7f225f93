package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

func forecastCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "forecast", Usage: "forecast the next days and hours of each station from what is stored, or from a file, as readings of kind forecast",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "a `FILE` of readings to forecast from, instead of the store"},
			&cli.StringFlag{Name: "issued-at", EnvVars: env("issued-at"), DefaultText: "now", Usage: "`TIME` of the issue, UTC: its day is the first that is forecast, its hour the last that is known"},
			&cli.StringFlag{Name: "stations", EnvVars: env("stations"), DefaultText: "all that were measured at", Usage: "ids or region names, comma-separated"},
		}, storeFlags(kind, true), readFlags(), fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("forecast", func(c *cli.Context, j *job) (*flow.Report, error) { return forecastAction(c, j, kind) }),
		OnUsageError: reportUsage("forecast"),
		Subcommands:  []*cli.Command{forecastBacktestCommand()},
	}
}

func forecastAction(c *cli.Context, j *job, kind flow.StoreKind) (*flow.Report, error) {
	s := &issue.Source{Now: time.Now, Log: j.log}
	var err error
	if s.IssuedAt, err = instant(c, "issued-at"); err != nil {
		return nil, err
	}
	if c.String("stations") != "" {
		if s.Stations, err = chosenStations(c); err != nil {
			return nil, err
		}
	}
	s.Read = func(ctx context.Context, until time.Time, add func(*meteo.Observation) error) error {
		if c.Path("in") != "" {
			return readMeasured(ctx, c, j, add)
		}
		return askStore(c, j, kind, "what was measured", func(ctx context.Context, store query.ForecastReader) error {
			return issue.Known(ctx, store, until, add)
		})
	}
	return fetchFrom(c, j, fetch.From(s))
}
