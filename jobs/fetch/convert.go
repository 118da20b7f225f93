package fetch

import (
	"context"
	"errors"
	"io"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/file"
)

// Convert carries everything that a file holds to a destination, checked observations with their checks, and finishes or abandons
// it. The report is right also when the error is not nil.
func Convert(ctx context.Context, cfg Config, from *file.Reader, to output.ObservationWriter) (*flow.Report, error) {
	defer to.Abandon()
	report := flow.NewReport(cfg.Job, cfg.RunID)
	began := time.Now()
	err := convertAll(ctx, cfg, from, to, report)
	if err == nil {
		report.Written, err = to.Finish(ctx)
	}
	report.Took(time.Since(began))
	if err != nil {
		return report, Failure(ctx, err)
	}
	return report, nil
}

func convertAll(ctx context.Context, cfg Config, from *file.Reader, to output.ObservationWriter, report *flow.Report) error {
	for ctx.Err() == nil {
		rec, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		report.Read++
		if rec.Refusal != nil {
			report.Rejected++
			cfg.Log.Warn("a record is left out", "reason", rec.Refusal.Reason, "detail", rec.Refusal.Detail)
		}
		for i := range rec.Observations {
			if err := to.Write(&rec.Observations[i]); err != nil {
				return err
			}
		}
		cfg.Progress(report.Read, report.Read)
	}
	return ctx.Err()
}
