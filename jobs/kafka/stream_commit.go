package kafka

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// The headers of a record of the clean topic.
const (
	HeaderID   = flow.HeaderID
	HeaderDate = flow.HeaderDate
)

// Commit implements flow.Sink.
func (s *StreamSink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	w, err := s.writerFor(ctx, b)
	if err != nil {
		return flow.Outcome{}, err
	}
	ledger := w.ledger.Add(b)
	if err := s.transaction(ctx, w.producer, b, ledger); err != nil {
		s.Release(b.Partition)
		err = fmt.Errorf("partition %d, offsets [%d, %d): %w", b.Partition, b.Start, b.End, err)
		return flow.Outcome{}, s.restartUnlessFenced(ctx, err)
	}
	w.next, w.ledger = b.End, ledger
	return flow.Outcome{Written: int64(len(b.Observations))}, nil
}

// writerFor returns the writer of a batch's partition. It acquires the partition again when the producer needs reopening.
func (s *StreamSink) writerFor(ctx context.Context, b *flow.Batch) (*partitionWriter, error) {
	s.mu.Lock()
	w := s.writers[b.Partition]
	s.mu.Unlock()
	if w == nil {
		return nil, fmt.Errorf("committing partition %d, which was not acquired", b.Partition)
	}
	if w.producer.needsReopening() {
		known := w.next
		var err error
		if w, err = s.acquire(ctx, b.Partition); err != nil {
			return nil, err
		}
		if w.next != known {
			return nil, fmt.Errorf("partition %d was moved from offset %d to %d: %w", b.Partition, known, w.next, flow.ErrFenced)
		}
	}
	if w.next >= 0 && w.next != b.Start {
		return nil, fmt.Errorf("partition %d is at offset %d, and the batch starts at %d", b.Partition, w.next, b.Start)
	}
	return w, nil
}

// transaction is one whole transaction.
func (s *StreamSink) transaction(ctx context.Context, p *transactionalProducer, b *flow.Batch, ledger Ledger) error {
	if err := p.begin(); err != nil {
		return err
	}
	if err := s.fill(ctx, p, b); err != nil {
		return err
	}
	if crash.Enabled {
		_ = p.flush(ctx) // the crash is to come when the brokers have the records; a failure shows in the commit
		crash.At("stream.after-produce")
	}
	if err := s.sendOffsets(ctx, p, b.Partition, b.End, ledger); err != nil {
		return err
	}
	crash.At("stream.after-offsets")
	if err := p.flush(ctx); err != nil {
		return err
	}
	crash.At("stream.before-commit")
	if err := p.commit(ctx); err != nil {
		return err
	}
	crash.At("stream.after-commit")
	return nil
}

// fill puts everything that the steps made of the batch into the open transaction.
func (s *StreamSink) fill(ctx context.Context, p *transactionalProducer, b *flow.Batch) error {
	if err := s.fillClean(ctx, p, b); err != nil {
		return err
	}
	for _, r := range b.Rejects {
		l := letter.New(s.topics[s.cfg.Names.Raw()], "stream", s.cfg.RunID, &b.Records[r.Record], r.Refusal)
		if err := p.produce(ctx, message(s.cfg.Names.DLQ(), l.Partition, l.Key, l.Value, l.Encode())); err != nil {
			return err
		}
	}
	for _, r := range b.Reroutes {
		if err := p.produce(ctx, message(s.cfg.Names.Raw(), r.Partition, r.Key, r.Value, r.Headers)); err != nil {
			return err
		}
	}
	return nil
}

// fillClean puts the observations into the transaction.
func (s *StreamSink) fillClean(ctx context.Context, p *transactionalProducer, b *flow.Batch) error {
	w := p.writer(s.cfg.Names.Clean(), b.Partition)
	headers := []flow.Header{{Key: HeaderID}, {Key: HeaderDate}}
	var key, value []byte
	for i := range b.Observations {
		o := &b.Observations[i]
		key = append(key[:0], o.StationID...)
		value = o.AppendJSON(value[:0])
		headers[0].Value = hex.AppendEncode(headers[0].Value[:0], o.ID[:])
		headers[1].Value = o.ObservedAt.AppendFormat(headers[1].Value[:0], time.DateOnly)
		if w.Add(key, value, headers) {
			if err := p.queue(ctx, w); err != nil {
				return err
			}
		}
	}
	return p.queue(ctx, w)
}

// sendOffsets puts the next offset of a raw partition with its ledger into the open transaction.
func (s *StreamSink) sendOffsets(ctx context.Context, p *transactionalProducer, partition int32, next int64, ledger Ledger) error {
	text := ledger.text()
	raw, clean := s.cfg.Names.Raw(), s.cfg.Names.Clean()
	return p.sendOffsets(ctx, s.group,
		ck.TopicPartition{Topic: &raw, Partition: partition, Offset: ck.Offset(next), Metadata: &text},
		ck.TopicPartition{Topic: &clean, Partition: partition, Offset: ck.Offset(next), Metadata: &text}, // keeps the raw topic's id when that topic is deleted
	)
}
