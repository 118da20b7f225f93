package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/hdfs"
	"senmeteo/jobs/sink/pg"
)

// namedStores are the stores of which a verb that looks at all of them was told: one that is nil is left out.
type namedStores struct {
	postgres *pg.Store
	indices  func(context.Context, flow.Topic) (flow.Store, error)
	lake     func(flow.Topic) hdfs.Config
}

func namedStoreFlags() []cli.Flag {
	return flags([]cli.Flag{
		pgURLFlag(),
		&cli.StringFlag{Name: "hdfs", EnvVars: env("hdfs"), Usage: "the lake's `URL`; a store without address is left out"},
		hdfsUserFlag(),
	}, elasticsearchFlags())
}

// openNamedStores opens the stores whose addresses were given.
func openNamedStores(ctx context.Context, c *cli.Context, j *job) (s namedStores, err error) {
	if isGiven(c, "es-url") {
		s.indices = func(ctx context.Context, t flow.Topic) (flow.Store, error) {
			return openElasticsearch(ctx, c, j, flow.StoreConfig{Topic: t, ReadOnly: true})
		}
	}
	if isGiven(c, "pg-url") {
		if s.postgres, err = openPostgres(ctx, c, j); err != nil {
			s.close()
			return s, err
		}
	}
	if c.String("hdfs") != "" {
		s.lake = func(t flow.Topic) hdfs.Config { return lakeConfig(c, j, t) }
	}
	return s, nil
}

func (s *namedStores) close() {
	if s.postgres != nil {
		_ = s.postgres.Close() // it has no error
	}
}
