package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/backtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
)

func forecastBacktestCommand() *cli.Command {
	return &cli.Command{
		Name: "backtest", Usage: "score the forecasts that would have been issued in the past, of a file of daily readings",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "the `FILE` of readings, compressed by gzip or not"},
		}, windowFlags("`DAY` of the first issue (default: 1 January after two years)", "first `DAY` that is not forecast any more (default: the end of the file)"), []cli.Flag{
			&cli.IntSliceFlag{Name: "leads", EnvVars: env("leads"), Value: cli.NewIntSlice(1, 3, 7), Usage: "how many days ahead, 1 to 7"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object, with the scores of each station"},
		}, readFlags(), runFlags()),
		Action: printing("forecast backtest", forecastBacktest),
	}
}

func forecastBacktest(c *cli.Context, j *job) error {
	cfg, err := whatIsScored(c)
	if err != nil {
		return err
	}
	if c.Path("in") == "" {
		return flow.Fail(flow.Usage, "say which file of daily readings to score: --in FILE")
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	days := forecast.NewCollector()
	if err := readMeasured(ctx, c, j, func(o *meteo.Observation) error { days.Add(o); return nil }); err != nil {
		return err
	}
	report, err := backtest.Run(ctx, days.Days(), cfg)
	if err != nil {
		return err
	}
	if err := report.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	return nil
}

// whatIsScored reads the flags of a window of forecasts and their leads.
func whatIsScored(c *cli.Context) (cfg backtest.Config, err error) {
	cfg.Leads = c.IntSlice("leads")
	if cfg.From, cfg.To, err = window(c); err != nil {
		return cfg, err
	}
	return cfg, cfg.Check()
}

// readMeasured gives what the file of --in holds.
func readMeasured(ctx context.Context, c *cli.Context, j *job, add func(*meteo.Observation) error) error {
	options, err := readOptions(c)
	if err != nil {
		return err
	}
	refused, err := backtest.ReadFile(ctx, c.Path("in"), options, add)
	if err != nil {
		return fetch.Failure(ctx, err)
	}
	if refused > 0 {
		j.log.Warn("records are left out; convert names each", "records", refused)
	}
	return nil
}
