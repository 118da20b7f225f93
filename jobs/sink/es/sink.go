package es

import (
	"context"
	"crypto/rand"
	"fmt"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
)

// Resume implements flow.Sink. With NewTopic it first writes down that all partitions start again, whichever of them have
// records now: the runs after it do not need the option.
func (s *Store) Resume(ctx context.Context) (flow.Offsets, error) {
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

// startAgain replaces the documents of partitions that were stored from another topic. The new ones contain no token, so a run of the
// old topic is fenced.
func (s *Store) startAgain(ctx context.Context) error {
	for range attempts {
		all, err := s.readProgress(ctx)
		if err != nil {
			return err
		}
		epoch, foreign := epochOf(all, s.cfg.Topic)
		if len(foreign) == 0 {
			return nil
		}
		for _, p := range foreign {
			done, err := s.writeProgress(ctx, p, s.unstored(p.Partition, epoch))
			if err != nil {
				return err
			}
			if !done {
				break // another run does the same, or an answer was lost
			}
		}
	}
	return fmt.Errorf("starting again with a new topic: %w", flow.ErrFenced)
}

// unstored is the document of a partition of which nothing is stored.
func (s *Store) unstored(partition int32, epoch int64) progress {
	t := s.cfg.Topic
	return progress{Topic: t.Name, Partition: partition, Next: -1, ClusterID: t.ClusterID, TopicID: t.ID, Epoch: epoch, RunID: s.cfg.RunID}
}

// read reads the documents of all partitions, which must be of our topic, and the epoch that follows from them.
func (s *Store) read(ctx context.Context) ([]progress, int64, error) {
	all, err := s.readProgress(ctx)
	if err != nil {
		return nil, 0, err
	}
	epoch, foreign := epochOf(all, s.cfg.Topic)
	if len(foreign) > 0 {
		return nil, 0, recreated(s.cfg.Topic, foreign[0].Partition)
	}
	return all, epoch, nil
}

// attempts bounds how often a run tries to acquire a partition while others do the same.
const attempts = 10

// Acquire implements flow.Sink. It writes a token of its own into the partition's document, which fences the run that had it.
func (s *Store) Acquire(ctx context.Context, partition int32) (int64, error) {
	token := rand.Text()
	for range attempts {
		all, epoch, err := s.read(ctx)
		if err != nil {
			return 0, err
		}
		if int(partition) >= len(all) {
			return 0, fmt.Errorf("acquiring partition %d: topic %s has %d partitions", partition, s.cfg.Topic.Name, len(all))
		}
		p := all[partition]
		if p.Token != token {
			if p, err = s.claim(ctx, p, epoch, partition, token); err != nil {
				return 0, err
			}
		}
		if p.Token == token {
			s.setToken(partition, token)
			return p.Next, nil
		}
	}
	return 0, fmt.Errorf("acquiring partition %d: %w", partition, flow.ErrFenced)
}

// claim writes a token into a partition's document. What it returns has another token when the document was changed meanwhile, or
// when it is unknown by whom.
func (s *Store) claim(ctx context.Context, base progress, epoch int64, partition int32, token string) (progress, error) {
	p := base
	if !base.found {
		p = s.unstored(partition, epoch)
	}
	p.Token, p.RunID = token, s.cfg.RunID
	done, err := s.writeProgress(ctx, base, p)
	if err != nil || !done {
		return base, err
	}
	return p, nil
}

func (s *Store) setToken(partition int32, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[partition] = token
}

func (s *Store) token(partition int32) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[partition]
}

// Release implements flow.Sink.
func (s *Store) Release(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, partition)
}

// Commit implements flow.Sink.
func (s *Store) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	return s.commit(ctx, b, func(ctx context.Context, b *flow.Batch, epoch int64) (flow.Outcome, error) {
		load, err := s.load(ctx, b, epoch)
		if err != nil {
			return flow.Outcome{}, err
		}
		return load.outcome, s.keep(ctx, b, load.rejects)
	})
}

// commit stores a batch by a function whose requests may be repeated, and then moves the partition's offset on.
func (s *Store) commit(ctx context.Context, b *flow.Batch, store func(ctx context.Context, b *flow.Batch, epoch int64) (flow.Outcome, error)) (flow.Outcome, error) {
	token := s.token(b.Partition)
	if token == "" {
		return flow.Outcome{}, fmt.Errorf("committing partition %d, which was not acquired", b.Partition)
	}
	base, err := s.held(ctx, b.Partition, token)
	if err != nil {
		return flow.Outcome{}, err
	}
	if base.Next >= 0 && base.Next != b.Start {
		return flow.Outcome{}, fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, base.Next, b.Start, flow.ErrFenced)
	}
	crash.At("es.before-bulk")
	outcome, err := store(ctx, b, base.Epoch)
	if err != nil {
		return flow.Outcome{}, err
	}
	crash.At("es.after-bulk")
	err = s.moveOn(ctx, base, b, outcome)
	crash.At("es.after-offset")
	return outcome, err
}

// held reads a partition's document, which must contain our token.
func (s *Store) held(ctx context.Context, partition int32, token string) (progress, error) {
	all, err := s.readProgress(ctx)
	if err != nil {
		return progress{}, err
	}
	if p := all[partition]; p.found && p.Token == token {
		return p, nil
	}
	return progress{}, fmt.Errorf("partition %d: %w", partition, flow.ErrFenced)
}

// keep makes dead letters of the refused records.
func (s *Store) keep(ctx context.Context, b *flow.Batch, rejects []flow.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	if s.cfg.Keep == nil {
		return flow.Fail(flow.BadInput, "storing a batch: Elasticsearch refuses %d of %d observations: %s", len(rejects), len(b.Observations), rejects[0].Refusal.Detail)
	}
	return s.cfg.Keep(ctx, &flow.Batch{Partition: b.Partition, Start: b.Start, End: b.End, Records: b.Records, Rejects: rejects})
}

// moveOn commits a batch that is stored: it moves the offset in its partition's document on.
func (s *Store) moveOn(ctx context.Context, base progress, b *flow.Batch, out flow.Outcome) error {
	p := base
	p.Next, p.RunID = b.End, s.cfg.RunID
	p.Read += int64(len(b.Records))
	p.Written += out.Written
	p.Duplicates += out.Duplicates
	p.Rejected += out.Rejected
	done, err := s.writeProgress(ctx, base, p)
	if err == nil && !done { // by another writer, or by ourselves: an answer was lost and the request sent again
		var now progress
		if now, err = s.held(ctx, b.Partition, base.Token); err == nil && now.Next != b.End {
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
