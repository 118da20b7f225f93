package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
)

var (
	//go:embed acquire.lua
	acquireText string
	//go:embed restart.lua
	restartText string

	acquireScript = redis.NewScript(acquireText)
	restartScript = redis.NewScript(restartText)
)

// Resume implements flow.Sink. With NewTopic it first records that all partitions start again, whichever of them have records now, so
// that no later run needs the flag.
func (s *Store) Resume(ctx context.Context) (flow.Offsets, error) {
	if s.newTopic {
		err := s.call(ctx, func() error {
			return restartScript.Run(ctx, s.client, []string{s.keys.offsets()}, s.topic.ClusterID, s.topic.ID).Err()
		})
		if err != nil {
			return nil, failed(ctx, "starting again with a new topic", err)
		}
	}
	o, err := s.readOffsets(ctx)
	if err != nil {
		return nil, err
	}
	out := flow.Offsets{}
	for partition, p := range o.partitions {
		out[partition] = p.Next
	}
	if o.topicID != "" && (o.topicID != s.topic.ID || o.clusterID != s.topic.ClusterID) {
		return nil, s.recreated()
	}
	return out, nil
}

func (s *Store) recreated() error {
	return flow.Fail(flow.Usage, "topic %s is not the one that Redis was filled from: it was deleted and recreated; give --new-topic to start from its beginning", s.topic.Name)
}

// attempts bounds how often a run tries to acquire a partition while others do the same.
const attempts = 10

// Acquire implements flow.Sink. It writes our name and the number of the acquisition into the hash of the offsets, which fences the run
// that was there. It names the number before, so that a request that comes late, after another acquisition, is of no effect.
func (s *Store) Acquire(ctx context.Context, partition int32) (int64, error) {
	const doing = "acquiring a partition"
	var known int64
	err := s.call(ctx, func() (err error) {
		known, err = s.client.HGet(ctx, s.keys.offsets(), strconv.Itoa(int(partition))+":term").Int64()
		if errors.Is(err, redis.Nil) {
			known, err = 0, nil
		}
		return err
	})
	for range attempts {
		var answer []string
		if err == nil {
			err = s.call(ctx, func() (err error) {
				answer, err = acquireScript.Run(ctx, s.client, []string{s.keys.offsets()}, s.topic.ClusterID, s.topic.ID, partition, s.writer, known).StringSlice()
				return err
			})
		}
		if err != nil {
			return 0, failed(ctx, doing, err)
		}
		if len(answer) != 3 {
			return 0, fmt.Errorf("%s: Redis answers with %d texts instead of 3", doing, len(answer))
		}
		if known, err = strconv.ParseInt(answer[1], 10, 64); err != nil {
			return 0, fmt.Errorf("%s: the key %s of Redis is damaged: %w", doing, s.keys.offsets(), err)
		}
		switch answer[0] {
		case "acquired":
			return s.hold(partition, known, answer[2])
		case "recreated":
			return 0, s.recreated()
		}
	}
	return 0, fmt.Errorf("acquiring partition %d: %w", partition, flow.ErrFenced)
}

// hold notes that a partition is acquired, and returns its next offset.
func (s *Store) hold(partition int32, term int64, stored string) (next int64, err error) {
	next = -1
	if stored != "" {
		if next, err = strconv.ParseInt(stored, 10, 64); err != nil {
			return 0, fmt.Errorf("acquiring a partition: the offset of partition %d in the key %s of Redis is not a number: %w", partition, s.keys.offsets(), err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.terms[partition] = term
	return next, nil
}

// term returns the number under which a partition is held; 0: it is not.
func (s *Store) term(partition int32) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.terms[partition]
}

// Release implements flow.Sink.
func (s *Store) Release(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.terms, partition)
}

// Commit implements flow.Sink.
func (s *Store) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	const doing = "storing a batch"
	term := s.term(b.Partition)
	if term == 0 {
		return flow.Outcome{}, fmt.Errorf("committing partition %d, which was not acquired", b.Partition)
	}
	answer, err := s.store(ctx, b, term)
	var known redis.Error
	switch {
	case err == nil:
		return s.outcome(b, answer)
	case errors.As(err, &known) || isCertificate(err):
		return flow.Outcome{}, failed(ctx, doing, err) // Redis refused
	}
	return flow.Outcome{}, fmt.Errorf("%w (%w)", flow.ErrRestart, failed(ctx, doing, err))
}

// outcome reads the answer of the script.
func (s *Store) outcome(b *flow.Batch, answer []string) (flow.Outcome, error) {
	if len(answer) != 2 {
		return flow.Outcome{}, fmt.Errorf("storing a batch: Redis answers with %d texts instead of 2", len(answer))
	}
	n, err := strconv.ParseInt(answer[1], 10, 64)
	switch {
	case err != nil:
		return flow.Outcome{}, fmt.Errorf("storing a batch: Redis answers with %q instead of a number", answer[1])
	case answer[0] == "stored":
		return flow.Outcome{Written: n, Duplicates: int64(len(b.Observations)) - n}, nil
	case answer[0] == "elsewhere": // ours, but not where we left it: Redis has lost its last seconds, or somebody changed the offset
		return flow.Outcome{}, fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, n, b.Start, flow.ErrRestart)
	}
	return flow.Outcome{}, fmt.Errorf("partition %d: %w", b.Partition, flow.ErrFenced)
}
