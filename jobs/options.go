package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Flags that several verbs share. Each has an environment variable: --pg-url is SENMETEO_PG_URL.

func env(flag string) []string {
	return []string{"SENMETEO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))}
}

func logFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log-level", Value: "info", EnvVars: env("log-level"), Usage: "debug, info, warn or error"},
	}
}

func logLevel(c *cli.Context) (slog.Level, error) {
	text := c.String("log-level")
	if text == "" { // empty too where the flags could not be read
		return slog.LevelInfo, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, flow.Fail(flow.Usage, "--log-level is %q: it may be debug, info, warn or error", text)
	}
	return level, nil
}

func runFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "run-id", EnvVars: env("run-id"), Usage: "Airflow's run id; it is in every log line, dead letter and report"},
		&cli.DurationFlag{Name: "timeout", EnvVars: env("timeout"), DefaultText: "no limit", Usage: "stop cleanly after this time"},
		&cli.DurationFlag{Name: "stall-after", Value: 2 * time.Minute, EnvVars: env("stall-after"), Usage: "a job without progress for so long is not healthy"},
		&cli.BoolFlag{Name: "skip-empty", EnvVars: env("skip-empty"), Usage: "exit with 99 when there was nothing to do"},
		&cli.BoolFlag{Name: "progress", Value: true, EnvVars: env("progress"), Usage: "on a terminal, show a bar instead of log lines"},
	}
}

// metricsFlag is of the jobs that may go on for long.
func metricsFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "metrics-listen", EnvVars: env("metrics-listen"), Usage: "`ADDRESS` of /metrics for Prometheus; :PORT is of this machine alone" + usage}
}

// flowFlags are those of the jobs that move batches.
func flowFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "until", Value: "end", EnvVars: env("until"), Usage: "end: stop at the ends that the topic has at the start"},
		&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "go on until SIGTERM instead; several such workers share the partitions"},
		&cli.Int64Flag{Name: "max-records", EnvVars: env("max-records"), DefaultText: "no limit", Usage: "stop after this many records"},
		&cli.IntFlag{Name: "batch-records", EnvVars: env("batch-records"), DefaultText: "the job's own", Usage: "records of one commit at the most"},
		&cli.DurationFlag{Name: "linger", EnvVars: env("linger"), DefaultText: "a tenth of a second; to-es: half a second; to-hdfs: a minute", Usage: "with --follow: `TIME` that a record waits for its batch to fill; while commits are slow, up to half a second"},
		metricsFlag(""),
		&cli.BoolFlag{Name: "skip-lost", EnvVars: env("skip-lost"), Usage: "go on without records that the topic's retention took before they were stored"},
		&cli.BoolFlag{Name: "new-topic", EnvVars: env("new-topic"), Usage: "start again where a topic was deleted and recreated"},
		&cli.Float64Flag{Name: "max-reject-ratio", Value: 0.5, EnvVars: env("max-reject-ratio"), Usage: "exit with 65 when more than this share of the records was bad"},
	}
}

func flags(groups ...[]cli.Flag) []cli.Flag {
	var all []cli.Flag
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// secret reads a flag whose value may be a secret: from the flag, its variable, or the file that SENMETEO_<NAME>_FILE names.
func secret(c *cli.Context, flag string) (string, error) {
	if v := c.String(flag); v != "" {
		return v, nil
	}
	variable := env(flag)[0] + "_FILE"
	path := os.Getenv(variable)
	if path == "" {
		return "", flow.Fail(flow.Usage, "--%s is not set: give it, %s, or %s with the path of a file that holds it", flag, env(flag)[0], variable)
	}
	return secretFile(path, "that "+variable+" names")
}

// secretFile reads a secret from a file; which says in an error which file that is.
func secretFile(path, which string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", flow.Fail(flow.Usage, "reading the file %s (%s): %w", which, path, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// baseURLFlag is a test's or a proxy's way to stand in for public servers.
func baseURLFlag(public string) cli.Flag {
	return &cli.StringFlag{Name: "base-url", EnvVars: env("base-url"), Usage: "scheme and host that stand in for " + public}
}

func stationsFlag() cli.Flag {
	return &cli.StringFlag{Name: "stations", Value: "all", EnvVars: env("stations"), Usage: "ids or region names, comma-separated"}
}

// chosenStations reads stationsFlag.
func chosenStations(c *cli.Context) ([]meteo.Station, error) {
	stations, err := meteo.SelectStations(c.String("stations"))
	if err != nil {
		return nil, flow.Fail(flow.Usage, "--stations: %w", err)
	}
	return stations, nil
}

// windowFlags choose from when, and up to when.
func windowFlags(from, to string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "from", EnvVars: env("from"), Usage: from},
		&cli.StringFlag{Name: "to", EnvVars: env("to"), Usage: to},
	}
}

// window reads windowFlags; one that is not given is the zero time.
func window(c *cli.Context) (from, to time.Time, err error) {
	if from, err = instant(c, "from"); err != nil {
		return from, to, err
	}
	to, err = instant(c, "to")
	return from, to, err
}

// instant reads a time flag: RFC 3339, or a day in UTC.
func instant(c *cli.Context, flag string) (time.Time, error) {
	text := c.String(flag)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, flow.Fail(flow.Usage, "--%s is %q: write it like 2026-01-31 or 2026-01-31T12:00:00Z", flag, text)
}
