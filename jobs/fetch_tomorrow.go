package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/retry"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/tomorrow"
)

// budgetPatience is how long a round waits for the last hour's calls to be free again.
const budgetPatience = 2 * time.Minute

func fetchTomorrowCommand() *cli.Command {
	return &cli.Command{
		Name: "tomorrow", Usage: "weather of Tomorrow.io, one call per station: the present, or the hours from --from to --to, past and forecast",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "api-key-file", EnvVars: env("api-key-file"), Usage: "`FILE` that holds the API key"},
			baseURLFlag("the public server"), stationsFlag(),
		}, windowFlags("first `TIME` of the hours to read", "first `TIME` that is not read any more"), []cli.Flag{
			&cli.PathFlag{Name: "budget-dir", Value: "data/local", EnvVars: env("budget-dir"), Usage: "`FOLDER` where the runs of one machine share the count of calls"},
			&cli.StringFlag{Name: "redis-url", EnvVars: env("redis-url"), Usage: "`URL` of the Redis where runs of several machines share it instead; a secret: use SENMETEO_REDIS_URL_FILE"},
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
	budget, done, err := callBudget(c, key)
	if err != nil {
		return nil, err
	}
	defer done()
	cfg := tomorrow.Config{APIKey: key, BaseURL: c.String("base-url"), Budget: budget, HTTP: client.Config{UserAgent: userAgent()}}
	if cfg.Stations, err = chosenStations(c); err != nil {
		return nil, err
	}
	if cfg.From, cfg.To, err = window(c); err != nil {
		return nil, err
	}
	cfg.Warn = func(text string) { j.log.Warn("Tomorrow.io warns", "warning", text) }
	source, err := tomorrow.New(cfg)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	report, err := fetchFrom(c, j, fetch.From(source))
	var notDue *tomorrow.NotDueError
	if errors.As(err, &notDue) && c.Bool("skip-empty") {
		err = flow.Fail(flow.Nothing, "%w", notDue)
	}
	return report, err
}

// callBudget is what the key may still ask for, as counted in Redis where one is given and in a file otherwise. The
// function that it returns ends it.
func callBudget(c *cli.Context, key string) (*tomorrow.Budget, func(), error) {
	b := &tomorrow.Budget{Limits: tomorrow.FreeLimits, Patience: budgetPatience, Now: time.Now, Sleep: retry.Sleep}
	if !isGiven(c, "redis-url") {
		dir := c.Path("budget-dir")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, nil, output.CantWrite(filepath.Join(dir, "budget"), err)
		}
		b.Ledger = tomorrow.FileLedgerIn(dir, key)
		return b, func() {}, nil
	}
	url, err := secret(c, "redis-url")
	if err != nil {
		return nil, nil, err
	}
	ledger, err := tomorrow.NewRedisLedger(url, key)
	if err != nil {
		return nil, nil, flow.Fail(flow.Usage, "--redis-url: %w", err)
	}
	b.Ledger, b.Now = ledger, ledger.Now
	return b, func() { _ = ledger.Close() }, nil // every change of it is done
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
