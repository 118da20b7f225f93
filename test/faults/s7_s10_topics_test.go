package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// S7. A killed run leaves a transaction open. The loaders stop before it and say so; the next `stream` ends it, and the loaders
// go on.
func TestS7LoadersStopBeforeATransactionThatACrashLeftOpen(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.crash(t, "stream.before-commit:2", "stream", "--batch-records", "50")
		for _, verb := range loads {
			r := s.Must(t, verb)
			if !strings.Contains(r.Stderr, "an open transaction hides records") || r.Report(t).Read == 0 {
				t.Errorf("%s reads %d records and says nothing of what is hidden\n%s", r, r.Report(t).Read, r.Output())
			}
		}
		s.recovers(t)
		if n, want := s.consoleConsumer(t, "clean"), len(s.cleanRows(t)); n != want {
			t.Errorf("Kafka's own console consumer reads %d records of the clean topic, want %d", n, want)
		}
	})
}

// S8. The partitions end in the markers of transactions that were committed, given up or left by a crash. No reader waits for
// a record after them.
func TestS8PartitionsThatEndInControlRecordsAreReadPromptly(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		s.crash(t, "stream.before-commit:3", "stream", "--batch-records", "50")
		s.Must(t, "stream")
		s.giveUp(t, "raw")
		s.giveUp(t, "clean")
		for range 2 { // with something to read, and with markers alone
			for _, verb := range append([]string{"stream"}, loads...) {
				if r := s.Must(t, verb); r.Took > 20*time.Second || r.Report(t).Lag != 0 {
					t.Errorf("%s takes %v and reports a lag of %d", r, r.Took, r.Report(t).Lag)
				}
			}
		}
		s.balance(t)
	})
}

// giveUp writes a record to each partition of a topic, in a transaction that is aborted.
func (s *scenario) giveUp(t testing.TB, topic string) {
	t.Helper()
	c := s.Client(t, kgo.TransactionalID(s.Prefix+".of-the-test"))
	defer c.Close()
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for partition := range int32(partitions) {
		r := &kgo.Record{Topic: s.Prefix + "." + topic, Partition: partition, Value: []byte("given up")}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
}

// S9. A bounded run ends at the ends that it saw at its start, although a producer goes on writing.
func TestS9ABoundedRunEndsWhileAProducerGoesOnWriting(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		ended, wrote := make(chan struct{}), make(chan error, 1)
		c, again := s.Client(t), s.Records(t, "raw")[:50]
		go func() {
			for {
				var records []*kgo.Record
				for _, r := range again {
					records = append(records, &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value})
				}
				if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
					wrote <- err
					return
				}
				select {
				case <-ended:
					wrote <- nil
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
		}()
		r := s.Must(t, "stream", "--batch-records", "100")
		close(ended)
		if err := <-wrote; err != nil {
			t.Fatal(err)
		}
		if report := r.Report(t); report.Lag == 0 || int(report.Read) >= len(s.Records(t, "raw")) {
			t.Errorf("the run reads %d records and leaves %d: it did not stop at its snapshot", report.Read, report.Lag)
		}
		s.recovers(t)
	})
}

// S10. Retention takes records before they were read. `stream` and the loaders end with 64, say what is lost and skip nothing
// until they are told to go on without it.
func TestS10RetentionHasPassedTheOffset(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, 3*round)
		s.settle(t)

		read := s.Records(t, "raw")
		s.sendDay(t, 3*round+1)
		victim := loneReading(t, read, s.Records(t, "raw"))
		s.DeleteRecords(t, "raw", victim.Partition, victim.Offset+1)
		s.refusesToSkip(t, "stream", victim)
		s.Must(t, "stream", "--skip-lost")
		delete(s.truth.revisions, readingID(victim.Value))
		for _, r := range read {
			if r.Partition == victim.Partition {
				s.gone = append(s.gone, r)
			}
		}
		s.load(t)
		s.balance(t)

		loaded := s.Records(t, "clean")
		s.sendDay(t, 3*round+2)
		s.Must(t, "stream")
		victim = firstAfter(loaded, s.Records(t, "clean"))[0]
		s.DeleteRecords(t, "clean", victim.Partition, victim.Offset+1)
		for _, verb := range loads {
			s.refusesToSkip(t, verb, victim)
		}
	})
}

func (s *scenario) refusesToSkip(t *testing.T, verb string, lost *kgo.Record) {
	t.Helper()
	r := s.Run(t, verb)
	expect(t, r, 64)
	says := fmt.Sprintf("partition %d: the records from offset ", lost.Partition)
	if !strings.Contains(r.Stderr, says) || !strings.Contains(r.Stderr, fmt.Sprintf(" to %d are past", lost.Offset)) || !strings.Contains(r.Stderr, "--skip-lost") {
		t.Errorf("%s does not say what is lost of partition %d up to %d\n%s", r, lost.Partition, lost.Offset, r.Output())
	}
	if report := r.Report(t); report.Written != 0 || report.Read != 0 {
		t.Errorf("%s reads %d records and writes %d", r, report.Read, report.Written)
	}
}

// firstAfter returns of each partition the first record after those that are known.
func firstAfter(known, all []*kgo.Record) []*kgo.Record {
	last := map[int32]int64{}
	for _, r := range known {
		last[r.Partition] = max(last[r.Partition], r.Offset)
	}
	var first []*kgo.Record
	for _, r := range all {
		if at, ok := last[r.Partition]; ok && r.Offset > at {
			first = append(first, r)
			delete(last, r.Partition)
		}
	}
	return first
}

// loneReading finds a record that is the first in its partition that was not read yet, and the only one of its observation.
func loneReading(t *testing.T, read, all []*kgo.Record) *kgo.Record {
	t.Helper()
	times := map[string]int{}
	for _, r := range all {
		times[readingID(r.Value)]++
	}
	for _, r := range firstAfter(read, all) {
		if id := readingID(r.Value); id != "" && times[id] == 1 {
			return r
		}
	}
	t.Fatal("no partition begins with a reading that was sent once")
	return nil
}

// readingID is the id of a reading; "" of an invalid record.
func readingID(value []byte) string {
	r, _ := readingOf(value)
	return r.id
}
