package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/console"
	"senmeteo/jobs/flow"
)

// version is set by the linker: -X main.version=...
var version = "dev"

// newApp makes the command line. Nothing in it ends the process.
func newApp() *cli.App {
	app := &cli.App{
		Name:    "senmeteo",
		Usage:   "weather data of the 14 regions of Senegal, from source to store, exactly once",
		Version: version,
		Description: `Start with "senmeteo up": the whole pipeline in one process, with a page on http://127.0.0.1:8090.

Exit codes: 0 done, 1 the answer is no, 64 wrong flags, 65 bad input, 66 no such input, 69 a server does not
answer, 70 a defect, 73 can't write, 75 another run took over, 99 nothing to do (--skip-empty), 143 stopped.`,
		Commands:               verbs(),
		Suggest:                true,
		EnableBashCompletion:   true,
		HideHelpCommand:        true,
		UseShortOptionHandling: false,
		ExitErrHandler:         func(*cli.Context, error) {}, // main gives the exit code
		CommandNotFound:        nil,
		Action:                 noVerb,
	}
	guardUsage(app.Commands)
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage(err) }
	return app
}

// guardUsage makes wrong flags and unknown verbs failures of the class Usage, at every level, and gives each verb the
// flags that all have.
func guardUsage(commands []*cli.Command) {
	for _, c := range commands {
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage(err) }
		c.HideHelpCommand = true
		if len(c.Subcommands) == 0 {
			c.Flags = append(c.Flags, logFlags()...)
		}
		if len(c.Subcommands) > 0 && c.Action == nil {
			c.Action = noVerb
		}
		guardUsage(c.Subcommands)
	}
}

func usage(err error) error {
	return flow.Fail(flow.Usage, "%w; see --help", err)
}

// noVerb answers a command line that stops before a verb, or goes on with one that does not exist.
func noVerb(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowSubcommandHelp(c)
	}
	names := []string{}
	commands := c.App.Commands
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		commands = c.Command.Subcommands
	}
	for _, known := range commands {
		names = append(names, known.Name)
	}
	return flow.Fail(flow.Usage, "there is no %q here; there are: %s", c.Args().First(), strings.Join(names, ", "))
}

// loggedError is an error that stands in the log already: main need not print it.
type loggedError struct{ error }

func (e *loggedError) Unwrap() error { return e.error }

// job is one run of a verb that reports: its logger, its report and where they go.
type job struct {
	name     string
	runID    string
	log      *slog.Logger
	progress *console.Progress
	stdout   io.Writer
	people   bool // a terminal is watched: errors are for people, not for a log
}

// reporting wraps the action of a verb whose last line on standard output is its report, whatever happens.
func reporting(name string, action func(*cli.Context, *job) (*flow.Report, error)) cli.ActionFunc {
	return func(c *cli.Context) error {
		j, err := startJob(c, name)
		if err != nil {
			return err
		}
		report, err := action(c, j)
		j.progress.Close()
		if report == nil {
			report = flow.NewReport(j.name, j.runID)
		}
		report.Conclude(err)
		if err != nil && !j.people {
			j.log.Error(oneLine(err), "outcome", report.Outcome)
			err = &loggedError{err}
		}
		if _, printErr := fmt.Fprintln(j.stdout, string(report.JSON())); err == nil && printErr != nil {
			return flow.Fail(flow.CantWrite, "writing the report: %w", printErr)
		}
		if err == nil && report.Outcome == "nothing" && c.Bool("skip-empty") {
			return flow.Fail(flow.Nothing, "there was nothing to do")
		}
		return err
	}
}

func startJob(c *cli.Context, name string) (*job, error) {
	j := &job{name: name, runID: c.String("run-id"), stdout: c.App.Writer}
	level, err := logLevel(c)
	if err != nil {
		return nil, err
	}
	var out io.Writer = os.Stderr
	terminal := console.IsTerminal(os.Stderr)
	switch to := os.Getenv("SENMETEO_LOG_TO"); to {
	case "", "stderr":
	case "stdout":
		out, terminal = os.Stdout, false
	default:
		return nil, flow.Fail(flow.Usage, "SENMETEO_LOG_TO is %q: it may be stdout or stderr", to)
	}
	if terminal && console.Colors(os.Getenv) && c.Bool("progress") {
		j.progress = console.NewProgress(os.Stderr, name)
		out, level = j.progress, max(level, slog.LevelWarn)
	}
	j.people = terminal
	j.log = console.NewLogger(console.Options{
		Job: name, RunID: j.runID, Version: version, Level: level, Out: out, Text: terminal, Color: console.Colors(os.Getenv),
		Labels: airflowLabels(),
	})
	return j, nil
}

// airflowLabels tells which task runs the job, where Airflow's variables say so.
func airflowLabels() map[string]string {
	labels := map[string]string{}
	for _, name := range []string{"dag_id", "task_id", "try_number"} {
		if v := os.Getenv("AIRFLOW_CTX_" + strings.ToUpper(name)); v != "" {
			labels[name] = v
		}
	}
	return labels
}

// oneLine is an error without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// isStopped tells whether an error only says that the user or the engine stopped the program.
func isStopped(err error) bool {
	return errors.Is(err, context.Canceled)
}
