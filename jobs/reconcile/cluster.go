package reconcile

import (
	"context"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
)

// cluster is the topics of a Kafka cluster, as they are when it is opened.
type cluster struct {
	config kafka.Config
	names  kafka.Names
	admin  *kafka.Admin
	byName map[string]flow.Topic
}

func openCluster(ctx context.Context, t pipeline.Topics, admin *kafka.Admin) (*cluster, error) {
	byName, err := admin.Topics(ctx, t.Names.Topics()...)
	if err != nil {
		return nil, err
	}
	return &cluster{config: t.Kafka, names: t.Names, admin: admin, byName: byName}, nil
}

func (c *cluster) topic(name string) flow.Topic { return c.byName[name] }

func (c *cluster) bounds(ctx context.Context, name string) (map[int32]flow.Bounds, error) {
	return c.admin.Bounds(ctx, c.byName[name])
}

func (c *cluster) positions(ctx context.Context) (map[int32]kafka.Position, error) {
	return c.admin.StreamPositions(ctx, c.names, true)
}

func (c *cluster) records(ctx context.Context, name string, partitions []int32, each func(*flow.Record) error) error {
	history, err := kafka.NewHistory(ctx, c.config, c.admin, name)
	if err != nil {
		return err
	}
	defer func() { _ = history.Close() }() // read only
	for _, p := range partitions {
		if err := history.Since(ctx, p, time.Time{}, each); err != nil {
			return err
		}
	}
	return nil
}
