package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/openmeteo"
)

func fetchOpenMeteoCommand() *cli.Command {
	return &cli.Command{
		Name: "open-meteo", Usage: "weather of Open-Meteo, no key needed: the present, or the hourly past with --from and --to",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "base-url", EnvVars: env("base-url"), Usage: "scheme and host that stand in for the public servers"},
			&cli.StringFlag{Name: "stations", Value: "all", EnvVars: env("stations"), Usage: "ids or region names, comma-separated"},
			&cli.StringFlag{Name: "from", EnvVars: env("from"), Usage: "first `TIME` of the archive"},
			&cli.StringFlag{Name: "to", EnvVars: env("to"), Usage: "first `TIME` that is not read any more"},
			&cli.PathFlag{Name: "cursor", EnvVars: env("cursor"), Usage: "keep in `FILE` how far the window was read, and go on from there"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchOpenMeteo),
		OnUsageError: reportUsage("fetch"),
	}
}

func fetchOpenMeteo(c *cli.Context, j *job) (*flow.Report, error) {
	cfg := openmeteo.Config{BaseURL: c.String("base-url"), HTTP: client.Config{UserAgent: userAgent()}}
	var err error
	if cfg.Stations, err = meteo.SelectStations(c.String("stations")); err != nil {
		return nil, flow.Fail(flow.Usage, "--stations: %w", err)
	}
	if cfg.From, err = instant(c, "from"); err != nil {
		return nil, err
	}
	if cfg.To, err = instant(c, "to"); err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	if path := c.Path("cursor"); path != "" {
		if c.Bool("dry-run") || c.Path("out") != "" {
			return nil, flow.Fail(flow.Usage, "--cursor remembers what has reached Kafka: leave it out with --out and --dry-run")
		}
		cfg.Cursor = &openmeteo.FileCursor{Path: path}
	}
	return fetchWith(c, j, func(to destination, report *flow.Report) (flow.Source, error) {
		if cfg.Cursor != nil {
			cfg.Landed = func(ctx context.Context) (err error) {
				report.Written, err = to.finish(ctx)
				return err
			}
		}
		return openmeteo.New(cfg)
	})
}

// userAgent names the program to servers.
func userAgent() string { return "senmeteo/" + version }
