package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
)

var elasticsearchSink = storeSink{
	name: "es", usage: "clean topic -> Elasticsearch, exactly once",
	flags: elasticsearchFlags(), batchRecords: 5_000,
	open: func(ctx context.Context, c *cli.Context, j *job, topic flow.Topic, keep keepLetters) (flow.Sink, error) {
		store, err := openElasticsearch(c, j)
		if err != nil {
			return nil, err
		}
		sink, err := es.NewSink(ctx, store, es.SinkConfig{
			Topic: es.Topic{Name: topic.Name, ID: topic.ID, ClusterID: topic.ClusterID, Partitions: topic.Partitions},
			RunID: j.runID, NewTopic: c.Bool("new-topic"), Keep: keep,
		})
		if err != nil {
			store.Close()
			return nil, err
		}
		return closingIndices{sink, store}, nil
	},
}

// closingIndices is a sink of Elasticsearch that is the only user of its store.
type closingIndices struct {
	*es.Sink
	store *es.Store
}

// Close implements flow.Sink.
func (s closingIndices) Close() error {
	err := s.Sink.Close()
	s.store.Close()
	return err
}

func elasticsearchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "es-url", EnvVars: env("es-url"), Usage: "Elasticsearch `URL`; with a password better in a file named by SENMETEO_ES_URL_FILE"},
		&cli.StringFlag{Name: "es-api-key", EnvVars: env("es-api-key"), Usage: "API `KEY`, better in a file named by SENMETEO_ES_API_KEY_FILE"},
		&cli.StringFlag{Name: "es-user", EnvVars: env("es-user"), Usage: "`NAME` to log in with"},
		&cli.PathFlag{Name: "es-password-file", EnvVars: env("es-password-file"), Usage: "`FILE` that holds the password"},
		&cli.PathFlag{Name: "es-ca", EnvVars: env("es-ca"), Usage: "`FILE` with the certificates to trust instead of the system's"},
	}
}

func openElasticsearch(c *cli.Context, j *job) (*es.Store, error) {
	url, err := secret(c, "es-url")
	if err != nil {
		return nil, err
	}
	cfg := es.Config{URL: url, Prefix: c.String("topic-prefix"), Username: c.String("es-user"), Logger: j.log}
	path := c.Path("es-password-file")
	if (path == "") != (cfg.Username == "") {
		return nil, flow.Fail(flow.Usage, "--es-user and --es-password-file belong together: give both or neither")
	}
	if path != "" {
		if cfg.Password, err = secretFile(path, "of --es-password-file"); err != nil {
			return nil, err
		}
	}
	if isGiven(c, "es-api-key") {
		if cfg.APIKey, err = secret(c, "es-api-key"); err != nil {
			return nil, err
		}
	}
	if path := c.Path("es-ca"); path != "" {
		if cfg.CA, err = os.ReadFile(path); err != nil {
			return nil, flow.Fail(flow.Usage, "reading --es-ca: %w", err)
		}
	}
	return es.Open(cfg)
}
