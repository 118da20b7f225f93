package status

import (
	"context"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
)

// Stages reads what `stream` and the jobs of the stores have counted, in the order in which the data flows.
func Stages(ctx context.Context, admin *kafka.Admin, names kafka.Names, stores []pipeline.Opened) ([]query.Stage, error) {
	topics, err := admin.Topics(ctx, names.Raw(), names.Clean())
	if err != nil {
		return nil, err
	}
	stream, err := streamStage(ctx, admin, names, topics)
	if err != nil {
		return nil, err
	}
	all := []query.Stage{stream}
	bounds, err := admin.Bounds(ctx, topics[names.Clean()])
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		stage, err := storeStage(ctx, s, topics[names.Clean()], bounds)
		if err != nil {
			return nil, err
		}
		all = append(all, stage)
	}
	return all, nil
}

func streamStage(ctx context.Context, admin *kafka.Admin, names kafka.Names, topics map[string]flow.Topic) (query.Stage, error) {
	s := query.Stage{Name: "stream"}
	positions, err := admin.StreamPositions(ctx, names, false)
	if err != nil {
		return s, err
	}
	bounds, err := admin.Bounds(ctx, topics[names.Raw()])
	if err != nil {
		return s, err
	}
	next := flow.Offsets{}
	for p := range bounds {
		l := positions[p].Ledger
		s.Read += l.Read + l.Expanded
		s.Written += l.Clean
		s.Duplicates += l.Duplicates
		s.Rejected += l.Dead
		s.Rerouted += l.Rerouted
		next[p] = positions[p].Next
	}
	s.Lag = lag(bounds, next)
	return s, nil
}

// storeStage counts what a store was loaded with. Where it was filled from an earlier topic of the same name, the whole topic waits.
func storeStage(ctx context.Context, store pipeline.Opened, topic flow.Topic, bounds map[int32]flow.Bounds) (query.Stage, error) {
	s := query.Stage{Name: store.Kind.Job()}
	progress, err := store.Progress(ctx)
	if err != nil {
		return s, err
	}
	next := flow.Offsets{}
	for p := range bounds {
		stored := progress[p]
		s.Read += stored.Read
		s.Written += stored.Written
		s.Duplicates += stored.Duplicates
		s.Rejected += stored.Rejected
		if stored.TopicID == topic.ID {
			next[p] = stored.Next
		}
		if stored.UpdatedAt.After(s.UpdatedAt) {
			s.UpdatedAt = stored.UpdatedAt
		}
	}
	s.Lag = lag(bounds, next)
	return s, nil
}

// lag is how many offsets there are from the next ones to the ends. A partition of which nothing was read has no next one.
func lag(bounds map[int32]flow.Bounds, next flow.Offsets) int64 {
	n := int64(0)
	for p, b := range bounds {
		n += max(0, b.End-max(next[p], b.First))
	}
	return n
}
