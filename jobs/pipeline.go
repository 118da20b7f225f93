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
	closers []func() error // of what else the pipe is made of; called before the feed's Close
}

// run moves batches through the pipe.
func (p *pipe) run(ctx context.Context, cfg flow.Config) (*flow.Report, error) {
	return flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
}

func (p *pipe) close() error {
	var errs []error
	for _, c := range p.closers {
		errs = append(errs, c())
	}
	return errors.Join(append(errs, p.sink.Close(), p.feed.Close())...)
}

const streamBatchRecords = 3_000

// streamOptions are what `stream` and `up` decide differently.
type streamOptions struct {
	runID    string
	station  string // for records that name no place
	window   time.Duration
	newTopic bool
	alone    bool // a bounded run: of two that start together one ends
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
	history.Patience = kafka.LongestTransaction // an id that it overlooks gets its first revision twice
	sink, err := kafka.NewStreamSink(ctx, kafka.StreamSinkConfig{Config: cfg, Names: names, RunID: o.runID, NewTopic: o.newTopic, Alone: o.alone}, feed.Admin())
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	partitions := feed.Topic().Partitions
	step := clean.New(clean.Config{
		DefaultStation: o.station, Window: o.window, MaxBytes: kafka.MaxRawBytes, History: history,
		Partition: func(station string) int32 { return kafka.Partition(station, partitions) },
	})
	return &pipe{feed: feed, steps: []flow.Step{step}, sink: sink, closers: []func() error{history.Close}}, nil
}

// keepLetters makes dead letters of a batch's rejects.
type keepLetters func(ctx context.Context, b *flow.Batch) error

// openLoad wires clean topic -> a store. The function opens the store's sink for the topic; a sink that finds rejects of its
// own gives them to keep.
func openLoad(ctx context.Context, cfg kafka.Config, names kafka.Names, verb, runID string, open func(topic flow.Topic, keep keepLetters) (flow.Sink, error)) (*pipe, error) {
	feed, err := kafka.NewFeed(ctx, cfg, names.Clean(), names.Group(verb), true)
	if err != nil {
		return nil, err
	}
	writer, err := kafka.NewWriter(cfg)
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	letters := kafka.NewDeadLetterStep(writer, names, feed.Topic(), verb, runID)
	sink, err := open(feed.Topic(), letters.Apply)
	if err != nil {
		writer.Close()
		return nil, errors.Join(err, feed.Close())
	}
	return &pipe{
		feed: feed, steps: []flow.Step{clean.NewStored(verb), letters}, sink: sink,
		closers: []func() error{func() error { writer.Close(); return nil }},
	}, nil
}
