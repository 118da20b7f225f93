package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/hdfs"
	"senmeteo/jobs/sink/pg"
)

// storeSink is a store that loads the clean topic: one entry here, one verb to-NAME.
type storeSink struct {
	name         string // "pg": the verb is to-pg, the stage in dead letters too
	usage        string
	flags        []cli.Flag
	batchRecords int
	batchBytes   int
	committers   int
	linger       time.Duration // with --follow, how long a record waits for its batch to fill; 0: flow's own
	// open connects the store; the sink's Close ends the connection.
	open func(ctx context.Context, c *cli.Context, j *job, topic flow.Topic, keep keepLetters) (flow.Sink, error)
	// maintain, when not nil, does what the flag named like it asks for, instead of loading.
	maintenance string
	maintain    func(ctx context.Context, c *cli.Context, j *job) (*flow.Report, error)
}

var postgresSink = storeSink{
	name: "pg", usage: "clean topic -> PostgreSQL, exactly once",
	flags: []cli.Flag{pgURLFlag()}, batchRecords: 20_000, committers: 2,
	open: func(ctx context.Context, c *cli.Context, j *job, topic flow.Topic, keep keepLetters) (flow.Sink, error) {
		store, err := openPostgres(ctx, c, j)
		if err != nil {
			return nil, err
		}
		sink := pg.NewSink(store, topic, j.runID, c.Bool("new-topic"), pg.Keep(keep))
		return closingStore{sink, store}, nil
	},
}

var lakeSink = storeSink{
	name: "hdfs", usage: "clean topic -> Parquet files in HDFS or a folder, exactly once",
	flags: []cli.Flag{
		hdfsFlag(), hdfsUserFlag(),
		&cli.BoolFlag{Name: "compact", EnvVars: env("compact"), Usage: "instead of loading, make one sorted file of each day before --before, with the last revisions"},
		&cli.StringFlag{Name: "before", EnvVars: env("before"), Usage: "first `DAY` that --compact leaves alone (default: today)"},
	},
	// A commit costs HDFS the same whatever its size: some changes at the NameNode, and a file of each day that stays until that is
	// compacted. Larger ones cost memory.
	batchRecords: 50_000, batchBytes: 24 << 20, linger: time.Minute,
	maintenance: "compact", maintain: compactLake,
	open: func(_ context.Context, c *cli.Context, j *job, topic flow.Topic, _ keepLetters) (flow.Sink, error) {
		return hdfs.Open(lakeConfig(c, j, topic))
	},
}

// closingStore is a sink of PostgreSQL that is the only user of its store.
type closingStore struct {
	*pg.Sink
	store *pg.Store
}

// Close implements flow.Sink.
func (s closingStore) Close() error {
	return s.store.Close()
}

func pgURLFlag() cli.Flag {
	return &cli.StringFlag{Name: "pg-url", EnvVars: env("pg-url"), Usage: "PostgreSQL, a libpq `URL`; with a password better in a file named by SENMETEO_PG_URL_FILE"}
}

func hdfsFlag() cli.Flag {
	return &cli.StringFlag{Name: "hdfs", EnvVars: env("hdfs"), Value: "hdfs://127.0.0.1:8020/data/meteo", Usage: "the lake's `URL`: hdfs://namenode:8020/data/meteo or file:///some/dir"}
}

func hdfsUserFlag() cli.Flag {
	return &cli.StringFlag{Name: "hdfs-user", EnvVars: env("hdfs-user"), Value: "senmeteo", Usage: "`NAME` under which files are written to HDFS; a user in the URL comes first"}
}

func openPostgres(ctx context.Context, c *cli.Context, j *job) (*pg.Store, error) {
	url, err := secret(c, "pg-url")
	if err != nil {
		return nil, err
	}
	return pg.Open(ctx, pg.Config{URL: url, Application: "senmeteo-" + j.name})
}

