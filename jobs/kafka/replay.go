package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// Replay sends dead letters back. A record and the mark that its letter was sent back are one Kafka transaction, so that a
// replay which is killed at any moment has sent each letter back once or not at all. The mark stands in the dead letters'
// own topic, behind the letter and with its identity.
//
// One replay works at a time: the transactional id "<prefix>.stream.replay" fences an earlier one off.
type Replay struct {
	t  *StreamSink
	tr *transactor
}

// ReplayRecord is what goes back for one letter.
type ReplayRecord struct {
	Letter     DeadLetter
	Topic      string // where to
	Partition  int32
	Key, Value []byte
	Repaired   bool   // Key or Value are not the letter's
	Stage      string // the one job that it is for, when it goes to the clean topic
}

// NewReplay fences earlier replays off. What they have sent is settled then, and can be read.
func NewReplay(ctx context.Context, cfg Config, names Names, runID string) (*Replay, error) {
	cfg.Expiry = min(cfg.expiry(), 30*time.Second)
	r := &Replay{t: &StreamSink{cfg: StreamSinkConfig{Config: cfg, Names: names, RunID: runID, Slow: time.Second}}}
	return r, r.take(ctx)
}

func (r *Replay) take(ctx context.Context) error {
	r.Close()
	tr := &transactor{}
	var err error
	if tr.producer, err = r.t.producer("replay", func(ck.Error) { tr.broken.Store(true) }); err != nil {
		return err
	}
	if err := r.t.fenceOff(ctx, tr); err != nil {
		tr.close()
		return r.t.cfg.failed("taking over from other replays", err)
	}
	tr.broken.Store(false) // bootstrap connections come and go
	r.tr = tr
	return nil
}

// Send sends letters back, all or none. When its outcome stays unknown it says so; the next replay finds out.
func (r *Replay) Send(ctx context.Context, returns []ReplayRecord) error {
	if r.tr.retired || r.tr.broken.Load() { // a late echo of the last commit could end this one
		if err := r.take(ctx); err != nil {
			return err
		}
	}
	doing, err := r.transact(ctx, returns)
	if err == nil {
		return nil
	}
	err = r.t.cfg.doubt(fmt.Sprintf("%s of %d letters", doing, len(returns)), r.tr, err)
	if errors.Is(err, flow.ErrRestart) {
		return flow.Fail(flow.Unavailable, "sending letters back: Kafka did not answer in time; nothing is lost, run it again: %w", err)
	}
	return err
}

func (r *Replay) transact(ctx context.Context, returns []ReplayRecord) (doing string, err error) {
	if err := r.tr.producer.BeginTransaction(); err != nil {
		return "beginning a transaction", err
	}
	for i := range returns {
		for _, m := range []*ck.Message{returns[i].message(), r.mark(&returns[i])} {
			if err := produce(ctx, r.tr.producer, m); err != nil {
				return "filling a transaction", err
			}
		}
	}
	if crash.Enabled {
		_ = r.tr.delivered(ctx) // the point is when the brokers have the records; a failure shows in the commit
		crash.At("replay.before-commit")
	}
	began := time.Now()
	if err := r.tr.call(ctx, r.tr.producer.CommitTransaction); err != nil {
		return "committing a transaction", err
	}
	r.tr.retired = time.Since(began) > r.t.cfg.Slow
	return "", nil
}

// message is the record on its way back. Its attempts go with it.
func (r *ReplayRecord) message() *ck.Message {
	own := []flow.Header{textHeader(headerAttempt, strconv.Itoa(r.Letter.Attempt))}
	if r.Stage != "" {
		own = append(own, textHeader(flow.HeaderStage, r.Stage))
	}
	return message(r.Topic, r.Partition, r.Key, r.Value, append(own, r.Letter.Headers...))
}

// mark says that a letter was sent back.
func (r *Replay) mark(to *ReplayRecord) *ck.Message {
	l := to.Letter
	l.RunID = r.t.cfg.RunID
	how := "as it was"
	if to.Repaired {
		how = "repaired"
	}
	return message(r.t.cfg.Names.DLQ(), l.Partition, l.Key, nil, append(l.identity(), textHeader(headerReplayed, how)))
}

// Close ends the producer. What was not committed is not sent.
func (r *Replay) Close() {
	if r.tr != nil {
		r.tr.close()
		r.tr = nil
	}
}
