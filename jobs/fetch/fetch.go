package fetch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
)

// Config says who carries.
type Config struct {
	Job, RunID string
	Log        *slog.Logger
	Progress   func(done, total int64) // called after each record
}

// Build makes the source of a run, which may have to know where its readings go and may write into the report.
type Build func(to output.Destination, report *flow.Report) (flow.Source, error)

// From builds a source that need not know anything.
func From(source flow.Source) Build {
	return func(output.Destination, *flow.Report) (flow.Source, error) { return source, nil }
}

// Run carries everything that a source gives to a destination, which it finishes or abandons. The report is right also when the error
// is not nil. What a source gave that failed for some stations or pages is kept.
func Run(ctx context.Context, cfg Config, to output.Destination, build Build) (*flow.Report, error) {
	began := time.Now()
	report := flow.NewReport(cfg.Job, cfg.RunID)
	defer to.Abandon()
	source, err := build(to, report)
	if err != nil {
		return report, err
	}
	err = source.Fetch(ctx, func(item *flow.Item) error {
		report.Read++
		if item.Raw != nil {
			report.Rejected++
			if item.Refusal != nil {
				cfg.Log.Warn("a record is not a reading", "reason", item.Refusal.Reason, "detail", item.Refusal.Detail)
			}
		}
		cfg.Progress(report.Read, report.Read)
		return to.Put(ctx, item)
	})
	var some *flow.PartialError
	if err == nil || errors.As(err, &some) {
		if some != nil {
			report.Failed = some.Missing()
		}
		if unfinished := finish(ctx, to, report); unfinished != nil {
			err = unfinished
		}
	}
	report.Took(time.Since(began))
	if err != nil {
		return report, Failure(ctx, err)
	}
	cfg.Log.Info("fetched", "read", report.Read, "written", report.Written, "rejected", report.Rejected, "took", time.Since(began))
	return report, nil
}

// lastWords is how long a run that was told to stop may take to make durable what it has read.
const lastWords = 3 * time.Second

// finish makes durable what was put, also when the source ended because the run was told to stop.
func finish(ctx context.Context, to output.Destination, report *flow.Report) (err error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
	}
	report.Written, err = to.Finish(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return context.Canceled
	}
	return err
}
