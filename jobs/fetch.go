package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
)

// fetchFlags say where readings go.
func fetchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write to `PATH`, in the format of its extension, instead of Kafka"},
		&cli.BoolFlag{Name: "dry-run", EnvVars: env("dry-run"), Usage: "print the readings as JSON Lines and send nothing"},
		&cli.Float64Flag{Name: "max-reject-ratio", Value: 0.5, EnvVars: env("max-reject-ratio"), Usage: "exit with 65 when more than this share of the records was bad"},
	}
}

// fetchFrom carries everything that a source gives to where the flags say.
func fetchFrom(c *cli.Context, j *job, build fetch.Build) (*flow.Report, error) {
	j.alive.Watch(c.Duration("stall-after"))
	j.metrics.Reads(j.name, j.records.Load)
	ctx, cancel := withTimeout(c)
	defer cancel()
	to, err := openDestination(ctx, c, j)
	if err != nil {
		return nil, err
	}
	report, err := fetch.Run(ctx, j.fetchConfig(), to, build)
	if err != nil || c.Bool("follow") { // what came over weeks has no share
		return report, err
	}
	return report, tooManyRejects(c, report)
}

func (j *job) fetchConfig() fetch.Config {
	return fetch.Config{Job: j.name, RunID: j.runID, Log: j.log, Progress: j.moved}
}

// openDestination opens where the flags of fetch say that readings go.
func openDestination(ctx context.Context, c *cli.Context, j *job) (output.Destination, error) {
	switch {
	case c.Bool("dry-run"):
		return output.NewLines(j.stdout), nil
	case c.Path("out") != "":
		f, err := formatOf(c.Path("out"))
		if err != nil {
			return nil, err
		}
		return output.CreateReadings(c.Path("out"), f, j.log)
	}
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	return output.OpenTopic(ctx, topics.Kafka, topics.Names)
}

func withTimeout(c *cli.Context) (context.Context, context.CancelFunc) {
	if d := c.Duration("timeout"); d > 0 {
		return context.WithTimeout(c.Context, d)
	}
	return context.WithCancel(c.Context)
}

// checkRejectRatio refuses a --max-reject-ratio that is not a share; verbs without the flag pass.
func checkRejectRatio(c *cli.Context) error {
	if ratio := c.Float64("max-reject-ratio"); !(ratio >= 0 && ratio <= 1) { // NaN too
		return flow.Fail(flow.Usage, "--max-reject-ratio is %g: it is a share, from 0 to 1", ratio)
	}
	return nil
}

func tooManyRejects(c *cli.Context, r *flow.Report) error {
	limit := c.Float64("max-reject-ratio")
	if r.Read > 0 && float64(r.Rejected)/float64(r.Read) > limit {
		return flow.Fail(flow.BadInput, "%d of %d records were bad, more than --max-reject-ratio %g allows; the good ones are stored, look at the others with their reasons", r.Rejected, r.Read, limit)
	}
	return nil
}
