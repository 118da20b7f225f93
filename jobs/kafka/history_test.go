package kafka

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/flow"
)

// A replay, or another program, has a transaction open in a clean partition while a worker that follows writes after it. The run
// that comes after the worker gets the same reading again.
func TestTheMemoryHoldsWhatIsAfterAnOpenTransaction(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	follow, cancel := context.WithCancel(c.ctx())
	ended := make(chan error, 1)
	go func() {
		_, err := c.tryStream(follow, flow.Config{Follow: true, Linger: 50 * time.Millisecond}, nil)
		ended <- err
	}()
	c.write(c.names.Raw(), reading("SN-DK", 0, 25))
	c.awaitClean(1) // the worker has its memory
	giveUp := c.openTransaction(c.names.Clean(), Partition("SN-DK", testPartitions))
	c.write(c.names.Raw(), reading("SN-DK", 1, 25))
	c.awaitClean(2)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	c.write(c.names.Raw(), reading("SN-DK", 1, 25))
	began := time.Now()
	time.AfterFunc(2*time.Second, giveUp)
	if rep := c.stream(); rep.Written != 0 || rep.Duplicates != 1 {
		t.Errorf("after %v the run reports %s, want a duplicate", time.Since(began), rep.JSON())
	}
	c.wantOnce(2)
}

func TestATransactionThatStaysOpenEndsTheRunWithNothingWritten(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	giveUp := c.openTransaction(c.names.Clean(), Partition("SN-DK", testPartitions))
	c.write(c.names.Raw(), reading("SN-DK", 0, 25), reading("SN-ZG", 0, 25))
	run := func(patience time.Duration) error {
		s, err := c.openStream(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close(t)
		s.past.Patience = patience
		_, err = flow.Run(c.ctx(), flow.Config{}, s.feed, []flow.Step{s.step}, s.sink)
		return err
	}
	err := run(300 * time.Millisecond)
	if flow.ClassOf(err) != flow.TryLater || !strings.Contains(err.Error(), "run this again when") {
		t.Errorf("the run ended with %v (%v)", err, flow.ClassOf(err))
	}
	if l := c.ledger(); l.Read != 0 && l.Read != 1 { // the other partition may have been quicker
		t.Errorf("the ledger says %+v", l)
	}
	giveUp()
	if err := run(time.Minute); err != nil {
		t.Error(err)
	}
	c.wantOnce(2)
}

// openTransaction lets another program write a record to a partition, in a transaction that is open until it is given up.
func (c *cluster) openTransaction(topic string, partition int32) (giveUp func()) {
	c.Helper()
	other, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID(c.names.Prefix+".of-the-test"))
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(other.Close)
	if err := other.BeginTransaction(); err != nil {
		c.Fatal(err)
	}
	if err := other.ProduceSync(c.ctx(), &kgo.Record{Topic: topic, Partition: partition, Value: []byte("{}")}).FirstErr(); err != nil {
		c.Fatal(err)
	}
	return func() {
		if err := other.EndTransaction(c.ctx(), kgo.TryAbort); err != nil {
			c.Error(err)
		}
	}
}

func TestAPastThatIsBoundedHasTheLastRecordsAlone(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for n := range 10 {
		c.write(c.names.Clean(), &kgo.Record{Partition: 1, Value: []byte{byte(n)}})
	}
	for last, want := range map[int64]int{0: 10, 3: 3, 10: 10, 100: 10} {
		h, err := NewHistory(c.ctx(), c.cfg, c.admin, c.names.Clean())
		if err != nil {
			t.Fatal(err)
		}
		h.Last = last
		var got []byte
		err = h.Since(c.ctx(), 1, time.Now().Add(-time.Hour), func(r *flow.Record) error { got = append(got, r.Value...); return nil })
		if err != nil || len(got) != want || got[want-1] != 9 {
			t.Errorf("the last %d are %v (%v)", last, got, err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}
