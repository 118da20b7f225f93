package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// Replay sends dead letters back. A record and the mark that its letter was sent back are one Kafka transaction, so that a
// replay which is killed at any moment has sent each letter back once or not at all. The mark is in the dead letters'
// own topic, after the letter and with its identity.
//
// One replay works at a time: the transactional id "<prefix>.stream.replay" fences an earlier one off.
type Replay struct {
	cfg      Config
	names    Names
	runID    string
	producer *transactionalProducer
}

// ReplayRecord is what goes back for one letter.
type ReplayRecord struct {
	Letter     letter.Letter
	Topic      string // where to
	Partition  int32
	Key, Value []byte
	Repaired   bool   // Key or Value are not the letter's
	Stage      string // the one job that it is for, when it goes to the clean topic
}

// replayExpiry is after which time the brokers abort a replay's transaction, unless a shorter one is configured.
const replayExpiry = 30 * time.Second

// NewReplay fences earlier replays off. What they have sent is settled then, and can be read.
func NewReplay(ctx context.Context, cfg Config, names Names, runID string) (*Replay, error) {
	cfg.Expiry = min(cfg.expiry(), replayExpiry)
	r := &Replay{cfg: cfg, names: names, runID: runID}
	return r, r.open(ctx)
}

// open opens the transactional id in place of the producer that there is.
func (r *Replay) open(ctx context.Context) (err error) {
	r.Close()
	r.producer, err = openTransactional(ctx, r.cfg, r.names.Group("stream")+".replay", r.names.Raw())
	return err
}

// Send sends records back, all or none. When the outcome stays unknown it returns flow.Unavailable; the next replay finds out.
func (r *Replay) Send(ctx context.Context, records []ReplayRecord) error {
	if r.producer == nil || r.producer.needsReopening() {
		if err := r.open(ctx); err != nil {
			return err
		}
	}
	err := r.transaction(ctx, records)
	if errors.Is(err, flow.ErrRestart) {
		return flow.Fail(flow.Unavailable, "sending %d letters back: Kafka did not answer in time; nothing is lost, run it again: %w", len(records), err)
	}
	if err != nil {
		return fmt.Errorf("sending %d letters back: %w", len(records), err)
	}
	return nil
}

// transaction is one whole transaction.
func (r *Replay) transaction(ctx context.Context, records []ReplayRecord) error {
	if err := r.producer.begin(); err != nil {
		return err
	}
	for i := range records {
		for _, m := range []*ck.Message{records[i].message(), r.mark(&records[i])} {
			if err := r.producer.produce(ctx, m); err != nil {
				return err
			}
		}
	}
	if err := r.producer.flush(ctx); err != nil {
		return err
	}
	crash.At("replay.before-commit")
	return r.producer.commit(ctx)
}

// message is the record on its way back.
func (r *ReplayRecord) message() *ck.Message {
	return message(r.Topic, r.Partition, r.Key, r.Value, r.Letter.Returning(r.Stage))
}

// mark is the message that says that a letter was sent back.
func (r *Replay) mark(to *ReplayRecord) *ck.Message {
	return message(r.names.DLQ(), to.Letter.Partition, to.Letter.Key, nil, to.Letter.Mark(r.runID, to.Repaired))
}

// Close ends the producer. What was not committed is not sent.
func (r *Replay) Close() {
	if r.producer != nil {
		r.producer.close()
		r.producer = nil
	}
}
