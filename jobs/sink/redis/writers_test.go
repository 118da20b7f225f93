package redis_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/retry"
	"senmeteo/test/servers"
)

// Ten runs store observations of the same three stations, each all of them in an order of its own, while Redis is killed and comes
// back. What Redis has acknowledged is in its file, also when only the process is killed and no disk was waited for.
func TestTenWritersWithShuffledTimesAndAKilledRedisKeepTheNewestRevision(t *testing.T) {
	set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{servers.NameRedis}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	k := freshOn(t, set.Redis.URL)
	const writers = 10
	var observations []meteo.Observation
	for station := range int32(3) {
		for n := range 30 {
			for revision := range int64(3) {
				observations = append(observations, flowtest.Observation(station, n, revision+1))
			}
		}
	}
	var commits atomic.Int64
	failures := make([]error, writers)
	var all sync.WaitGroup
	for p := range int32(writers) {
		mine := slices.Clone(observations)
		rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
		cfg := k.config()
		cfg.Topic.Partitions = writers
		store := opened(t, cfg)
		all.Go(func() { failures[p] = storeAll(t.Context(), store, p, mine, &commits) })
	}
	working, end := context.WithCancel(t.Context())
	killed := make(chan error)
	go func() { killed <- killAfter(working, set.Redis, &commits, 20, 90, 200) }()
	all.Wait()
	end()
	for i, err := range append(failures, <-killed) {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	got := k.Stored(t)
	want := map[flowtest.Row]bool{}
	for station := range int32(3) {
		want[flowtest.RowOf(pointer(flowtest.Observation(station, 29, 3)))] = true
	}
	for _, row := range got.Rows {
		if !want[row] {
			t.Errorf("there is %s", row)
		}
	}
	if len(got.Rows) != len(want) || len(got.Next) != writers {
		t.Errorf("there are %d observations and %d offsets, want %d and %d", len(got.Rows), len(got.Next), len(want), writers)
	}
	progress, err := opened(t, k.config()).Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for p, got := range progress {
		if n := int64(len(observations)); got.Read != n || got.Written+got.Duplicates != n {
			t.Errorf("partition %d: %+v, want %d read, each once", p, got, n)
		}
	}
}

// killAfter kills Redis and starts it again, each time that so many commits are done.
func killAfter(ctx context.Context, r *servers.Redis, commits *atomic.Int64, after ...int64) error {
	for _, n := range after {
		for commits.Load() < n {
			if err := retry.Sleep(ctx, time.Millisecond); err != nil {
				return fmt.Errorf("of %d kills some did not come to pass: %w", len(after), err)
			}
		}
		if err := errors.Join(r.Kill(), r.Start(context.WithoutCancel(ctx))); err != nil {
			return err
		}
	}
	return nil
}

// storeAll stores observations in batches of seven, as flow.Run does: after a commit without a known outcome it asks where it is.
func storeAll(ctx context.Context, s flow.Sink, partition int32, all []meteo.Observation, commits *atomic.Int64) error {
	byStart := map[int64]*flow.Batch{}
	end := int64(0)
	for part := range slices.Chunk(all, 7) {
		b := flowtest.Batch(partition, end, part...)
		byStart[end], end = b, b.End
	}
	next, err := s.Acquire(ctx, partition)
	for next = max(next, 0); err == nil && next < end; {
		b := byStart[next]
		if b == nil {
			return fmt.Errorf("partition %d is at offset %d, where no batch starts", partition, next)
		}
		_, err = s.Commit(ctx, b)
		switch {
		case err == nil:
			next = b.End
			commits.Add(1)
		case errors.Is(err, flow.ErrRestart):
			next, err = s.Acquire(ctx, partition)
			next = max(next, 0)
		}
	}
	return err
}
