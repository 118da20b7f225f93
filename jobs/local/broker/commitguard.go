package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// commitIntent is a commit that the broker is about to carry out: enough to
// finish it after a kill in the middle.
type commitIntent struct {
	TransactionalID string            `json:"transactional_id"`
	ProducerID      int64             `json:"producer_id"`
	ProducerEpoch   int16             `json:"producer_epoch"`
	Offsets         []committedOffset `json:"offsets"`
}

// committedOffset is a group offset that a transaction carries.
type committedOffset struct {
	Group       string  `json:"group"`
	Topic       string  `json:"topic"`
	Partition   int32   `json:"partition"`
	Offset      int64   `json:"offset"`
	LeaderEpoch int32   `json:"leader_epoch"`
	Metadata    *string `json:"metadata,omitempty"`
}

// commitGuard makes the commit of a transaction one step. kfake carries a
// commit out as several writes: a marker to each partition, then each group
// offset. A kill between them would leave records without their offsets, or
// some partitions without the others. So the guard looks at the requests just
// before kfake handles them, in kfake's own order, one at a time: it writes the
// intent to commit to disk first, and forgets it at the next request that
// changes anything, for that one comes only after the commit is complete. An
// intent found at start is the one commit that may be torn.
type commitGuard struct {
	file    *os.File
	staged  map[int64]stagedOffsets // by producer id
	pending bool                    // the intent on disk is not yet forgotten
}

// stagedOffsets are the offsets sent to a producer's open transaction.
type stagedOffsets struct {
	epoch   int16
	offsets []committedOffset
}

// openCommitGuard keeps its intent in the file at path. An intent that is there
// already must have been dealt with.
func openCommitGuard(path string) (*commitGuard, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening commit intent: %w", err)
	}
	return &commitGuard{file: f, staged: make(map[int64]stagedOffsets)}, nil
}

// readCommitIntent returns the intent in the file at path, nil when there is
// none. One that was torn while it was written counts as none: its commit had
// not begun.
func readCommitIntent(path string) (*commitIntent, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading commit intent: %w", err)
	}
	frames, _ := readFrames(raw)
	if len(frames) == 0 {
		return nil, nil
	}
	var intent commitIntent
	if err := json.Unmarshal(frames[0], &intent); err != nil {
		return nil, fmt.Errorf("reading commit intent: %w", err)
	}
	return &intent, nil
}

// guardedRequests are the requests that the guard must see: those that change
// a log, a group's offsets or a transaction.
func guardedRequests() []kmsg.Key {
	return []kmsg.Key{
		kmsg.Produce, kmsg.OffsetCommit, kmsg.InitProducerID, kmsg.EndTxn, kmsg.TxnOffsetCommit,
	}
}

// observe is called with each guarded request before the broker handles it.
// After an error the broker must not handle it.
func (g *commitGuard) observe(req kmsg.Request) error {
	if g.pending {
		if err := g.forget(); err != nil {
			return err
		}
	}
	switch req := req.(type) {
	case *kmsg.TxnOffsetCommitRequest:
		g.stage(req)
	case *kmsg.EndTxnRequest:
		staged := g.staged[req.ProducerID]
		if staged.epoch > req.ProducerEpoch {
			return nil // fenced: kfake refuses it
		}
		delete(g.staged, req.ProducerID)
		if !req.Commit {
			return nil
		}
		intent := commitIntent{
			TransactionalID: req.TransactionalID,
			ProducerID:      req.ProducerID,
			ProducerEpoch:   req.ProducerEpoch,
		}
		if staged.epoch == req.ProducerEpoch {
			intent.Offsets = staged.offsets
		}
		return g.intend(intent)
	}
	return nil
}

// stage remembers the offsets that a transaction will commit. Those of an older
// epoch were aborted when the newer one began; a request with an older epoch is
// fenced.
func (g *commitGuard) stage(req *kmsg.TxnOffsetCommitRequest) {
	staged := g.staged[req.ProducerID]
	switch {
	case req.ProducerEpoch < staged.epoch:
		return
	case req.ProducerEpoch > staged.epoch:
		staged = stagedOffsets{epoch: req.ProducerEpoch}
	}
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			staged.offsets = append(staged.offsets, committedOffset{
				Group: req.Group, Topic: t.Topic, Partition: p.Partition,
				Offset: p.Offset, LeaderEpoch: p.LeaderEpoch, Metadata: p.Metadata,
			})
		}
	}
	g.staged[req.ProducerID] = staged
}

// hasStaged reports whether an open transaction may carry an offset for a partition.
func (g *commitGuard) hasStaged(group, topic string, partition int32) bool {
	for _, staged := range g.staged {
		for _, o := range staged.offsets {
			if o.Group == group && o.Topic == topic && o.Partition == partition {
				return true
			}
		}
	}
	return false
}

func (g *commitGuard) intend(intent commitIntent) error {
	data, err := json.Marshal(intent)
	if err != nil {
		return fmt.Errorf("writing commit intent: %w", err)
	}
	if _, err := g.file.WriteAt(appendFrame(nil, data), 0); err != nil {
		return fmt.Errorf("writing commit intent: %w", err)
	}
	if err := g.file.Sync(); err != nil {
		return fmt.Errorf("writing commit intent: %w", err)
	}
	g.pending = true
	return nil
}

// forget overwrites the length of the intent's frame, which ends the list of
// frames.
func (g *commitGuard) forget() error {
	if _, err := g.file.WriteAt(make([]byte, frameHeaderSize), 0); err != nil {
		return fmt.Errorf("forgetting commit intent: %w", err)
	}
	if err := g.file.Sync(); err != nil {
		return fmt.Errorf("forgetting commit intent: %w", err)
	}
	g.pending = false
	return nil
}

// close forgets the intent when the broker has closed in order, and closes the
// file.
func (g *commitGuard) close(inOrder bool) error {
	var err error
	if g.pending && inOrder {
		err = g.forget()
	}
	return errors.Join(err, g.file.Close())
}
