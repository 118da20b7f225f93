package main

import (
	"context"
	"slices"

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

func streamStage(ctx context.Context, admin *kafka.Admin, names kafka.Names, topics map[string]kafka.Topic) ([]web.Stage, error) {
	positions, err := admin.StreamPositions(ctx, names, false)
	if err != nil {
		return nil, err
	}
	bounds, err := admin.Bounds(ctx, topics[names.Raw()])
	if err != nil {
		return nil, err
	}
	s := web.Stage{Name: "stream"}
	for p, b := range bounds {
		l := positions[p].Ledger
		s.Read += l.Read + l.Expanded
		s.Written += l.Clean
		s.Duplicates += l.Duplicates
		s.Rejected += l.Dead
		s.Rerouted += l.Rerouted
		s.Lag += max(0, b.End-max(positions[p].Next, b.First))
	}
	return []web.Stage{s}, nil
}

func postgresStage(ctx context.Context, admin *kafka.Admin, topic kafka.Topic, store *pg.Store) ([]web.Stage, error) {
	stored, err := store.Counters(ctx, topic.Name)
	if err != nil {
		return nil, err
	}
	bounds, err := admin.Bounds(ctx, topic)
	if err != nil {
		return nil, err
	}
	s := web.Stage{Name: "to-pg"}
	for p, b := range bounds {
		c := stored[p]
		s.Read += c.Read
		s.Written += c.Written
		s.Duplicates += c.Duplicates
		s.Rejected += c.Rejected
		s.Lag += max(0, b.End-max(c.Next, b.First))
		if c.UpdatedAt.After(s.UpdatedAt) {
			s.UpdatedAt = c.UpdatedAt
		}
	}
	return []web.Stage{s}, nil
}
