package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alive"
	"senmeteo/jobs/console"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/metrics"
)

// loggedError is an error that is in the log already: main need not print it.
type loggedError struct{ error }

func (e *loggedError) Unwrap() error { return e.error }

// job is one run of a verb that reports: its logger, its report and where they go.
type job struct {
	name     string
	runID    string
	log      *slog.Logger
	logged   console.Options
	progress *console.Progress
	stdout   io.Writer
	people   bool // a terminal is watched: errors are for people, not for a log
	alive    *alive.Heartbeat
	spoken   *lastWrite        // when the log last got a line
	records  atomic.Int64      // how many are done
	metrics  *metrics.Registry // nil: nobody asked for them
}

// reportUsage answers wrong flags of a job: it reports then, too.
func reportUsage(name string) cli.OnUsageErrorFunc {
	return func(c *cli.Context, err error, _ bool) error {
		return reporting(name, func(*cli.Context, *job) (*flow.Report, error) { return nil, usage(err) })(c)
	}
}

// reporting wraps the action of a verb whose last line on standard output is its report, whatever happens.
func reporting(name string, action func(*cli.Context, *job) (*flow.Report, error)) cli.ActionFunc {
	return func(c *cli.Context) error {
		j, err := startJob(c, name)
		if err != nil {
			return reportUnstarted(c, name, err)
		}
		var report *flow.Report
		stop := j.startHeartbeat()
		if err = errors.Join(checkRejectRatio(c), j.serveMetrics(c, false)); err == nil {
			report, err = action(c, j)
		}
		j.metrics.Close()
		stop()
		j.end()
		j.progress.Close()
		if report == nil {
			report = flow.NewReport(j.name, j.runID)
		}
		report.Conclude(err)
		if err != nil && !j.people {
			j.log.Error(oneLine(err), "outcome", report.Outcome)
			err = &loggedError{err}
		}
		console.LogReport(j.logged, report.JSON())
		if _, printErr := fmt.Fprintln(j.stdout, string(report.JSON())); err == nil && printErr != nil {
			return flow.Fail(flow.CantWrite, "writing the report: %w", printErr)
		}
		if err == nil && report.Outcome == "nothing" && c.Bool("skip-empty") {
			return flow.Fail(flow.Nothing, "there was nothing to do")
		}
		return err
	}
}

// serveMetrics serves what the job counts where there is an address for that. A page shows it otherwise.
func (j *job) serveMetrics(c *cli.Context, page bool) error {
	address := c.String("metrics-listen")
	if address != "" || page {
		j.metrics = metrics.New(version)
	}
	if address == "" {
		return nil
	}
	return j.metrics.Serve(address, j.log)
}

// printing wraps the action of a verb that prints an answer, and no report.
func printing(name string, action func(*cli.Context, *job) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		j, err := startJob(c, name)
		if err != nil {
			return err
		}
		defer j.end()
		j.progress.Close()
		return action(c, j)
	}
}

// outliveTheLog lets a job go on whose log nobody reads any more: what it stores does not hang on that. Without it the next line
// would end the process by SIGPIPE.
func outliveTheLog() { signal.Ignore(syscall.SIGPIPE) }

// reportUnstarted prints the report of a job that could not even set its log up.
func reportUnstarted(c *cli.Context, name string, err error) error {
	report := flow.NewReport(name, c.String("run-id"))
	report.Conclude(err)
	_, _ = fmt.Fprintln(c.App.Writer, string(report.JSON())) // the first error says more
	return err
}

func startJob(c *cli.Context, name string) (*job, error) {
	j := &job{name: name, runID: c.String("run-id"), stdout: c.App.Writer}
	level, err := logLevel(c)
	if err != nil {
		return nil, err
	}
	fileLevel := level
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
	j.spoken = &lastWrite{to: out}
	j.logged = console.Options{
		Job: name, RunID: j.runID, Version: version, Level: level, Out: j.spoken, Text: terminal, Color: console.Colors(os.Getenv),
		Labels: console.AirflowLabels(os.Getenv), FileLevel: fileLevel,
	}
	if path := os.Getenv("SENMETEO_LOG_FILE"); path != "" {
		if j.logged.File, err = console.OpenFile(path, name); err != nil {
			return nil, flow.Fail(flow.CantWrite, "opening the log file of SENMETEO_LOG_FILE: %w", err)
		}
	}
	j.log = console.NewLogger(j.logged)
	j.show("")
	return j, nil
}
