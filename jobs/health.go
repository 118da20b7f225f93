package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alive"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
)

// healthTimeout bounds what a job that serves pages may take to answer.
const healthTimeout = 3 * time.Second

func healthCommand() *cli.Command {
	return &cli.Command{
		Name: "health", Usage: "exit with 0 when the job that runs here is alive, else with 1 (for container health checks)",
		ArgsUsage:   "[JOB]",
		Description: "Looks at every job of the program in this container, or on this machine, or only at those of one verb.",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "silence", Value: 15 * time.Second, EnvVars: env("silence"), Usage: "how old the last heartbeat of a job may be"},
		},
		Action: health,
	}
}

func health(c *cli.Context) error {
	if c.NArg() > 1 {
		return usage(fmt.Errorf("%q: health asks about one job at a time", c.Args().Get(1)))
	}
	job := c.Args().First()
	running := alive.Look(alive.Places(os.Getenv), job, time.Now())
	if len(running) == 0 {
		return flow.Fail(flow.Negative, "no job%s runs here", named(job))
	}
	ctx, cancel := context.WithTimeout(c.Context, healthTimeout)
	defer cancel()
	var failure error
	for _, s := range running {
		if err := s.Check(ctx, c.Duration("silence")); err != nil {
			failure = flow.Fail(flow.Negative, "%s (process %d): %w", s.Name, s.PID, err)
			continue
		}
		if _, err := fmt.Fprintf(c.App.Writer, "%s (process %d) is alive\n", s.Name, s.PID); err != nil {
			return output.Stdout(err)
		}
	}
	return failure
}

func named(job string) string {
	if job == "" {
		return ""
	}
	return " " + job
}
