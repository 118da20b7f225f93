// Package livepage serves the live page on the brokers and stores that are there: what `serve` does.
package livepage

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/metrics"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
	"senmeteo/jobs/status"
	"senmeteo/jobs/web"
)

// Config says where everything is.
type Config struct {
	Topics   pipeline.Topics
	History  pipeline.NamedStore  // answers query.Reader
	Newest   *pipeline.NamedStore // answers query.LatestReader, for the newest observations and their changes; nil: History does
	Listener net.Listener         // Run closes it
	Hosts    []string             // as those of web.Config
	Metrics  *metrics.Registry
	Log      *slog.Logger
	Shown    func(healthURL string) // called when the page is served
}

// Run serves the page until ctx ends. Neither the brokers nor the stores need answer yet.
func Run(ctx context.Context, cfg Config) (err error) {
	served := false
	defer func() {
		if !served {
			err = errors.Join(err, cfg.Listener.Close())
		}
	}()
	store, err := cfg.open(ctx, cfg.History)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // read only
	stores := []pipeline.Opened{{Kind: cfg.History.Kind, Store: store}}
	reader := status.Reader(stores)
	admin, err := kafka.NewAdmin(cfg.Topics.Kafka)
	if err != nil {
		return err
	}
	defer admin.Close()
	counters := &status.Counters{Admin: admin, Names: cfg.Topics.Names, Stores: stores}
	live := reader
	if cfg.Newest != nil {
		newest, err := cfg.open(ctx, *cfg.Newest)
		if err != nil {
			return err
		}
		defer func() { _ = newest.Close() }() // read only
		latest, ok := newest.(query.LatestReader)
		if !ok {
			return errors.New("a store of the kind " + cfg.Newest.Kind.Name + " does not know the newest observations")
		}
		live = &query.Live{Newest: latest, History: reader, Logger: cfg.Log}
		counters.Newest = &pipeline.Opened{Kind: cfg.Newest.Kind, Store: newest}
	}
	cfg.Metrics.Watch(metrics.Overview{Store: reader, Pipeline: counters, Now: time.Now})
	handler, err := web.NewHandler(web.Config{Store: live, Pipeline: counters, Metrics: cfg.Metrics.Page(), Hosts: cfg.Hosts, Logger: cfg.Log})
	if err != nil {
		return err
	}
	cfg.Shown(web.HealthURL(cfg.Listener.Addr()))
	cfg.Log.Info("the page is up", "address", "http://"+cfg.Listener.Addr().String())
	served = true
	return web.Serve(ctx, cfg.Listener, handler)
}

// open opens a store to ask it, whatever topic it was filled from.
func (c *Config) open(ctx context.Context, s pipeline.NamedStore) (flow.Store, error) {
	return s.Kind.Open(ctx, flow.StoreConfig{
		Settings: s.Settings, Topic: flow.Topic{Name: c.Topics.Names.Clean()}, Prefix: c.Topics.Names.Prefix, Job: "serve", ReadOnly: true, Logger: c.Log,
	})
}
