package pipeline

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/flow"
)

// KeptDays is how many days no store may prune: twice as long as topics keep what `reconcile` compares stores with.
const KeptDays = 60

// Prune lets a store of this kind delete the months that end at a time or before.
func Prune(ctx context.Context, kind flow.StoreKind, cfg flow.StoreConfig, before time.Time) (flow.Pruned, error) {
	if last := time.Now().AddDate(0, 0, -KeptDays); before.IsZero() || before.After(last) {
		return flow.Pruned{}, flow.Fail(flow.Usage, "--prune needs --before with a day that is at least %d days ago, such as %s: what is newer is compared with the topics", KeptDays, last.UTC().Format(time.DateOnly))
	}
	store, err := kind.Open(ctx, cfg)
	if err != nil {
		return flow.Pruned{}, err
	}
	pruner, ok := store.(flow.Pruner)
	if !ok {
		return flow.Pruned{}, errors.Join(errors.New("a store of the kind "+kind.Name+" can't be pruned"), store.Close())
	}
	done, err := pruner.Prune(ctx, before)
	return done, errors.Join(err, store.Close())
}
