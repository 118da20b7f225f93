package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/meteo"
)

func stationsCommand() *cli.Command {
	return &cli.Command{
		Name: "stations", Usage: "print the main stations",
		Action: func(c *cli.Context) error {
			for _, s := range meteo.Stations {
				if _, err := fmt.Fprintln(c.App.Writer, s.ID, s.Region); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
