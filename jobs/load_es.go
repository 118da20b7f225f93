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
		return openElasticsearch(ctx, c, j, flow.StoreConfig{Topic: topic, NewTopic: c.Bool("new-topic"), Keep: keep})
	},
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

// openElasticsearch opens the store of the flags; cfg holds what they do not.
func openElasticsearch(ctx context.Context, c *cli.Context, j *job, cfg flow.StoreConfig) (flow.Store, error) {
	url, err := secret(c, "es-url")
	if err != nil {
		return nil, err
	}
	cfg.Settings = flow.Settings{"es-url": url, "es-user": c.String("es-user")}
	if path := c.Path("es-password-file"); path != "" {
		if cfg.Settings["es-password-file"], err = secretFile(path, "of --es-password-file"); err != nil {
			return nil, err
		}
	}
	if isGiven(c, "es-api-key") {
		if cfg.Settings["es-api-key"], err = secret(c, "es-api-key"); err != nil {
			return nil, err
		}
	}
	if path := c.Path("es-ca"); path != "" {
		ca, err := os.ReadFile(path)
		if err != nil {
			return nil, flow.Fail(flow.Usage, "reading --es-ca: %w", err)
		}
		cfg.Settings["es-ca"] = string(ca)
	}
	cfg.Prefix, cfg.Job, cfg.RunID, cfg.Logger = c.String("topic-prefix"), j.name, j.runID, j.log
	kind := es.Kind()
	return kind.Open(ctx, cfg)
}
