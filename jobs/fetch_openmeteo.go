package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/openmeteo"
)

func fetchOpenMeteoCommand() *cli.Command {
	return &cli.Command{
		Name: "open-meteo", Usage: "weather of Open-Meteo, no key needed: the present, or the hourly past with --from and --to",
		Flags: flags([]cli.Flag{baseURLFlag("the public servers"), stationsFlag()}, windowFlags("first `TIME` of the archive", "first `TIME` that is not read any more"), []cli.Flag{
			&cli.PathFlag{Name: "cursor", EnvVars: env("cursor"), Usage: "keep in `FILE` how far the window was read, and go on from there"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchOpenMeteo),
		OnUsageError: reportUsage("fetch"),
	}
}

func fetchOpenMeteo(c *cli.Context, j *job) (*flow.Report, error) {
	cfg := openmeteo.Config{BaseURL: c.String("base-url"), HTTP: client.Config{UserAgent: userAgent()}}
	var err error
	if cfg.Stations, err = chosenStations(c); err != nil {
		return nil, err
	}
	if cfg.From, cfg.To, err = window(c); err != nil {
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
	return fetchFrom(c, j, func(to output.Destination, report *flow.Report) (flow.Source, error) {
		if cfg.Cursor != nil {
			cfg.Landed = func(ctx context.Context) (err error) {
				report.Written, err = to.Finish(ctx)
				return err
			}
		}
		return openmeteo.New(cfg)
	})
}

// userAgent names the program to servers.
func userAgent() string { return "senmeteo/" + version }
