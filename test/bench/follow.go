package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/test/servers"
)

// followJob measures how long a reading takes through `stream`, `to-pg`, `to-es` and `serve`, which follow with their default flags.
func followJob() job {
	needs := []string{needsKafka, needsPostgres, needsElasticsearch}
	return job{name: "follow", needs: needs, measure: func(ctx context.Context, r *runner) error {
		for round := range r.Rounds {
			if err := r.follow(ctx, round); err != nil {
				return err
			}
		}
		return nil
	}}
}

// follow starts the jobs on empty topics and stores, sends readings at a steady rate, and waits until each was seen everywhere.
func (r *runner) follow(ctx context.Context, round int) (err error) {
	names, database := kafka.Names{Prefix: fmt.Sprintf("%sfollow%d", r.Prefix, round)}, r.Prefix+"_follow"
	r.cleanup = append(r.cleanup,
		func(ctx context.Context) error { return r.Servers.dropDatabase(ctx, database) },
		func(ctx context.Context) error { return r.dropIndices(ctx, names.Prefix+"-") })
	if err := errors.Join(r.topics(ctx, names), r.Servers.recreate(ctx, database, "")); err != nil {
		return err
	}
	ports, err := servers.FreePorts(1)
	if err != nil {
		return err
	}
	page := fmt.Sprintf("127.0.0.1:%d", ports[0])
	stores := []string{"--pg-url", r.Servers.database(database)}
	jobs := [][]string{
		{"stream", "--follow"},
		append([]string{"to-pg", "--follow"}, stores...),
		{"to-es", "--follow", "--es-url", r.Servers.Elasticsearch},
		append([]string{"serve", "--listen", page}, stores...),
	}
	running, stop := context.WithCancel(ctx)
	g, running := errgroup.WithContext(running)
	for _, args := range jobs {
		g.Go(func() error { return r.runUntil(running, append(args, "--topic-prefix", names.Prefix)) })
	}
	readings := max(r.FollowRate*int(r.FollowFor/time.Second), 1)
	seen := newSightings(readings + len(meteo.Stations))
	g.Go(func() error { return seen.inTable(running, r.Servers.database(database)) })
	g.Go(func() error { return seen.inIndices(running, r.Servers, names.Prefix+"-clean-*") })
	g.Go(func() error { return seen.onPage(running, "http://"+page) })
	g.Go(func() error {
		defer stop()
		return r.send(running, names, seen, readings)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	for where, milliseconds := range seen.latencies() {
		r.results.latency(where, r.FollowRate, milliseconds)
	}
	r.logf("follow, round %d: %d readings", round+1, readings)
	return nil
}

// runUntil runs a job that follows until ctx ends. A job that ends before is an error.
func (r *runner) runUntil(ctx context.Context, args []string) error {
	var problems bytes.Buffer
	cmd := r.command(ctx, r.Program, args...)
	cmd.Stderr = &problems
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return nil // it was told to end, and exit codes of interrupted jobs are its own affair
	}
	return fmt.Errorf("%s ended: %w\n%s", strings.Join(args, " "), err, tail(problems.String()))
}

// send sends one reading of each station, waits until these are everywhere, and then sends the others at the rate. It returns when all
// have been seen.
func (r *runner) send(ctx context.Context, names kafka.Names, seen *sightings, readings int) error {
	p, err := r.Servers.producer(ctx, names.Raw(), "")
	if err != nil {
		return err
	}
	defer p.Close()
	topic, next := names.Raw(), 0
	produce := func(n int) error {
		for range n {
			o := seen.reading(next)
			m := &ck.Message{
				TopicPartition: ck.TopicPartition{Topic: &topic, Partition: kafka.Partition(o.StationID, r.Partitions)},
				Key:            []byte(o.StationID), Value: o.AppendJSON(nil),
			}
			seen.sent(next)
			if err := put(ctx, p, m); err != nil {
				return err
			}
			next++
		}
		return nil
	}
	const patience = 2 * time.Minute
	if err := produce(len(meteo.Stations)); err != nil {
		return err
	}
	if err := seen.wait(ctx, next, patience); err != nil {
		return err
	}
	const every = 10 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for began, done := time.Now(), 0; done < readings; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		due := min(int(float64(r.FollowRate)*time.Since(began).Seconds()), readings) - done
		if err := produce(due); err != nil {
			return err
		}
		done += due
	}
	return seen.wait(ctx, next, patience)
}
