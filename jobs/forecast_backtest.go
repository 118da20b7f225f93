package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast/backtest"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/file"
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
	cfg := backtest.Config{Leads: c.IntSlice("leads")}
	var err error
	if cfg.From, cfg.To, err = window(c); err != nil {
		return err
	}
	if err := cfg.Check(); err != nil {
		return flow.Fail(flow.Usage, "--leads, --from, --to: %w", err)
	}
	options, err := readOptions(c)
	if err != nil {
		return err
	}
	if c.Path("in") == "" {
		return flow.Fail(flow.Usage, "say which file of daily readings to score: --in FILE")
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	reader, err := file.Open(c.Path("in"), options)
	if err != nil {
		return fetch.Failure(ctx, err)
	}
	defer func() { _ = reader.Close() }() // read only
	days, refused, err := backtest.Read(ctx, reader)
	if err != nil {
		return fetch.Failure(ctx, err)
	}
	if refused > 0 {
		j.log.Warn("records are left out; convert names each", "records", refused)
	}
	report, err := backtest.Run(ctx, days, cfg)
	if err != nil {
		return err
	}
	if err := report.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	return nil
}
