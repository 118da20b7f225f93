package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
)

func alertsCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "alerts", Usage: "look what is wrong, open and close incidents, and send each once: to the log and a webhook",
		Flags: flags([]cli.Flag{
			&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "look again and again until SIGTERM, instead of once"},
			&cli.DurationFlag{Name: "pause", Value: time.Minute, EnvVars: env("pause"), Usage: "with --follow: `TIME` between two looks"},
			&cli.StringSliceFlag{Name: "expect", EnvVars: env("expect"), Usage: "`SOURCE=INTERVAL`: a source that is silent after two intervals; otherwise " + gaps.Promised},
			&cli.PathFlag{Name: "webhook-url-file", EnvVars: env("webhook-url-file"), Usage: "`FILE` that holds the URL to post to, as Slack and Mattermost give one"},
			&cli.StringFlag{Name: "quiet", EnvVars: env("quiet"), Usage: "`HOURS` of the day, UTC, in which nothing is sent, like 22:00-06:00; it is sent after them"},
		}, storeFlags(kind, true), runFlags()),
		Subcommands: incidentCommands(kind),
		Action:      printing("alerts", func(c *cli.Context, j *job) error { return alertsAction(c, j, kind) }),
	}
}

func alertsAction(c *cli.Context, j *job, kind flow.StoreKind) error {
	if c.Args().Present() {
		return flow.Fail(flow.Usage, "alerts has no %q: it is list, raise, clear or mute, or nothing", c.Args().First())
	}
	cfg := alerts.Config{Logger: j.log, Now: time.Now}
	var err error
	if cfg.Expect, err = gaps.ParseExpectations(c.StringSlice("expect")); err != nil {
		return err
	}
	if cfg.Quiet, err = alerts.ParseQuiet(c.String("quiet")); err != nil {
		return err
	}
	if path := c.Path("webhook-url-file"); path != "" {
		address, err := secretFile(path, "of --webhook-url-file")
		if err != nil {
			return err
		}
		if cfg.Webhook, err = alerts.NewWebhook(address); err != nil {
			return err
		}
	}
	return changeStore(c, j, kind, "incidents", func(ctx context.Context, store alerts.Store) error {
		if c.Bool("follow") {
			return alerts.Follow(ctx, store, cfg, c.Duration("pause"))
		}
		return alerts.Run(ctx, store, cfg)
	})
}
