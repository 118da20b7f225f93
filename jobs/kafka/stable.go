package kafka

import (
	"context"
	"errors"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// LongestTransaction is longer than a transaction of this program may stay open and the brokers take to notice.
const LongestTransaction = 80 * time.Second

// StableBounds returns what each partition of a topic holds, once no open transaction hides records that are there now. It
// waits for those as long as Kafka lets one stay open.
func (a *Admin) StableBounds(ctx context.Context, t flow.Topic) (map[int32]flow.Bounds, error) {
	bounds, err := a.awaitStable(ctx, t, LongestTransaction)
	if errors.Is(err, errHidden) {
		return nil, flow.Fail(flow.TryLater, "an open transaction hides records of %s: let `senmeteo stream` run once, then run this again", t.Name)
	}
	return bounds, err
}

// errHidden says that a transaction was open for too long.
var errHidden = errors.New("an open transaction hides records")

// awaitStable waits until open transactions hide nothing any more of what these partitions, all when none are named, held at first.
func (a *Admin) awaitStable(ctx context.Context, t flow.Topic, patience time.Duration, partitions ...int32) (map[int32]flow.Bounds, error) {
	highest := map[int32]int64{}
	deadline := time.Now().Add(patience)
	for waited := false; ; waited = true {
		bounds, err := a.Bounds(ctx, t)
		if err != nil {
			return nil, err
		}
		hidden := false
		for p, b := range bounds {
			if len(partitions) > 0 && !slices.Contains(partitions, p) {
				continue
			}
			if _, seen := highest[p]; !seen {
				highest[p] = b.High
			}
			hidden = hidden || b.End < highest[p]
		}
		switch {
		case !hidden:
			return bounds, nil
		case time.Now().After(deadline):
			return nil, errHidden
		case !waited:
			a.cfg.logger().Info("an open transaction hides records: waiting for its end", "topic", t.Name, "at_most", patience.String())
		}
		if err := retry.Sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}
