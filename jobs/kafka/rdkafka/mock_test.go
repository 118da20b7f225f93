package rdkafka

import (
	"testing"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

const (
	testTopic = "topic"
	testWait  = 30 * time.Second
)

// newBrokers returns the address of a broker that librdkafka brings along, with the test's topic of two partitions.
func newBrokers(t *testing.T) string {
	t.Helper()
	mock, err := ck.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mock.Close)
	if err := mock.CreateTopic(testTopic, 2, 1); err != nil {
		t.Fatal(err)
	}
	return mock.BootstrapServers()
}

// with returns settings, which are pairs, for a client of a broker.
func with(brokers string, pairs ...any) *ck.ConfigMap {
	m := ck.ConfigMap{"bootstrap.servers": brokers}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return &m
}

func newTestWriter(t *testing.T, brokers string, pairs ...any) (*ck.Producer, *Writer) {
	t.Helper()
	p, err := ck.NewProducer(with(brokers, append(pairs, "go.delivery.reports", false)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, NewWriter(p, testTopic, 1)
}

// write writes records into partition 1.
func write(t *testing.T, brokers string, records ...flow.Record) {
	t.Helper()
	p, w := newTestWriter(t, brokers, "message.max.bytes", 8<<20)
	for _, r := range records {
		w.Add(r.Key, r.Value, r.Headers)
	}
	if err := w.Queue(); err != nil {
		t.Fatal(err)
	}
	if left := p.Flush(int(testWait / time.Millisecond)); left != 0 {
		t.Fatalf("%d records are not written", left)
	}
}

// testReader is a Reader with its consumer.
type testReader struct {
	*Reader
	consumer *ck.Consumer
}

func newTestReader(t *testing.T, brokers string, mostValue int) testReader {
	t.Helper()
	c, err := ck.NewConsumer(with(brokers, "group.id", "group", "enable.partition.eof", true, "enable.auto.commit", false, "auto.offset.reset", "error"))
	if err != nil {
		t.Fatal(err)
	}
	r := testReader{NewReader(c, mostValue), c}
	t.Cleanup(func() {
		if !c.IsClosed() {
			r.close(t)
		}
	})
	return r
}

// close closes the consumer, which must not wait for what was read.
func (r testReader) close(t *testing.T) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		r.Clear()
		done <- r.consumer.Close()
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(testWait):
		t.Error("the consumer does not close")
	}
}

func (r testReader) assign(t *testing.T, from ck.Offset) {
	t.Helper()
	topic := testTopic
	r.Clear()
	if err := r.consumer.Assign([]ck.TopicPartition{{Topic: &topic, Partition: 1, Offset: from}}); err != nil {
		t.Fatal(err)
	}
}

// next returns the next record or event.
func (r testReader) next(t *testing.T) any {
	t.Helper()
	for deadline := time.Now().Add(testWait); time.Now().Before(deadline); {
		if ev := r.Poll(100 * time.Millisecond); ev != nil {
			return ev
		}
	}
	t.Fatal("nothing comes")
	return nil
}

// readAll returns the records of partition 1 up to its end.
func (r testReader) readAll(t *testing.T) []flow.Record {
	t.Helper()
	r.assign(t, 0)
	var all []flow.Record
	for {
		switch ev := r.next(t).(type) {
		case *flow.Record:
			all = append(all, *ev)
		case ck.PartitionEOF:
			if ev.Partition != 1 || int(ev.Offset) != len(all) || *ev.Topic != testTopic {
				t.Errorf("the partition ends at %+v after %d records", ev, len(all))
			}
			return all
		default:
			t.Fatalf("got %+v", ev)
		}
	}
}
