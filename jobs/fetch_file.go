package main

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/output"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

func fetchFileCommand() *cli.Command {
	return &cli.Command{
		Name: "file", Usage: "readings from CSV, JSON, JSON Lines, XLSX, XML, YAML and Parquet files; - is standard input",
		ArgsUsage: "PATH...",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "move-to", EnvVars: env("move-to"), Usage: "move each file to `FOLDER` when it has reached Kafka, or to FOLDER/rejected when it is not what it says"},
			&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "watch the folders and patterns, and read what arrives, until SIGTERM"},
			&cli.DurationFlag{Name: "settle", Value: settleTime, EnvVars: env("settle"), Usage: "with --follow, or when given: leave files of folders and patterns that have changed within this `TIME`"},
			&cli.DurationFlag{Name: "poll", Value: time.Second, EnvVars: env("poll"), Usage: "with --follow: `TIME` between two looks"},
			metricsFlag(""),
		}, readFlags(), fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchFile),
		OnUsageError: reportUsage("fetch"),
	}
}

// settleTime is longer than a program that writes a file pauses.
const settleTime = 5 * time.Second

func fetchFile(c *cli.Context, j *job) (*flow.Report, error) {
	if c.NArg() == 0 {
		return nil, flow.Fail(flow.Usage, "say which files or folders to read, or - for standard input")
	}
	setGarbage(besideFiles)
	options, err := readOptions(c)
	if err != nil {
		return nil, err
	}
	s := &file.Source{
		Paths: c.Args().Slice(), Options: options, Now: time.Now, Log: j.log, MoveTo: c.Path("move-to"),
		Follow: c.Bool("follow"), Poll: c.Duration("poll"), Alive: func() { j.alive.Progress() },
	}
	if s.Follow || c.IsSet("settle") {
		s.Settle = c.Duration("settle")
	}
	switch {
	case s.MoveTo != "" && (c.Bool("dry-run") || c.Path("out") != ""):
		return nil, flow.Fail(flow.Usage, "--move-to moves what has reached Kafka: leave it out with --out and --dry-run")
	case s.Follow && c.Path("out") != "":
		return nil, flow.Fail(flow.Usage, "--follow has no end, which a file needs: leave out --out")
	case s.Follow && s.Poll <= 0:
		return nil, flow.Fail(flow.Usage, "--poll is %s: it must be more than 0", s.Poll)
	case s.Settle < 0:
		return nil, flow.Fail(flow.Usage, "--settle is %s: it can't be less than 0", s.Settle)
	}
	report, err := fetchFrom(c, j, func(to output.Destination, report *flow.Report) (flow.Source, error) {
		s.Ignored = func(path string, what shape.Ignored) { ignore(j, report, path, what) }
		if s.MoveTo != "" || s.Follow {
			s.Landed = func(ctx context.Context) (err error) {
				report.Written, err = to.Finish(ctx)
				return err
			}
		}
		return s, nil
	})
	if s.Follow && c.Err() != nil && flow.ClassOf(err) == flow.Interrupted {
		j.log.Info("stopped before Kafka had the last records: their file is read again next time")
		err = nil
	}
	return report, cmp.Or(err, strict(c, report))
}

// formatOf finds the format of a file by its extension.
func formatOf(path string) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	var known []string
	for _, f := range formats() {
		for _, e := range f.Extensions {
			if e == ext {
				return f, nil
			}
			known = append(known, e)
		}
	}
	return format.Format{}, flow.Fail(flow.Usage, "the extension of %s is not that of a format; known are %s", path, strings.Join(known, " "))
}

func formatNamed(name string) (format.Format, error) {
	var known []string
	for _, f := range formats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return format.Format{}, flow.Fail(flow.Usage, "there is no format %q; known are %s", name, strings.Join(known, ", "))
}
