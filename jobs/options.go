package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
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
		&cli.StringFlag{Name: "run-id", EnvVars: env("run-id"), Usage: "Airflow's run id; stands on every log line, dead letter and report"},
		&cli.DurationFlag{Name: "timeout", EnvVars: env("timeout"), Usage: "stop cleanly after this time (default: no limit)"},
		&cli.DurationFlag{Name: "stall-after", Value: 2 * time.Minute, EnvVars: env("stall-after"), Usage: "a job that does not get on for so long is not healthy"},
		&cli.BoolFlag{Name: "skip-empty", EnvVars: env("skip-empty"), Usage: "exit with 99 when there was nothing to do"},
		&cli.BoolFlag{Name: "progress", Value: true, EnvVars: env("progress"), Usage: "on a terminal, show a bar instead of log lines"},
	}
}

func kafkaFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "brokers", Value: "127.0.0.1:9092", EnvVars: env("brokers"), Usage: "Kafka brokers, `HOST:PORT,...`"},
		&cli.StringFlag{Name: "topic-prefix", Value: "meteo", EnvVars: env("topic-prefix"), Usage: "topics are PREFIX.raw, .clean and .dlq"},
		&cli.PathFlag{Name: "kafka-config", EnvVars: env("kafka-config"), Usage: "`FILE` with further librdkafka settings (key=value lines): TLS, SASL"},
	}
}

// flowFlags are those of the jobs that move batches.
func flowFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "until", Value: "end", EnvVars: env("until"), Usage: "end: stop at the ends that the topic has at the start"},
		&cli.BoolFlag{Name: "follow", EnvVars: env("follow"), Usage: "go on until SIGTERM instead; several such workers share the partitions"},
		&cli.Int64Flag{Name: "max-records", EnvVars: env("max-records"), Usage: "stop after this many records (default: no limit)"},
		&cli.IntFlag{Name: "batch-records", EnvVars: env("batch-records"), Usage: "records of one commit at the most (default: the job's own)"},
		&cli.BoolFlag{Name: "skip-lost", EnvVars: env("skip-lost"), Usage: "go on without records that the topic's retention took before they were stored"},
		&cli.BoolFlag{Name: "new-topic", EnvVars: env("new-topic"), Usage: "start again where a topic was deleted and made again"},
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

// kafkaConfig reads the Kafka flags.
func kafkaConfig(c *cli.Context, j *job) (kafka.Config, kafka.Names, error) {
	cfg := kafka.Config{Brokers: c.String("brokers"), ClientID: "senmeteo-" + j.name, Logger: j.log}
	names := kafka.Names{Prefix: c.String("topic-prefix")}
	if strings.TrimSpace(cfg.Brokers) == "" {
		return cfg, names, flow.Fail(flow.Usage, "--brokers is empty: say where Kafka is, such as 127.0.0.1:9092")
	}
	if err := names.Check(); err != nil {
		return cfg, names, flow.Fail(flow.Usage, "--topic-prefix: %w", err)
	}
	if path := c.Path("kafka-config"); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return cfg, names, flow.Fail(flow.Usage, "reading --kafka-config: %w", err)
		}
		if cfg.Settings, err = properties(string(text)); err != nil {
			return cfg, names, flow.Fail(flow.Usage, "--kafka-config %s: %w", path, err)
		}
	}
	return cfg, names, nil
}

// properties reads key=value lines; # begins a comment.
func properties(text string) (map[string]string, error) {
	out := map[string]string{}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d is no key=value", n+1) // its text may be a secret
		}
		out[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return out, nil
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
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", flow.Fail(flow.Usage, "reading the file that %s names (%s): %w", variable, path, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// isGiven tells whether a flag that secret reads is set in any way.
func isGiven(c *cli.Context, flag string) bool {
	return c.String(flag) != "" || os.Getenv(env(flag)[0]+"_FILE") != ""
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