func lakeConfig(c *cli.Context, j *job, topic flow.Topic) hdfs.Config {
	return hdfs.Config{
		Root: c.String("hdfs"), User: c.String("hdfs-user"), ClusterID: topic.ClusterID, TopicID: topic.ID, NewTopic: c.Bool("new-topic"), RunID: j.runID,
		Logger: j.log,
	}
}

func loadCommand(s storeSink) *cli.Command {
	verb := "to-" + s.name
	return &cli.Command{
		Name: verb, Usage: s.usage, Flags: flags(s.flags, flowFlags(), kafkaFlags(), runFlags()),
		OnUsageError: reportUsage(verb),
		Action:       reporting(verb, func(c *cli.Context, j *job) (*flow.Report, error) { return load(c, j, s) }),
	}
}

// compactLake compacts the closed days of the lake.
func compactLake(ctx context.Context, c *cli.Context, j *job) (*flow.Report, error) {
	before, err := instant(c, "before")
	if err != nil {
		return nil, err
	}
	if before.IsZero() {
		before = time.Now().UTC()
	}
	lake, err := hdfs.Open(lakeConfig(c, j, flow.Topic{}))
	if err != nil {
		return nil, err
	}
	began, report := time.Now(), flow.NewReport(j.name, j.runID)
	done, err := lake.Compact(ctx, before)
	report.Read, report.Written, report.Duplicates = done.RowsBefore, done.RowsAfter, done.RowsBefore-done.RowsAfter
	report.Took(time.Since(began))
	j.log.Info("compacted", "days", done.Days, "files_before", done.FilesBefore, "bytes_before", done.BytesBefore, "bytes_after", done.BytesAfter, "took", time.Since(began))
	return report, errors.Join(err, lake.Close())
}

// load runs the loop from the clean topic into a store.
func load(c *cli.Context, j *job, s storeSink) (*flow.Report, error) {
	outliveTheLog()
	if s.maintain != nil && c.Bool(s.maintenance) {
		ctx, cancel := withTimeout(c)
		defer cancel()
		return s.maintain(ctx, c, j)
	}
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return nil, err
	}
	run, err := runConfig(c, j, s.batchRecords)
	if err != nil {
		return nil, err
	}
	run.BatchBytes, run.Committers = s.batchBytes, s.committers
	if run.Linger == 0 {
		run.Linger = s.linger
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	p, err := openLoad(ctx, cfg, names, j.name, j.runID, func(topic flow.Topic, keep keepLetters) (flow.Sink, error) {
		return s.open(ctx, c, j, topic, keep)
	})
	if err != nil {
		return nil, err
	}
	report, err := p.run(ctx, run)
	if err = errors.Join(err, p.close()); err != nil {
		return report, err
	}
	return report, tooManyRejects(c, report)
}

// runConfig reads the flags of the loop.
func runConfig(c *cli.Context, j *job, batchRecords int) (flow.Config, error) {
	cfg := flow.Config{
		Job: j.name, RunID: j.runID, Follow: c.Bool("follow"), SkipLost: c.Bool("skip-lost"), MaxRecords: c.Int64("max-records"), BatchRecords: c.Int("batch-records"),
		Linger: c.Duration("linger"), Logger: j.log, Alive: j.alive.Progress, Progress: func(r flow.Report) { j.moved(r.Read, r.Read+r.Lag) },
	}
	if u := c.String("until"); u != "end" {
		return cfg, flow.Fail(flow.Usage, "--until is %q: it may only be end; --follow goes on", u)
	}
	if cfg.MaxRecords < 0 || cfg.BatchRecords < 0 {
		return cfg, flow.Fail(flow.Usage, "--max-records and --batch-records can't be negative")
	}
	if cfg.Linger < 0 {
		return cfg, flow.Fail(flow.Usage, "--linger is %s: it can't be negative", cfg.Linger)
	}
	if cfg.BatchRecords == 0 {
		cfg.BatchRecords = batchRecords
	}
	j.alive.Watch(c.Duration("stall-after"))
	return cfg, nil
}
