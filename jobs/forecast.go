package main

import "github.com/urfave/cli/v2"

// forecastCommand groups what forecasts and scores forecasts.
func forecastCommand() *cli.Command {
	return &cli.Command{
		Name: "forecast", Usage: "forecast the next days, and score forecasts",
		Subcommands: []*cli.Command{forecastBacktestCommand()},
	}
}
