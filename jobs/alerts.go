package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
	"senmeteo/jobs/status"
)

func alertsCommand(kind flow.StoreKind, kinds []flow.StoreKind) *cli.Command {
	others := slices.DeleteFunc(slices.Clone(kinds), func(k flow.StoreKind) bool { return k.Name == kind.Name })
	return &cli.Command{
		Name: "alerts", Usage: "look what is wrong, open and close incidents, and send each once: to the log and a webhook",
		Flags: flags([]cli.Flag{
			&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "look again and again until SIGTERM, instead of once"},
			&cli.DurationFlag{Name: "pause", Value: time.Minute, EnvVars: env("pause"), Usage: "with --follow: `TIME` between two looks"},
			&cli.StringSliceFlag{Name: "expect", EnvVars: env("expect"), Usage: "`SOURCE=INTERVAL`: a source that is silent after two intervals; otherwise " + gaps.Promised},
			&cli.BoolFlag{Name: "jobs", EnvVars: env("jobs"), Usage: "look at the jobs, too: at their lag and at what they reject; needs Kafka, and the addresses of the other stores whose jobs are to be looked at"},
			&cli.Int64Flag{Name: "max-lag", Value: 1000, EnvVars: env("max-lag"), Usage: "with --jobs: `RECORDS` that a job may lag; more of them, and growing over three looks, are an incident"},
			&cli.Float64Flag{Name: "max-dead-ratio", Value: 0.05, EnvVars: env("max-dead-ratio"), Usage: "with --jobs: `SHARE` of the records of the last hour that may be dead letters"},
			&cli.PathFlag{Name: "webhook-url-file", EnvVars: env("webhook-url-file"), Usage: "`FILE` that holds the URL to post to, as Slack and Mattermost give one"},
			&cli.StringFlag{Name: "quiet", EnvVars: env("quiet"), Usage: "`HOURS` of the day, UTC, in which nothing is sent, like 22:00-06:00; it is sent after them"},
		}, storeFlags(kind, true), namedStoreFlags(others), kafkaFlags(), runFlags()),
		Subcommands: incidentCommands(kind),
		Action:      printing("alerts", func(c *cli.Context, j *job) error { return alertsAction(c, j, kind, kinds) }),
	}
}

func alertsAction(c *cli.Context, j *job, kind flow.StoreKind, kinds []flow.StoreKind) error {
	if c.Args().Present() {
		return flow.Fail(flow.Usage, "alerts has no %q: it is list, raise, clear or mute, or nothing", c.Args().First())
	}
	cfg := alerts.Config{Logger: j.log, Now: time.Now}
	var err, err2, err3, err4 error
	cfg.Expect, err = gaps.ParseExpectations(c.StringSlice("expect"))
	cfg.Quiet, err2 = alerts.ParseQuiet(c.String("quiet"))
	cfg.Limits, err3 = alerts.NewLimits(c.Int64("max-lag"), c.Float64("max-dead-ratio"))
	cfg.Webhook, err4 = webhook(c)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	if c.Bool("jobs") {
		cfg.Jobs = func(ctx context.Context) ([]query.Stage, error) { return countJobs(ctx, c, j, kinds) }
	}
	return changeStore(c, j, kind, "incidents", func(ctx context.Context, store alerts.Store) error {
		if c.Bool("follow") {
			return alerts.Follow(ctx, store, cfg, c.Duration("pause"))
		}
		return alerts.Run(ctx, store, cfg)
	})
}

// webhook reads --webhook-url-file; nil without it.
func webhook(c *cli.Context) (*alerts.Webhook, error) {
	path := c.Path("webhook-url-file")
	if path == "" {
		return nil, nil
	}
	address, err := secretFile(path, "of --webhook-url-file")
	if err != nil {
		return nil, err
	}
	return alerts.NewWebhook(address)
}

// countJobs asks how far the jobs are whose stores were given. It connects for each look, which then needs no server to have been there before.
func countJobs(ctx context.Context, c *cli.Context, j *job, kinds []flow.StoreKind) ([]query.Stage, error) {
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	admin, err := kafka.NewAdmin(topics.Kafka)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	stores, err := openNamedStores(ctx, c, j, topics, kinds)
	if err != nil {
		return nil, err
	}
	stages, err := status.Stages(ctx, admin, topics.Names, stores)
	return stages, errors.Join(err, pipeline.CloseStores(stores))
}
