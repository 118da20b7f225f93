package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/fixed"
)

func fetchFixedCommand() *cli.Command {
	return &cli.Command{
		Name: "fixed", Usage: "one reading, always the same",
		Flags: flags(fetchFlags(), kafkaFlags(), runFlags()),
		Action: reporting("fetch", func(c *cli.Context, j *job) (*flow.Report, error) {
			return fetch(c, j, fixed.Source{})
		}),
		OnUsageError: reportUsage("fetch"),
	}
}
