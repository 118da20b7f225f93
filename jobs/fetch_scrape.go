package main

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/scrape"
)

// scrapePatience is how long a round waits to be due: the end of one must not make a schedule skip every other.
const scrapePatience = 2 * time.Minute

func fetchScrapeCommand() *cli.Command {
	return &cli.Command{
		Name: "scrape", Usage: "weather of web pages and station reports",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "site", EnvVars: env("site"), Usage: strings.Join(scrape.Sites(), ", ") + ", or the `PATH` of a site file"},
			baseURLFlag("those of the site"), stationsFlag(),
			&cli.PathFlag{Name: "state-dir", Value: "data/local", EnvVars: env("state-dir"), Usage: "`FOLDER` where runs share when a site was asked, and what it gave"},
			&cli.BoolFlag{Name: "strict", EnvVars: env("strict"), Usage: "exit with 65 when something in a report was not understood"},
			&cli.StringFlag{Name: "contact", EnvVars: env("contact"), Usage: "mail `ADDRESS` or web page that a site's owner may write to"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchScrape),
		OnUsageError: reportUsage("fetch"),
	}
}

func fetchScrape(c *cli.Context, j *job) (*flow.Report, error) {
	if c.String("site") == "" {
		return nil, flow.Fail(flow.Usage, "--site is not set: choose one of %s, or give the path of a site file", strings.Join(scrape.Sites(), ", "))
	}
	site, err := scrape.LoadSite(c.String("site"))
	if err != nil {
		return nil, err
	}
	toKafka := !c.Bool("dry-run") && c.Path("out") == ""
	if toKafka && !site.IsWeather() {
		return nil, flow.Fail(flow.Usage, "%s gives means of many years, which are not the weather of a day: write them to a file (--out) or to the screen (--dry-run)", site.Name)
	}
	cfg := scrape.Config{
		Site: site, BaseURL: c.String("base-url"), StateDir: c.Path("state-dir"), Remember: toKafka, Contact: c.String("contact"),
		Patience: scrapePatience, HTTP: client.Config{UserAgent: userAgent()},
	}
	if err := os.MkdirAll(cfg.StateDir, 0o755); err != nil {
		return nil, output.CantWrite(filepath.Join(cfg.StateDir, "state"), err)
	}
	if list := strings.TrimSpace(c.String("stations")); list != "" && list != "all" {
		if cfg.Stations, err = chosenStations(c); err != nil {
			return nil, err
		}
	}
	var source *scrape.Source
	report, err := fetchFrom(c, j, func(_ output.Destination, report *flow.Report) (_ flow.Source, err error) {
		cfg.Warn = func(page, left string) {
			j.log.Warn("reports were read in part", "page", page, "left_out", left)
			report.Ignore(flow.Ignored{Name: page, Why: "in its reports there is something that is not understood", Rows: 1, Example: left})
		}
		if source, err = scrape.New(cfg); err != nil {
			return nil, flow.Fail(flow.Usage, "%w", err)
		}
		return source, nil
	})
	var notDue *scrape.NotDueError
	switch {
	case errors.As(err, &notDue) && c.Bool("skip-empty"):
		err = flow.Fail(flow.Nothing, "%w", notDue)
	case source != nil && report.Written == report.Read: // what was read has landed, whatever else went wrong
		if failed := source.Keep(); failed != nil && err == nil {
			err = failed
		}
	}
	return report, cmp.Or(err, strict(c, report))
}
