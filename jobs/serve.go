package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/livepage"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/web"
)

func listenFlag() cli.Flag {
	return &cli.StringFlag{Name: "listen", Value: "127.0.0.1:8090", EnvVars: env("listen"), Usage: "`ADDRESS` of the live page"}
}

func serveCommand(history, newest flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "the live page, on the brokers and PostgreSQL that are there, and on Redis where it is named",
		Flags: flags([]cli.Flag{
			listenFlag(),
			metricsFlag("; without it the page has them"),
			&cli.StringFlag{Name: "hosts", EnvVars: env("hosts"), Usage: "host names under which the page is reached, comma-separated, besides localhost and IP addresses"},
		}, storeFlags(history, true), storeFlags(newest, false), kafkaFlags()),
		Action: func(c *cli.Context) error { return serve(c, history, newest) },
	}
}

func serve(c *cli.Context, history, newest flow.StoreKind) error {
	j, err := startJob(c, "serve")
	if err != nil {
		return err
	}
	defer j.end()
	cfg := livepage.Config{Log: j.log, Shown: j.show, Hosts: strings.FieldsFunc(c.String("hosts"), func(r rune) bool { return r == ',' })}
	if cfg.Topics, err = kafkaTopics(c, j); err != nil {
		return err
	}
	cfg.History.Kind = history
	if cfg.History.Settings, err = storeSettings(c, history); err != nil {
		return err
	}
	if isGiven(c, newest.Address) {
		cfg.Newest = &pipeline.NamedStore{Kind: newest}
		if cfg.Newest.Settings, err = storeSettings(c, newest); err != nil {
			return err
		}
	}
	if err := j.serveMetrics(c, true); err != nil {
		return err
	}
	defer j.metrics.Close()
	cfg.Metrics = j.metrics
	if cfg.Listener, err = web.Listen(c.String("listen")); err != nil {
		return err
	}
	return livepage.Run(c.Context, cfg)
}
