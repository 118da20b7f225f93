package embedded

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/local/broker"
	"senmeteo/jobs/local/postgres"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
)

// servers are the broker and PostgreSQL.
type servers struct {
	dir string
	log *slog.Logger

	broker   *broker.Broker
	postgres *postgres.Server
	topics   pipeline.Topics
	admin    *kafka.Admin
}

const startTimeout = 2 * time.Minute // a first start may download PostgreSQL

// retention bounds each partition of the in-process broker, bytes: its log is held in memory too, and as it was sent.
const retention = 16 << 20

// start starts both side by side, and creates the topics.
func (s *servers) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var brokerErr, postgresErr error
	var both sync.WaitGroup
	both.Go(func() {
		s.broker, brokerErr = broker.Start(ctx, broker.Config{Dir: filepath.Join(s.dir, "kafka"), RetentionBytes: retention, Log: quiet(s.log)})
	})
	both.Go(func() {
		s.postgres, postgresErr = postgres.Start(ctx, postgres.Config{Dir: filepath.Join(s.dir, "postgres"), Log: s.log})
	})
	both.Wait()
	if brokerErr != nil {
		return flow.Fail(flow.CantWrite, "starting the broker in %s: %w", s.dir, brokerErr)
	}
	if postgresErr != nil {
		return postgresFailure("starting PostgreSQL", s.dir, postgresErr)
	}
	return s.createTopics(ctx)
}

// createTopics creates those that the broker does not have.
func (s *servers) createTopics(ctx context.Context) error {
	s.topics = pipeline.Topics{
		Kafka: kafka.Config{Brokers: s.broker.Addr(), Settings: s.broker.Settings(), ClientID: "senmeteo-up", Logger: s.log, Codec: "lz4"}, // see retention
		Names: kafka.Names{Prefix: "meteo"},
	}
	var err error
	if s.admin, err = kafka.NewAdmin(s.topics.Kafka); err != nil {
		return err
	}
	_, err = s.admin.EnsureTopics(ctx, s.topics.Names, broker.DefaultPartitions, 1)
	return err
}

// addresses are where the stores of `up` are, by the names of the options that say so.
func (s *servers) addresses() flow.Settings {
	return flow.Settings{"pg-url": s.postgres.URL(), "hdfs": "file://" + filepath.Join(s.dir, "lake")}
}

// watch returns when ctx ends, or with the failure of a server that has ended.
func (s *servers) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.broker.Failed():
		return flow.Fail(flow.CantWrite, "the broker can't go on: %w: is the disk full? What was stored is safe; start again", s.broker.Err())
	case <-s.postgres.Failed():
		return postgresFailure("PostgreSQL has ended", s.dir, s.postgres.Err())
	}
}

func (s *servers) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	if s.admin != nil {
		s.admin.Close()
	}
	var brokerErr, postgresErr error
	var both sync.WaitGroup
	if s.postgres != nil {
		both.Go(func() { postgresErr = s.postgres.Close(ctx) })
	}
	if s.broker != nil {
		both.Go(func() { brokerErr = s.broker.Close(ctx) })
	}
	both.Wait()
	return errors.Join(brokerErr, postgresErr)
}

// postgresFailure classes why PostgreSQL does not start or go on. Its own programs report a full disk only in words.
func postgresFailure(doing, dir string, err error) error {
	if output.IsFull(err) || strings.Contains(err.Error(), "No space left on device") {
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
