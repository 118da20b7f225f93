package main

import (
	"context"
	"slices"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
)

// counters reads the books of `stream` and of `to-pg`.
func counters(ctx context.Context, admin *kafka.Admin, names kafka.Names, store *pg.Store) (web.Counters, error) {
	topics, err := admin.Topics(ctx, names.Raw(), names.Clean())
	if err != nil {
		return web.Counters{}, err
	}
	stream, err := streamStage(ctx, admin, names, topics)
	if err != nil {
		return web.Counters{}, err
	}
	load, err := postgresStage(ctx, admin, topics[names.Clean()], store)
	if err != nil {
		return web.Counters{}, err
	}
	return web.Counters{Stages: slices.Concat(stream, load)}, nil
}

func streamStage(ctx context.Context, admin *kafka.Admin, names kafka.Names, topics map[string]flow.Topic) ([]web.Stage, error) {
	positions, err := admin.StreamPositions(ctx, names, false)
	if err != nil {
		return nil, err
	}
	bounds, err := admin.Bounds(ctx, topics[names.Raw()])
	if err != nil {
		return nil, err
	}
	s := web.Stage{Name: "stream"}
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
	return []web.Stage{s}, nil
}

func postgresStage(ctx context.Context, admin *kafka.Admin, topic flow.Topic, store *pg.Store) ([]web.Stage, error) {
	stored, err := store.Counters(ctx, topic.Name)
	if err != nil {
		return nil, err
	}
	bounds, err := admin.Bounds(ctx, topic)
	if err != nil {
		return nil, err
	}
	s := web.Stage{Name: "to-pg"}
	next := flow.Offsets{}
	for p := range bounds {
		c := stored[p]
		s.Read += c.Read
		s.Written += c.Written
		s.Duplicates += c.Duplicates
		s.Rejected += c.Rejected
		if c.TopicID == topic.ID {
			next[p] = c.Next
		}
		if c.UpdatedAt.After(s.UpdatedAt) {
			s.UpdatedAt = c.UpdatedAt
		}
	}
	s.Lag = lag(bounds, next)
	return []web.Stage{s}, nil
}

// lag is how many offsets there are from the next ones to the ends. A partition of which nothing was read has no next one.
func lag(bounds map[int32]flow.Bounds, next flow.Offsets) int64 {
	n := int64(0)
	for p, b := range bounds {
		n += max(0, b.End-max(next[p], b.First))
	}
	return n
}
