package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/tomorrow"
)

// budgetPatience is how long a round waits for the last hour's calls to be free again.
const budgetPatience = 2 * time.Minute

func fetchTomorrowCommand() *cli.Command {
	return &cli.Command{
		Name: "tomorrow", Usage: "present weather of Tomorrow.io, one call per station",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "api-key-file", EnvVars: env("api-key-file"), Usage: "`FILE` that holds the API key"},
			&cli.StringFlag{Name: "base-url", EnvVars: env("base-url"), Usage: "scheme and host that stand in for the public server"},
			&cli.StringFlag{Name: "stations", Value: "all", EnvVars: env("stations"), Usage: "ids or region names, comma-separated"},
			&cli.PathFlag{Name: "budget-dir", Value: "data/local", EnvVars: env("budget-dir"), Usage: "`FOLDER` where runs share the count of calls"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchTomorrow),
		OnUsageError: reportUsage("fetch"),
	}
}

func fetchTomorrow(c *cli.Context, j *job) (*flow.Report, error) {
	key, err := apiKey(c.Path("api-key-file"))
	if err != nil {
		return nil, err
	}
	dir := c.Path("budget-dir")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, cantWrite(filepath.Join(dir, "budget"), err)
	}
	cfg := tomorrow.Config{
		APIKey: key, BaseURL: c.String("base-url"), HTTP: client.Config{UserAgent: userAgent()},
		Budget: &tomorrow.Budget{Path: tomorrow.BudgetPath(dir, key), Limits: tomorrow.FreeLimits, Patience: budgetPatience, Now: time.Now, Sleep: client.Sleep},
	}
	if cfg.Stations, err = meteo.SelectStations(c.String("stations")); err != nil {
		return nil, flow.Fail(flow.Usage, "--stations: %w", err)
	}
	source, err := tomorrow.New(cfg)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	report, err := fetch(c, j, source)
	var notDue *tomorrow.NotDueError
	if errors.As(err, &notDue) && c.Bool("skip-empty") {
		err = flow.Fail(flow.Nothing, "%w", notDue)
	}
	return report, err
}

// apiKey reads a secret file. Without one the source says what is missing.
func apiKey(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", flow.Fail(flow.Usage, "reading the API key: %w: check --api-key-file or SENMETEO_API_KEY_FILE", err)
	}
	return strings.TrimSpace(string(text)), nil
}
