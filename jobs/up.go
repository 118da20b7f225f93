package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/local"
	"senmeteo/jobs/local/broker"
	"senmeteo/jobs/local/postgres"
	"senmeteo/jobs/reconcile"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/sink/hdfs"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
)

func upCommand() *cli.Command {
	return &cli.Command{
		Name: "up", Usage: "the whole pipeline in one process: broker, PostgreSQL, lake folder and live page; nothing else to run",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "data-dir", Value: "data/local", EnvVars: env("data-dir"), Usage: "`FOLDER` of everything it keeps; delete it to start afresh"},
			listenFlag(),
			&cli.DurationFlag{Name: "for", EnvVars: env("for"), Usage: "end after this time, with the books printed (default: until Ctrl-C)"},
			&cli.Uint64Flag{Name: "seed", Value: 1, EnvVars: env("seed"), Usage: "equal seeds give equal weather"},
			&cli.Float64Flag{Name: "faults", Value: 0.01, EnvVars: env("faults"), Usage: "chance that a reading gets a labelled defect, 0 to 1"},
		},
		Action: up,
	}
}

func up(c *cli.Context) error {
	j, err := startJob(c, "up")
	if err != nil {
		return err
	}
	defer j.end()
	j.progress.Close()
	if f := c.Float64("faults"); f < 0 || f > 1 {
		return flow.Fail(flow.Usage, "--faults is %g: it is a chance, from 0 to 1", f)
	}
	dir, err := filepath.Abs(c.Path("data-dir"))
	if err != nil {
		return flow.Fail(flow.Usage, "--data-dir: %w", err)
	}
	lock, err := local.AcquireLock(dir)
	if err != nil {
		return lockFailure(dir, err)
	}
	defer func() { _ = lock.Release() }() // the process ends anyway
	listener, err := listen(c.String("listen"))
	if err != nil {
		return err
	}
	u := &embedded{job: j, dir: dir, listener: listener, names: kafka.Names{Prefix: "meteo"}}
	u.feeder = &feeder{dir: dir, seed: c.Uint64("seed"), faults: c.Float64("faults"), log: j.log}
	result, err := u.run(c.Context, c.Duration("for"))
	if err != nil || result == nil {
		return err
	}
	return u.printBooks(c, result)
}

func lockFailure(dir string, err error) error {
	var locked *local.LockedError
	if errors.As(err, &locked) {
		return flow.Fail(flow.TryLater, "%w: stop it, or choose another --data-dir", err)
	}
	return flow.Fail(flow.CantWrite, "using --data-dir %s: %w", dir, err)
}

// embedded is a running `up`.
type embedded struct {
	job      *job
	dir      string
	listener net.Listener
	names    kafka.Names
	feeder   *feeder

	broker   *broker.Broker
	postgres *postgres.Server
	kafka    kafka.Config
	store    *pg.Store
	admin    *kafka.Admin
}

const startTimeout = 2 * time.Minute // a first start may download PostgreSQL

// run starts everything and ends it, when ctx ends or, with limit, after that time. Only then are the books drawn up.
func (u *embedded) run(ctx context.Context, limit time.Duration) (result *reconcile.Result, err error) {
	defer func() { err = errors.Join(err, u.stopServers()) }()
	if err := u.startServers(ctx); err != nil {
		_ = u.listener.Close() // nobody serves it
		if ctx.Err() != nil {
			return nil, nil // the user said stop
		}
		return nil, err
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	if limit > 0 {
		work, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	if err := u.work(work); err != nil {
		return nil, err
	}
	if limit == 0 || ctx.Err() != nil {
		return nil, nil
	}
	return u.balance(ctx)
}

// startServers starts broker and PostgreSQL side by side.
func (u *embedded) startServers(ctx context.Context) error {
	startCtx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var brokerErr, postgresErr error
	var both sync.WaitGroup
	both.Go(func() {
		u.broker, brokerErr = broker.Start(startCtx, broker.Config{Dir: filepath.Join(u.dir, "kafka"), RetentionBytes: upRetention, Log: quiet(u.job.log)})
	})
	both.Go(func() {
		u.postgres, postgresErr = postgres.Start(startCtx, postgres.Config{Dir: filepath.Join(u.dir, "postgres"), Log: u.job.log})
	})
	both.Wait()
	if brokerErr != nil {
		return flow.Fail(flow.CantWrite, "starting the broker in %s: %w", u.dir, brokerErr)
	}
	if postgresErr != nil {
		return postgresFailure("starting PostgreSQL", u.dir, postgresErr)
	}
	u.kafka = kafka.Config{Brokers: u.broker.Addr(), Settings: u.broker.Settings(), ClientID: "senmeteo-up", Logger: u.job.log, Codec: "lz4"} // see upRetention
	var err error
	if u.store, err = pg.Open(startCtx, pg.Config{URL: u.postgres.URL(), Application: "senmeteo-up"}); err != nil {
		return err
	}
	if u.admin, err = kafka.NewAdmin(u.kafka); err != nil {
		return err
	}
	_, err = u.admin.EnsureTopics(startCtx, u.names, broker.DefaultPartitions, 1)
	return err
}

// postgresFailure classes why PostgreSQL does not start or go on. Its own programs tell of a full disk only in words.
func postgresFailure(doing, dir string, err error) error {
	if isFull(err) || strings.Contains(err.Error(), "No space left on device") {
		return flow.Fail(flow.CantWrite, "%s: no space left in %s: make room or choose another --data-dir, then start again; what was stored is safe", doing, dir)
	}
	return flow.Fail(flow.Unavailable, "%s: %w: what was stored is safe; start again", doing, err)
}

// quiet takes the warnings of the in-process broker out of a log: they are about its own speed.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(errorsOnly{log.Handler()})
}

// errorsOnly is a slog.Handler that hands errors on and nothing else.
type errorsOnly struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h errorsOnly) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}

