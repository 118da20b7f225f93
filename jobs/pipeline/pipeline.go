package pipeline

import (
	"cmp"
	"context"
	"errors"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
)

// Pipeline is a feed, steps and a sink, ready to run.
type Pipeline struct {
	feed    flow.Feed
	steps   []flow.Step
	sink    flow.Sink
	closers []func() error // of what the steps use
}

// Run moves batches until the configuration says that it is enough.
func (p *Pipeline) Run(ctx context.Context, cfg flow.Config) (*flow.Report, error) {
	return flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
}

// Close ends all connections.
func (p *Pipeline) Close() error {
	var errs []error
	for _, closer := range p.closers {
		errs = append(errs, closer())
	}
	return errors.Join(append(errs, p.sink.Close(), p.feed.Close())...)
}

// Topics are the topics of one prefix on one cluster.
type Topics struct {
	Kafka kafka.Config
	Names kafka.Names
}

// How `stream` loads, unless the user says otherwise.
const (
	streamBatchRecords = 4_000 // records of one transaction
	streamCommitters   = 2     // partitions at a time: while one waits for its commit, another fills its transaction
)

// ConfigureStream fills in how `stream` loads, where nothing else is said.
func ConfigureStream(cfg *flow.Config) {
	cfg.BatchRecords = cmp.Or(cfg.BatchRecords, streamBatchRecords)
	cfg.Committers = streamCommitters
}

// StreamOptions are what the user decides about `stream`.
type StreamOptions struct {
	RunID          string
	DefaultStation string        // for records that name no place
	Window         time.Duration // how long ids are remembered; 0: the default of package clean
	NewTopic       bool          // start again where a topic was recreated
	Alone          bool          // a bounded run: of two that start together one ends
}

// OpenStream wires raw topic -> cleaning -> transactions.
func OpenStream(ctx context.Context, t Topics, o StreamOptions) (*Pipeline, error) {
	feed, err := kafka.NewFeed(ctx, t.Kafka, t.Names.Raw(), t.Names.Group("stream"), false)
	if err != nil {
		return nil, err
	}
	history, err := kafka.NewHistory(ctx, t.Kafka, feed.Admin(), t.Names.Clean())
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	history.Patience = kafka.LongestTransaction // an id that it overlooks gets its first revision twice
	sink, err := kafka.NewStreamSink(ctx, kafka.StreamSinkConfig{Config: t.Kafka, Names: t.Names, RunID: o.RunID, NewTopic: o.NewTopic, Alone: o.Alone}, feed.Admin())
	if err != nil {
		return nil, errors.Join(err, history.Close(), feed.Close())
	}
	partitions := feed.Topic().Partitions
	step := clean.New(clean.Config{
		DefaultStation: o.DefaultStation, Window: o.Window, MaxBytes: kafka.MaxRawBytes, History: history,
		Partition: func(station string) int32 { return kafka.Partition(station, partitions) },
	})
	return &Pipeline{feed: feed, steps: []flow.Step{step}, sink: sink, closers: []func() error{history.Close}}, nil
}

// OpenLoad wires clean topic -> a store of this kind. Topic, Prefix, Job and Keep of the store's configuration are set here.
func OpenLoad(ctx context.Context, t Topics, kind flow.StoreKind, cfg flow.StoreConfig) (*Pipeline, error) {
	job := kind.Job()
	feed, err := kafka.NewFeed(ctx, t.Kafka, t.Names.Clean(), t.Names.Group(job), true)
	if err != nil {
		return nil, err
	}
	writer, err := kafka.NewWriter(t.Kafka)
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	closeWriter := func() error { writer.Close(); return nil }
	letters := kafka.NewDeadLetterStep(writer, t.Names, feed.Topic(), job, cfg.RunID)
	cfg.Topic, cfg.Prefix, cfg.Job, cfg.Keep = feed.Topic(), t.Names.Prefix, job, letters.Apply
	store, err := kind.Open(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, closeWriter(), feed.Close())
	}
	return &Pipeline{feed: feed, steps: []flow.Step{clean.NewStored(job), letters}, sink: store, closers: []func() error{closeWriter}}, nil
}

// Configure sets what a kind of store decides about its loads, where the user has not.
func Configure(cfg *flow.Config, kind flow.StoreKind) {
	cfg.BatchRecords = cmp.Or(cfg.BatchRecords, kind.BatchRecords)
	cfg.Linger = cmp.Or(cfg.Linger, kind.Linger)
	cfg.BatchBytes, cfg.Committers = kind.BatchBytes, kind.Committers
}
