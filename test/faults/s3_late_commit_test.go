package faults_test

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// S3. A request is held up on its way, the program settles its transaction over another connection and begins the next one, and
// then the old request arrives (librdkafka issue 5423). Were it taken, a late commit would commit half of the next transaction,
// and a late offset would take the partition back.
func TestS3RequestThatArrivesInTheNextTransactionIsRejected(t *testing.T) {
	for _, c := range []struct {
		name     string
		late, at kmsg.Key
	}{
		{"a commit", kmsg.EndTxn, kmsg.TxnOffsetCommit},
		{"an offset", kmsg.TxnOffsetCommit, kmsg.EndTxn},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t)
			p := startProxy(t, s.Brokers)
			repeat(t, func(t *testing.T, round int) {
				s.sendDay(t, round)
				late := lateRequest{proxy: p, key: c.late, at: c.at, nth: 2 + round%4}
				p.judgeBy(late.judge)
				r := p.through(s).Run(t, "stream", "--batch-records", "40")
				p.judgeBy(nil)
				if r.Code != 0 {
					t.Errorf("%s exits with %d, want 0\n%s", r, r.Code, r.Output())
				}
				if !errors.Is(late.answer, kerr.InvalidProducerEpoch) && !errors.Is(late.answer, kerr.ProducerFenced) {
					t.Errorf("the broker answers the late request with %v, want a fenced producer", late.answer)
				}
				s.recovers(t)
			})
		})
	}
}

// lateRequest holds one request back until its transaction is over and the next one of the same id is under way.
type lateRequest struct {
	*proxy
	key, at kmsg.Key
	nth     int    // of all requests of this kind
	id      string // its transactional id, when it is held
	over    bool   // its transaction
	done    bool
	answer  error
}

func (l *lateRequest) judge(c *call) fate {
	switch {
	case l.id == "":
		if c.key == l.key {
			if l.nth--; l.nth == 0 {
				l.id = c.transactionalID()
				return isHeldBack
			}
		}
	case l.done || c.transactionalID() != l.id:
	case l.over && c.key == l.at:
		l.done = true
		l.answer = l.release()
	case c.key == kmsg.EndTxn || c.key == kmsg.InitProducerID:
		l.over = true
	}
	return passes
}

func (l *lateRequest) release() error {
	answer, err := l.held.release()
	if err != nil {
		return err
	}
	switch answer := answer.(type) {
	case *kmsg.EndTxnResponse:
		return kerr.ErrorForCode(answer.ErrorCode)
	case *kmsg.TxnOffsetCommitResponse:
		return kerr.ErrorForCode(answer.Topics[0].Partitions[0].ErrorCode)
	}
	return errors.New("an answer of another kind")
}
