package pipeline

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/flow"
)

// Compact lets a store of this kind replace the revisions of the days before a time by the last ones, those of days that need it or of all.
// The zero time is that of the call. The report has the rows before as read, and those after as written.
func Compact(ctx context.Context, kind flow.StoreKind, cfg flow.StoreConfig, before time.Time, all bool) (*flow.Report, error) {
	if before.IsZero() {
		before = time.Now().UTC()
	}
	return maintain(ctx, kind, cfg, func(store flow.Store, report *flow.Report) error {
		compactor, ok := store.(flow.Compactor)
		if !ok {
			return errors.New("a store of the kind " + kind.Name + " can't be compacted")
		}
		done, err := compactor.Compact(ctx, before, all)
		report.Read, report.Written, report.Duplicates = done.RowsBefore, done.RowsAfter, done.RowsBefore-done.RowsAfter
		cfg.Logger.Info("compacted", "days", done.Days, "files_before", done.FilesBefore, "bytes_before", done.BytesBefore, "bytes_after", done.BytesAfter)
		return err
	})
}

// KeptDays is how many days no store may prune: twice as long as topics keep what `reconcile` compares stores with.
const KeptDays = 60

// Prune lets a store of this kind delete the months that end at a time or before. The report has the observations deleted as read.
func Prune(ctx context.Context, kind flow.StoreKind, cfg flow.StoreConfig, before time.Time) (*flow.Report, error) {
	if last := time.Now().AddDate(0, 0, -KeptDays); before.IsZero() || before.After(last) {
		return nil, flow.Fail(flow.Usage, "--prune needs --before with a day that is at least %d days ago, such as %s: what is newer is compared with the topics", KeptDays, last.UTC().Format(time.DateOnly))
	}
	return maintain(ctx, kind, cfg, func(store flow.Store, report *flow.Report) error {
		pruner, ok := store.(flow.Pruner)
		if !ok {
			return errors.New("a store of the kind " + kind.Name + " can't be pruned")
		}
		done, err := pruner.Prune(ctx, before)
		report.Read = done.Observations
		cfg.Logger.Info("pruned", "months", done.Months, "observations", done.Observations)
		return err
	})
}

// maintain opens a store, works on it and reports what came of it.
func maintain(ctx context.Context, kind flow.StoreKind, cfg flow.StoreConfig, work func(flow.Store, *flow.Report) error) (*flow.Report, error) {
	began, report := time.Now(), flow.NewReport(cfg.Job, cfg.RunID)
	store, err := kind.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	err = work(store, report)
	report.Took(time.Since(began))
	return report, errors.Join(err, store.Close())
}
