package es

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
)

// Topic names the topic whose observations are stored. ID and ClusterID change when it is made again.
type Topic struct {
	Name, ID, ClusterID string
	Partitions          int
}

// SinkConfig says what a sink stores and for whom.
type SinkConfig struct {
	Topic    Topic
	RunID    string
	NewTopic bool // start again where the topic was deleted and made again
	// Keep makes dead letters of a batch's Rejects durable, before the batch's offset moves on; the batch has nothing else than its
	// records and what Elasticsearch has refused of them. It may be called twice with the same. nil: what is refused ends the run.
	Keep func(ctx context.Context, b *flow.Batch) error
}

// Sink implements flow.Sink. Batches of different partitions may be committed at the same time.
type Sink struct {
	store *Store
	cfg   SinkConfig

	mu    sync.Mutex
	marks map[int32]string // of the partitions that this sink has taken over: what stands in their documents
}

// NewSink brings the index templates up to date and makes the sink of a topic. The store belongs to the caller.
func NewSink(ctx context.Context, store *Store, cfg SinkConfig) (*Sink, error) {
	if err := store.ensureTemplates(ctx); err != nil {
		return nil, err
	}
	return &Sink{store: store, cfg: cfg, marks: map[int32]string{}}, nil
}

// Resume implements flow.Sink. With NewTopic it first writes down that all partitions start again, whichever of them have
// records now: the runs after it need not be told.
func (s *Sink) Resume(ctx context.Context) (flow.Offsets, error) {
	if s.cfg.NewTopic {
		if err := s.startAgain(ctx); err != nil {
			return nil, err
		}
	}
	all, _, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := flow.Offsets{}
	for _, p := range all {
		if p.found && p.Next >= 0 {
			out[p.Partition] = p.Next
		}
	}
	return out, nil
}

// startAgain replaces the documents of partitions that were stored from another topic. Nobody's mark stands in the new ones, so a
// run of the old topic is fenced off.
func (s *Sink) startAgain(ctx context.Context) error {
	for range takeovers {
		all, err := s.store.readProgress(ctx, s.cfg.Topic.Name, s.cfg.Topic.Partitions)
		if err != nil {
			return err
		}
		epoch, foreign := epochOf(all, s.cfg.Topic)
		if len(foreign) == 0 {
			return nil
		}
		for _, p := range foreign {
			done, err := s.store.writeProgress(ctx, p, s.unstored(p.Partition, epoch))
			if err != nil {
				return err
			}
			if !done {
				break // another run is at it, or an answer was lost
			}
		}
	}
	return fmt.Errorf("starting again with a new topic: %w", flow.ErrFenced)
}

// unstored is the document of a partition of which nothing is stored.
func (s *Sink) unstored(partition int32, epoch int64) progress {
	t := s.cfg.Topic
	return progress{Topic: t.Name, Partition: partition, Next: -1, ClusterID: t.ClusterID, TopicID: t.ID, Epoch: epoch, RunID: s.cfg.RunID}
}

// read reads the documents of all partitions, which must be of our topic, and the epoch that follows from them.
func (s *Sink) read(ctx context.Context) ([]progress, int64, error) {
	all, err := s.store.readProgress(ctx, s.cfg.Topic.Name, s.cfg.Topic.Partitions)
	if err != nil {
		return nil, 0, err
	}
	epoch, foreign := epochOf(all, s.cfg.Topic)
	if len(foreign) > 0 {
		return nil, 0, madeAgain(s.cfg.Topic, foreign[0].Partition)
	}
	return all, epoch, nil
}

// takeovers bounds how often a partition is tried to be taken over while others do the same.
const takeovers = 10

// Acquire implements flow.Sink. It writes this writer's mark into the partition's document, which fences off whoever was there.
func (s *Sink) Acquire(ctx context.Context, partition int32) (int64, error) {
	mark := rand.Text()
	for range takeovers {
		all, epoch, err := s.read(ctx)
		if err != nil {
			return 0, err
		}
		if int(partition) >= len(all) {
			return 0, fmt.Errorf("taking partition %d over: topic %s has %d partitions", partition, s.cfg.Topic.Name, len(all))
		}
		p := all[partition]
		if p.Writer != mark {
			if p, err = s.takeOver(ctx, p, epoch, partition, mark); err != nil {
				return 0, err
			}
		}
		if p.Writer == mark {
			s.setMark(partition, mark)
			return p.Next, nil
		}
	}
	return 0, fmt.Errorf("taking partition %d over: %w", partition, flow.ErrFenced)
}

