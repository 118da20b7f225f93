package main

import (
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/deadletter"
	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
)

func dlqCommand() *cli.Command {
	return &cli.Command{
		Name: "dlq", Usage: "dead letters, the records that a stage refused: look at them and send them back",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "print dead letters that were not sent back yet, as JSON Lines, the oldest of each partition first",
				Flags: flags(letterFlags(), []cli.Flag{
					&cli.BoolFlag{Name: "all", EnvVars: env("all"), Usage: "those that were sent back, too"},
					&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write them to `PATH` instead of the screen"},
				}, kafkaFlags()),
				Action: printing("dlq", dlqList),
			},
			{
				Name: "replay", Usage: "send dead letters back to the job that refused them, each once",
				Flags: flags(letterFlags(), []cli.Flag{
					&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "send only the letters of this `FILE`, with its keys and values: `dlq list --out`, repaired"},
					&cli.IntFlag{Name: "max-attempts", Value: 5, EnvVars: env("max-attempts"), Usage: "leave a record alone that was refused so often; only a repaired one goes back then"},
					&cli.BoolFlag{Name: "dry-run", EnvVars: env("dry-run"), Usage: "print the letters that would be sent, and send nothing"},
					&cli.IntFlag{Name: "batch-records", Value: 500, EnvVars: env("batch-records"), Usage: "letters of one transaction at the most"},
				}, kafkaFlags(), runFlags()),
				Action:       reporting("dlq-replay", dlqReplay),
				OnUsageError: reportUsage("dlq-replay"),
			},
		},
	}
}

// letterFlags choose dead letters.
func letterFlags() []cli.Flag {
	return flags([]cli.Flag{
		&cli.StringFlag{Name: "reason", EnvVars: env("reason"), Usage: "only letters of this reason code"},
		&cli.StringFlag{Name: "stage", EnvVars: env("stage"), Usage: "only letters that this job refused: stream, to-pg, ..."},
	}, windowFlags("only letters that were written at this `TIME` or later", "only letters that were written before this `TIME`"), []cli.Flag{
		&cli.IntFlag{Name: "limit", EnvVars: env("limit"), DefaultText: "all", Usage: "at most this many"},
	})
}

// letterFilter reads letterFlags.
func letterFilter(c *cli.Context) (deadletter.Filter, error) {
	f := deadletter.Filter{Reason: meteo.Reason(c.String("reason")), Stage: c.String("stage"), Limit: c.Int("limit")}
	if f.Reason != "" && !slices.Contains(meteo.Reasons[:], f.Reason) {
		var known []string
		for _, r := range meteo.Reasons {
			known = append(known, string(r))
		}
		return f, flow.Fail(flow.Usage, "--reason is %q; there are: %s", f.Reason, strings.Join(known, ", "))
	}
	if f.Limit < 0 {
		return f, flow.Fail(flow.Usage, "--limit can't be negative")
	}
	var err error
	f.From, f.To, err = window(c)
	return f, err
}

func dlqList(c *cli.Context, j *job) error {
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return err
	}
	filter, err := letterFilter(c)
	if err != nil {
		return err
	}
	list := func(out io.Writer) error { return deadletter.List(c.Context, topics, filter, c.Bool("all"), out) }
	if c.Path("out") == "" {
		return list(c.App.Writer)
	}
	file, err := output.Create(c.Path("out"))
	if err != nil {
		return err
	}
	if err := list(file); err != nil {
		_ = file.Abandon() // the first error says more
		return err
	}
	return file.Commit()
}

func dlqReplay(c *cli.Context, j *job) (*flow.Report, error) {
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	cfg := deadletter.ReplayConfig{
		Repaired: c.Path("in"), MaxAttempts: c.Int("max-attempts"), BatchLetters: c.Int("batch-records"),
		Job: j.name, RunID: j.runID, Log: j.log, Progress: j.moved,
	}
	if cfg.Filter, err = letterFilter(c); err != nil {
		return nil, err
	}
	if c.Bool("dry-run") {
		cfg.DryRun = j.stdout
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	report, err := deadletter.Replay(ctx, topics, cfg)
	if err != nil {
		return report, fetch.Failure(ctx, err)
	}
	return report, nil
}
