package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/status"
)

func statusCommand(kinds []flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far each job is behind, how old the last observation of each region is, and what is late",
		Flags: flags([]cli.Flag{
			&cli.DurationFlag{Name: "max-age", Value: 3 * time.Hour, EnvVars: env("max-age"), Usage: "an older last observation is late: exit 1"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
		}, namedStoreFlags(kinds), kafkaFlags(), runFlags()),
		Action: printing("status", func(c *cli.Context, j *job) error { return statusAction(c, j, kinds) }),
	}
}

func statusAction(c *cli.Context, j *job, kinds []flow.StoreKind) error {
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	admin, err := kafka.NewAdmin(topics.Kafka)
	if err != nil {
		return err
	}
	defer admin.Close()
	stores, err := openNamedStores(ctx, c, j, topics, kinds)
	if err != nil {
		return err
	}
	if status.Reader(stores) == nil {
		j.log.Warn("without --pg-url nothing is known of the regions: they are left out")
	}
	o, err := status.Look(ctx, admin, topics.Names, stores, time.Now().UTC(), c.Duration("max-age"))
	if err = errors.Join(err, pipeline.CloseStores(stores)); err != nil {
		return err
	}
	if err := o.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	if o.Late > 0 {
		return flow.Fail(flow.Negative, "%d of %d regions have no observation younger than --max-age %s: look at the jobs that are behind, and at the sources", o.Late, len(o.Regions), c.Duration("max-age"))
	}
	return nil
}