// takeOver writes a mark into a partition's document. What it returns bears another mark when the document was changed meanwhile, or
// when it is unknown who did that.
func (s *Sink) takeOver(ctx context.Context, base progress, epoch int64, partition int32, mark string) (progress, error) {
	p := base
	if !base.found {
		p = s.unstored(partition, epoch)
	}
	p.Writer, p.RunID = mark, s.cfg.RunID
	done, err := s.store.writeProgress(ctx, base, p)
	if err != nil || !done {
		return base, err
	}
	return p, nil
}

func (s *Sink) setMark(partition int32, mark string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marks[partition] = mark
}

func (s *Sink) mark(partition int32) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marks[partition]
}

// Release implements flow.Sink.
func (s *Sink) Release(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.marks, partition)
}

// Close implements flow.Sink. The store belongs to the caller.
func (s *Sink) Close() error { return nil }

// Commit implements flow.Sink.
func (s *Sink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	mark := s.mark(b.Partition)
	if mark == "" {
		return flow.Outcome{}, fmt.Errorf("committing partition %d, which was not taken over", b.Partition)
	}
	base, err := s.held(ctx, b.Partition, mark)
	if err != nil {
		return flow.Outcome{}, err
	}
	if base.Next >= 0 && base.Next != b.Start {
		return flow.Outcome{}, fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, base.Next, b.Start, flow.ErrFenced)
	}
	crash.At("es.before-bulk")
	load, err := s.load(ctx, b, base.Epoch)
	if err != nil {
		return flow.Outcome{}, err
	}
	if err := s.keep(ctx, b, load.rejects); err != nil {
		return flow.Outcome{}, err
	}
	crash.At("es.after-bulk")
	err = s.moveOn(ctx, base, b, load.outcome)
	crash.At("es.after-offset")
	return load.outcome, err
}

// held reads a partition's document, which must bear our mark.
func (s *Sink) held(ctx context.Context, partition int32, mark string) (progress, error) {
	all, err := s.store.readProgress(ctx, s.cfg.Topic.Name, s.cfg.Topic.Partitions)
	if err != nil {
		return progress{}, err
	}
	if p := all[partition]; p.found && p.Writer == mark {
		return p, nil
	}
	return progress{}, fmt.Errorf("partition %d: %w", partition, flow.ErrFenced)
}

// keep lets the refused records become dead letters.
func (s *Sink) keep(ctx context.Context, b *flow.Batch, rejects []flow.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	if s.cfg.Keep == nil {
		return flow.Fail(flow.BadInput, "storing a batch: Elasticsearch refuses %d of %d observations: %s", len(rejects), len(b.Observations), rejects[0].Refusal.Detail)
	}
	return s.cfg.Keep(ctx, &flow.Batch{Partition: b.Partition, Start: b.Start, End: b.End, Records: b.Records, Rejects: rejects})
}

// moveOn commits a batch that is stored: it moves its partition's document on.
func (s *Sink) moveOn(ctx context.Context, base progress, b *flow.Batch, out flow.Outcome) error {
	p := base
	p.Next, p.RunID = b.End, s.cfg.RunID
	p.Read += int64(len(b.Records))
	p.Written += out.Written
	p.Duplicates += out.Duplicates
	p.Rejected += out.Rejected
	done, err := s.store.writeProgress(ctx, base, p)
	if err == nil && !done { // another writer, or we ourselves: an answer was lost and the request sent again
		var now progress
		if now, err = s.held(ctx, b.Partition, base.Writer); err == nil && now.Next != b.End {
			err = fmt.Errorf("partition %d is stored up to offset %d: %w", b.Partition, now.Next, flow.ErrFenced)
		}
	}
	if flow.ClassOf(err) == flow.Unavailable && err != nil {
		return fmt.Errorf("%w (%w)", flow.ErrRestart, err)
	}
	return err
}

// refused is the dead letter of an observation that can't be stored.
func refused(b *flow.Batch, observation int, format string, args ...any) flow.Reject {
	return flow.Reject{Record: b.Origin[observation], Refusal: meteo.Refuse(meteo.StoreRefused, format, args...)}
}
