package main

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/query"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
)

func listenFlag() cli.Flag {
	return &cli.StringFlag{Name: "listen", Value: "127.0.0.1:8090", EnvVars: env("listen"), Usage: "`ADDRESS` of the live page"}
}

func serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "the live page, on the brokers and PostgreSQL that are there",
		Flags: flags([]cli.Flag{
			listenFlag(),
			&cli.StringFlag{Name: "hosts", EnvVars: env("hosts"), Usage: "host names under which the page is reached, comma-separated, besides localhost and IP addresses"},
			pgURLFlag(),
		}, kafkaFlags()),
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	j, err := startJob(c, "serve")
	if err != nil {
		return err
	}
	defer j.end()
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return err
	}
	url, err := secret(c, "pg-url")
	if err == nil {
		url, err = pg.Verified(url)
	}
	if err != nil {
		return err
	}
	listener, err := listen(c.String("listen"))
	if err != nil {
		return err
	}
	admin, err := kafka.NewAdmin(cfg)
	if err != nil {
		return err
	}
	defer admin.Close()
	page, err := openPage(j, url, pageOptions{
		listener: listener, hosts: strings.FieldsFunc(c.String("hosts"), func(r rune) bool { return r == ',' }),
		pipeline: (&lateBooks{admin: admin, names: names, pg: pg.Config{URL: url, Application: "senmeteo-serve"}}).read,
	})
	if err != nil {
		return err
	}
	j.show(healthURL(listener.Addr()))
	j.log.Info("the page is up", "address", "http://"+listener.Addr().String())
	return page(c.Context)
}

// lateBooks reads the pipeline's counters of a PostgreSQL that may come up later than the page.
type lateBooks struct {
	admin *kafka.Admin
	names kafka.Names
	pg    pg.Config
	store *pg.Store // nil until it first answered; the page's one reader is the only caller
}

func (b *lateBooks) read(ctx context.Context) (web.Counters, error) {
	if b.store == nil {
		store, err := pg.Open(ctx, b.pg)
		if err != nil {
			return web.Counters{}, err
		}
		b.store = store
	}
	return counters(ctx, b.admin, b.names, b.store)
}

// listen opens a port.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, flow.Fail(flow.CantWrite, "opening --listen %s: %w: is another program using it? Choose another port", address, err)
	}
	return l, nil
}

// healthURL is where a page says that it lives, from this machine.
func healthURL(at net.Addr) string {
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return ""
	}
	if net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1" // Go listens to both families then
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz"
}

// pageOptions say where a page is served and what it tells of the pipeline.
type pageOptions struct {
	listener net.Listener
	hosts    []string
	pipeline func(context.Context) (web.Counters, error)
}

// openPage makes the live page; the function it returns serves it until its context ends.
func openPage(j *job, pgURL string, o pageOptions) (func(context.Context) error, error) {
	kind := pg.Kind()
	store, err := kind.Open(context.Background(), flow.StoreConfig{Job: "serve", Settings: flow.Settings{kind.Address: pgURL}, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	handler, err := web.NewHandler(web.Config{Store: store.(query.Reader), Pipeline: pipelineFunc(o.pipeline), Hosts: o.hosts, Logger: j.log})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return func(ctx context.Context) error {
		return errors.Join(web.Serve(ctx, o.listener, handler), store.Close())
	}, nil
}

// pipelineFunc makes a web.Pipeline of a function.
type pipelineFunc func(context.Context) (web.Counters, error)

// Pipeline implements web.Pipeline.
func (f pipelineFunc) Pipeline(ctx context.Context) (web.Counters, error) { return f(ctx) }