// upRetention bounds each partition of the in-process broker, bytes: its log is held in memory too, and as it was sent.
const upRetention = 16 << 20

func (u *embedded) stopServers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	if u.admin != nil {
		u.admin.Close()
	}
	if u.store != nil {
		_ = u.store.Close() // it has no error
	}
	var brokerErr, postgresErr error
	var both sync.WaitGroup
	if u.postgres != nil {
		both.Go(func() { postgresErr = u.postgres.Close(ctx) })
	}
	if u.broker != nil {
		both.Go(func() { brokerErr = u.broker.Close(ctx) })
	}
	both.Wait()
	return errors.Join(brokerErr, postgresErr)
}

// work runs the jobs until ctx ends or one of them fails.
func (u *embedded) work(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	page, err := openPage(u.job, u.postgres.URL(), pageOptions{listener: u.listener, pipeline: func(ctx context.Context) (web.Counters, error) {
		return counters(ctx, u.admin, u.names, u.store)
	}})
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	start := func(job func(context.Context) error) {
		all.Go(func() {
			if err := job(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	start(page)
	u.job.show(healthURL(u.listener.Addr()))
	defer u.job.show("")
	start(u.watch)
	start(func(ctx context.Context) error { return u.feeder.run(ctx, u.kafka, u.names) })
	for _, p := range u.pipes() {
		start(func(ctx context.Context) error { return u.runPipe(ctx, p, true) })
	}
	if _, err := fmt.Fprintf(u.job.stdout, "senmeteo is up: http://%s  (Ctrl-C ends it; the data is in %s)\n", u.listener.Addr(), u.dir); err != nil {
		cancel(flow.Fail(flow.CantWrite, "writing to standard output: %w", err))
	}
	<-ctx.Done()
	all.Wait()
	if cause := context.Cause(ctx); !isStopped(cause) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// watch ends the work when a server that it needs has ended.
func (u *embedded) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-u.broker.Failed():
		return flow.Fail(flow.CantWrite, "the broker can't go on: %w: is the disk full? What was stored is safe; start again", u.broker.Err())
	case <-u.postgres.Failed():
		return postgresFailure("PostgreSQL has ended", u.dir, u.postgres.Err())
	}
}

// upPipe is one job of the pipeline inside `up`.
type upPipe struct {
	verb   string
	config flow.Config
	open   func(context.Context) (*pipe, error)
}

// pipes are the jobs in the order in which data goes through them.
func (u *embedded) pipes() []upPipe {
	load := func(verb string, open func(context.Context, flow.Topic, keepLetters) (flow.Sink, error)) func(context.Context) (*pipe, error) {
		return func(ctx context.Context) (*pipe, error) {
			return openLoad(ctx, u.kafka, u.names, verb, "", func(t flow.Topic, keep keepLetters) (flow.Sink, error) { return open(ctx, t, keep) })
		}
	}
	return []upPipe{
		{"stream", flow.Config{BatchRecords: streamBatchRecords, Linger: 200 * time.Millisecond}, func(ctx context.Context) (*pipe, error) {
			return openStream(ctx, u.kafka, u.names, streamOptions{})
		}},
		{"to-pg", flow.Config{BatchRecords: postgresSink.batchRecords}, load("to-pg", func(_ context.Context, t flow.Topic, keep keepLetters) (flow.Sink, error) {
			return pg.NewSink(u.store, t, "", false, pg.Keep(keep)), nil
		})},
		{"to-hdfs", flow.Config{BatchRecords: lakeSink.batchRecords, BatchBytes: lakeSink.batchBytes, Linger: lakeSink.linger}, load("to-hdfs", func(_ context.Context, t flow.Topic, _ keepLetters) (flow.Sink, error) {
			return hdfs.Open(u.lakeConfig(t))
		})},
	}
}

func (u *embedded) lakeConfig(t flow.Topic) hdfs.Config {
	return hdfs.Config{
		Root: "file://" + filepath.Join(u.dir, "lake"), ClusterID: t.ClusterID, TopicID: t.ID,
		Logger: u.job.log,
	}
}

func (u *embedded) runPipe(ctx context.Context, p upPipe, follow bool) error {
	pipe, err := p.open(ctx)
	if err != nil {
		return err
	}
	cfg := p.config
	cfg.Job, cfg.Follow, cfg.Logger = p.verb, follow, u.job.log.With("job", p.verb)
	_, err = pipe.run(ctx, cfg)
	return errors.Join(err, pipe.close())
}

// balance takes what is still on its way to the stores, and draws up the books.
func (u *embedded) balance(ctx context.Context) (*reconcile.Result, error) {
	for _, p := range u.pipes() {
		if err := u.runPipe(ctx, p, false); err != nil {
			return nil, err
		}
	}
	a := &auditor{cfg: u.kafka, names: u.names, namedStores: namedStores{postgres: u.store, lake: u.lakeConfig}, decoder: shape.NewDecoder()}
	return a.audit(ctx)
}

// printBooks prints the ledger, and beside it what the truth file says it must be.
func (u *embedded) printBooks(c *cli.Context, result *reconcile.Result) error {
	if err := printResult(c.App.Writer, result, false); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	verdict, agrees, err := u.feeder.compare(result)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.App.Writer, verdict); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	if !result.Balanced || !agrees {
		return flow.Fail(flow.Negative, "the books do not balance: %s", firstProblem(result))
	}
	return nil
}
