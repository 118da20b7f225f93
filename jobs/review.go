package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/review"
)

func reviewCommand() *cli.Command {
	return &cli.Command{
		Name: "review", Usage: "clean topic -> verdicts of the rules that look around, to the raw topic: the next `stream` makes revisions of them",
		Flags: flags([]cli.Flag{
			&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "go on until SIGTERM instead of to the ends that the topic has at the start"},
			&cli.DurationFlag{Name: "pause", Value: time.Second, EnvVars: env("pause"), Usage: "with --follow: `TIME` between two looks at the clean topic"},
		}, kafkaFlags(), runFlags()),
		Action:       reporting("review", reviewAction),
		OnUsageError: reportUsage("review"),
	}
}

func reviewAction(c *cli.Context, j *job) (*flow.Report, error) {
	outliveTheLog()
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	pause := c.Duration("pause")
	if pause <= 0 {
		return nil, flow.Fail(flow.Usage, "--pause is %s: it must be more than 0", pause)
	}
	j.alive.Watch(c.Duration("stall-after"))
	ctx, cancel := withTimeout(c)
	defer cancel()
	all, err := kafka.OpenReview(ctx, topics.Kafka, topics.Names, j.runID)
	if err != nil {
		return nil, err
	}
	report, err := review.Run(ctx, review.Config{
		RunID: j.runID, Follow: c.Bool("follow"), Pause: pause, Logger: j.log, Alive: j.alive.Progress,
		Progress: func(r flow.Report) { j.moved(r.Read, r.Read) },
	}, all)
	return report, errors.Join(err, all.Close())
}
