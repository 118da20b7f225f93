package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/metrics"
)

// Pipeline is a feed, steps and a sink, ready to run.
type Pipeline struct {
	job     metrics.Job
	feed    flow.Feed
	steps   []flow.Step
	sink    flow.Sink
	closers []func() error // of what the steps use
	letters *Pipeline      // of the dead letters, which the same job stores; nil: it does not
	stage   *metrics.Stage // nil: nobody counts
}

// Measure counts what the pipeline does from now on, in a registry that may be nil. Dead letters are a stage of their own.
func (p *Pipeline) Measure(r *metrics.Registry) {
	if r == nil {
		return
	}
	p.job.Bounds = p.feed.Bounds
	p.stage = r.Stage(p.job)
	p.sink = p.stage.Sink(p.sink)
	if p.letters != nil {
		p.letters.Measure(r)
	}
}

// Run moves batches until the configuration says that it is enough. The report is of the pipeline itself; what becomes of the dead
// letters that its job stores as well is in the log.
func (p *Pipeline) Run(ctx context.Context, cfg flow.Config) (*flow.Report, error) {
	if p.stage != nil {
		cfg.Progress = both(p.stage.Progress, cfg.Progress)
	}
	switch {
	case p.letters == nil:
		return flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
	case cfg.Follow:
		return p.followBoth(ctx, cfg)
	}
	report, err := flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
	if err != nil {
		return report, err
	}
	return report, p.runLetters(ctx, cfg) // those of this run, too
}

// both calls a function, and then one that may be nil.
func both(first, second func(flow.Report)) func(flow.Report) {
	if second == nil {
		return first
	}
	return func(r flow.Report) { first(r); second(r) }
}

// followBoth follows both topics until the context ends, or one of them can't be followed any more.
func (p *Pipeline) followBoth(ctx context.Context, cfg flow.Config) (report *flow.Report, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		report, err = flow.Run(ctx, cfg, p.feed, p.steps, p.sink)
		return err
	})
	letters := cfg
	letters.Alive = nil // a job whose observations stand still is not alive
	group.Go(func() error { return p.runLetters(ctx, letters) })
	err = group.Wait()
	return report, err
}

// runLetters moves the dead letters.
func (p *Pipeline) runLetters(ctx context.Context, cfg flow.Config) error {
	cfg.Progress = nil
	report, err := p.letters.Run(ctx, cfg)
	if err != nil {
		return fmt.Errorf("storing the dead letters: %w", err)
	}
	if report.Read > 0 && cfg.Logger != nil {
		cfg.Logger.Info("dead letters stored", "read", report.Read, "written", report.Written, "duplicates", report.Duplicates)
	}
	return nil
}

// Close ends all connections.
func (p *Pipeline) Close() error {
	if p.stage != nil {
		p.stage.Close()
	}
	var errs []error
	if p.letters != nil {
		errs = append(errs, p.letters.Close())
	}
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
	streamBatchRecords = 8_000 // records of one transaction
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
	IDs            int           // how many ids of all partitions are remembered at the most; 0: any number
	Limits         clean.Limits  // climatological limits of the stations; nil: those of the regions of Senegal
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
	ids := (o.IDs + int(partitions) - 1) / int(partitions)
	history.Last = int64(ids) // each record of the clean topic has one
	step := clean.New(clean.Config{
		DefaultStation: o.DefaultStation, Window: o.Window, PartitionIDs: ids, Limits: o.Limits, MaxBytes: kafka.MaxRawBytes, History: history, Logger: t.Kafka.Logger,
		Partition: func(station string) int32 { return kafka.Partition(station, partitions) },
	})
	return &Pipeline{
		job:  metrics.Job{Name: "stream", Topic: t.Names.Raw(), Checks: true},
		feed: feed, steps: []flow.Step{step}, sink: sink, closers: []func() error{history.Close},
	}, nil
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
	p := &Pipeline{
		job:  metrics.Job{Name: job, Topic: t.Names.Clean()},
		feed: feed, steps: []flow.Step{clean.NewStored(job), letters}, sink: store, closers: []func() error{closeWriter},
	}
	if p.letters, err = openLetters(ctx, t, kind, cfg); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// openLetters wires dead-letter topic -> the store of this kind; nil when its job stores no dead letters. It has a consumer group of its
// own: the members of one group read the same topics.
func openLetters(ctx context.Context, t Topics, kind flow.StoreKind, cfg flow.StoreConfig) (*Pipeline, error) {
	if kind.OpenLetters == nil {
		return nil, nil
	}
	feed, err := kafka.NewFeed(ctx, t.Kafka, t.Names.DLQ(), t.Names.Group(cfg.Job+"-dlq"), true)
	if err != nil {
		return nil, err
	}
	cfg.Topic, cfg.Keep = feed.Topic(), nil
	sink, err := kind.OpenLetters(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, feed.Close())
	}
	return &Pipeline{job: metrics.Job{Name: cfg.Job + "-dlq", Topic: t.Names.DLQ()}, feed: feed, sink: sink}, nil
}

// Configure sets what a kind of store decides about its loads, where the user has not.
func Configure(cfg *flow.Config, kind flow.StoreKind) {
	cfg.BatchRecords = cmp.Or(cfg.BatchRecords, kind.BatchRecords)
	cfg.Linger = cmp.Or(cfg.Linger, kind.Linger)
	cfg.BatchBytes, cfg.Committers = kind.BatchBytes, kind.Committers
}
