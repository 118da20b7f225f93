package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
)

func schemaCommand() *cli.Command {
	return &cli.Command{
		Name: "schema", Usage: "print the JSON Schema of readings and observations",
		Action: func(c *cli.Context) error {
			if _, err := fmt.Fprintln(c.App.Writer, string(meteo.JSONSchema())); err != nil {
				return output.Stdout(err)
			}
			return nil
		},
	}
}
