package main

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
)

// A pipe is a feed, steps and a sink, wired for one job. `stream`, the to-* verbs and `up` run the same pipes.
type pipe struct {
	feed    flow.Feed
	steps   []flow.Step
	sink    flow.Sink
	cleanup []func()
}

// run moves batches through the pipe.
func (p *pipe) run(ctx context.Context, cfg flow.Config) (*flow.Report, error) {
	return flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
}

func (p *pipe) close() error {
	err := errors.Join(p.feed.Close(), p.sink.Close())
	for _, f := range p.cleanup {
		f()
	}
	return err
}

const streamBatchRecords = 5_000

// streamOptions are what `stream` and `up` decide differently.
type streamOptions struct {
	runID    string
	station  string // for records that name no place
	window   time.Duration
	newTopic bool
}

// openStream wires raw topic -> cleaning -> transactions.
func openStream(ctx context.Context, cfg kafka.Config, names kafka.Names, o streamOptions) (*pipe, error) {
	feed, err := kafka.NewFeed(ctx, cfg, names.Raw(), names.Group("stream"), false)
	if err != nil {
		return nil, err
	}
	history, err := kafka.NewHistory(ctx, cfg, feed.Admin(), names.Clean())
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	sink, err := kafka.NewTransactions(ctx, kafka.TransactionsConfig{Config: cfg, Names: names, RunID: o.runID, NewTopic: o.newTopic}, feed.Admin())
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	partitions := feed.Topic().Partitions
	step := clean.New(clean.Config{
		DefaultStation: o.station, Window: o.window, MaxBytes: kafka.MaxRawBytes, History: history,
		Partition: func(station string) int32 { return kafka.Partition(station, partitions) },
	})
	return &pipe{feed: feed, steps: []flow.Step{step}, sink: sink}, nil
}

// openLoad wires clean topic -> a store. The function opens the store's sink for the topic, and may return what
// is to be closed after it.
func openLoad(ctx context.Context, cfg kafka.Config, names kafka.Names, verb, runID string, open func(kafka.Topic) (flow.Sink, func(), error)) (*pipe, error) {
	feed, err := kafka.NewFeed(ctx, cfg, names.Clean(), names.Group(verb), true)
	if err != nil {
		return nil, err
	}
	sink, closeStore, err := open(feed.Topic())
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	p := &pipe{feed: feed, sink: sink, cleanup: []func(){closeStore}}
	letters, err := kafka.NewWriter(cfg)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.cleanup = append(p.cleanup, letters.Close)
	p.steps = []flow.Step{clean.NewStored(), kafka.NewLetters(letters, names, names.Clean(), verb, runID)}
	return p, nil
}
