package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/metrics"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/status"
	"senmeteo/jobs/web"
)

func listenFlag() cli.Flag {
	return &cli.StringFlag{Name: "listen", Value: "127.0.0.1:8090", EnvVars: env("listen"), Usage: "`ADDRESS` of the live page"}
}

func serveCommand(kind flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "the live page, on the brokers and PostgreSQL that are there",
		Flags: flags([]cli.Flag{
			listenFlag(),
			metricsFlag("; without it the page has them"),
			&cli.StringFlag{Name: "hosts", EnvVars: env("hosts"), Usage: "host names under which the page is reached, comma-separated, besides localhost and IP addresses"},
		}, storeFlags(kind, true), kafkaFlags()),
		Action: func(c *cli.Context) error { return serve(c, kind) },
	}
}

func serve(c *cli.Context, kind flow.StoreKind) error {
	j, err := startJob(c, "serve")
	if err != nil {
		return err
	}
	defer j.end()
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return err
	}
	settings, err := storeSettings(c, kind)
	if err != nil {
		return err
	}
	store, err := kind.Open(c.Context, flow.StoreConfig{
		Settings: settings, Topic: flow.Topic{Name: topics.Names.Clean()}, Prefix: topics.Names.Prefix, Job: "serve", ReadOnly: true, Logger: j.log,
	})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // read only
	listener, err := web.Listen(c.String("listen"))
	if err != nil {
		return err
	}
	admin, err := kafka.NewAdmin(topics.Kafka)
	if err != nil {
		return err
	}
	defer admin.Close()
	stores := []pipeline.Opened{{Kind: kind, Store: store}}
	counters := &status.Counters{Admin: admin, Names: topics.Names, Stores: stores}
	if err := j.serveMetrics(c, true); err != nil {
		return err
	}
	defer j.metrics.Close()
	j.metrics.Watch(metrics.Overview{Store: status.Reader(stores), Pipeline: counters, Now: time.Now})
	handler, err := web.NewHandler(web.Config{
		Store: status.Reader(stores), Pipeline: counters, Metrics: j.metrics.Page(),
		Hosts: strings.FieldsFunc(c.String("hosts"), func(r rune) bool { return r == ',' }), Logger: j.log,
	})
	if err != nil {
		return err
	}
	j.show(web.HealthURL(listener.Addr()))
	j.log.Info("the page is up", "address", "http://"+listener.Addr().String())
	return web.Serve(c.Context, listener, handler)
}
