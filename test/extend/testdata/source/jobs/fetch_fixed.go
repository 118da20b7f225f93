package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/fixed"
)

func fetchFixedCommand() *cli.Command {
	return &cli.Command{
		Name: "fixed", Usage: "one reading, always the same",
		Flags: flags(fetchFlags(), kafkaFlags(), runFlags()),
		Action: reporting("fetch", func(c *cli.Context, j *job) (*flow.Report, error) {
			return fetchFrom(c, j, func(output.Destination, *flow.Report) (flow.Source, error) { return fixed.Source{}, nil })
		}),
		OnUsageError: reportUsage("fetch"),
	}
}
