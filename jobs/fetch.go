package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/file"
)

// fetchFlags say where readings go.
func fetchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write to `PATH`, in the format of its extension, instead of Kafka"},
		&cli.BoolFlag{Name: "dry-run", EnvVars: env("dry-run"), Usage: "print the readings as JSON Lines and send nothing"},
		&cli.Float64Flag{Name: "max-reject-ratio", Value: 0.5, EnvVars: env("max-reject-ratio"), Usage: "exit with 65 when more than this share of the records was bad"},
	}
}

// fetch carries everything a source gives to where the flags say.
func fetch(c *cli.Context, j *job, source flow.Source) (*flow.Report, error) {
	return fetchWith(c, j, func(destination, *flow.Report) (flow.Source, error) { return source, nil })
}

// fetchWith is fetch for a source that must know where its readings go.
func fetchWith(c *cli.Context, j *job, build func(destination, *flow.Report) (flow.Source, error)) (*flow.Report, error) {
	began := time.Now()
	j.alive.Watch(c.Duration("stall-after"))
	report := flow.NewReport(j.name, j.runID)
	ctx, cancel := withTimeout(c)
	defer cancel()
	to, err := openDestination(ctx, c, j)
	if err != nil {
		return report, err
	}
	defer to.abandon()
	source, err := build(to, report)
	if err != nil {
		return report, err
	}
	err = source.Fetch(ctx, func(item *flow.Item) error {
		report.Read++
		if item.Raw != nil {
			report.Rejected++
			if item.Refusal != nil {
				j.log.Warn("a record is no reading", "reason", item.Refusal.Reason, "detail", item.Refusal.Detail)
			}
		}
		j.moved(report.Read, report.Read)
		return to.put(ctx, item)
	})
	var some partial
	if err == nil || errors.As(err, &some) { // what came of the other stations is kept
		if some != nil {
			report.Failed = some.Missing()
		}
		if unfinished := finish(ctx, to, report); unfinished != nil {
			err = unfinished
		}
	}
	report.Took(time.Since(began))
	if err != nil {
		return report, inputFailure(ctx, err)
	}
	j.log.Info("fetched", "read", report.Read, "written", report.Written, "rejected", report.Rejected, "took", time.Since(began))
	if c.Bool("follow") { // what came over weeks has no share
		return report, nil
	}
	return report, tooManyRejects(c, report)
}

// lastWords is how long a run that was told to stop may take to make durable what it has read.
const lastWords = 3 * time.Second

// finish makes durable what was put, also when the source ended because the run was told to stop.
func finish(ctx context.Context, to destination, report *flow.Report) (err error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
	}
	report.Written, err = to.finish(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return context.Canceled
	}
	return err
}

// partial is the error of a source that failed for some stations or pages only.
type partial interface {
	error
	// Missing lists them.
	Missing() []string
}

func withTimeout(c *cli.Context) (context.Context, context.CancelFunc) {
	if d := c.Duration("timeout"); d > 0 {
		return context.WithTimeout(c.Context, d)
	}
	return context.WithCancel(c.Context)
}

// inputFailure classes what can go wrong with a source.
func inputFailure(ctx context.Context, err error) error {
	var known *flow.Failure
	var format *file.FormatError
	var system *fs.PathError
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return flow.Fail(flow.TryLater, "the time allowed (--timeout) is over; nothing is lost, run it again")
	case isStopped(err):
		return flow.Fail(flow.Interrupted, "stopped by a signal before the end; nothing is lost, run it again")
	case errors.Is(err, fs.ErrNotExist):
		return flow.Fail(flow.NoInput, "%w: check the path", err)
	case errors.As(err, &format):
		return flow.Fail(flow.BadInput, "%w", err)
	case errors.Is(err, fs.ErrPermission):
		return flow.Fail(flow.NoInput, "%w: give this user the right to read it", err)
	case isFull(err):
		return flow.Fail(flow.CantWrite, "%w: make room for temporary files, or set TMPDIR to another place, then run it again", err)
	case errors.As(err, &system):
		return flow.Fail(flow.NoInput, "%w: check that it is a file that can be read", err)
	}
	return err
}

// checkRejectRatio refuses a --max-reject-ratio that is no share; verbs without the flag pass.
func checkRejectRatio(c *cli.Context) error {
	if ratio := c.Float64("max-reject-ratio"); !(ratio >= 0 && ratio <= 1) { // NaN too
		return flow.Fail(flow.Usage, "--max-reject-ratio is %g: it is a share, from 0 to 1", ratio)
	}
	return nil
}

func tooManyRejects(c *cli.Context, r *flow.Report) error {
	limit := c.Float64("max-reject-ratio")
	if r.Read > 0 && float64(r.Rejected)/float64(r.Read) > limit {
		return flow.Fail(flow.BadInput, "%d of %d records were bad, more than --max-reject-ratio %g allows; the good ones are stored, look at the others with their reasons", r.Rejected, r.Read, limit)
	}
	return nil
}
