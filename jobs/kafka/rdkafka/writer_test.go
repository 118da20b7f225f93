package rdkafka

import (
	"errors"
	"fmt"
	"testing"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

func hasCode(err error, code ck.ErrorCode) bool {
	var of ck.Error
	return errors.As(err, &of) && of.Code() == code
}

// add adds the records of numbers; each is of another size.
func add(w *Writer, from, to int) {
	for i := from; i < to; i++ {
		w.Add(fmt.Append(nil, i), fmt.Append(nil, "value ", i), []flow.Header{{Key: "number", Value: fmt.Append(nil, i)}, {Key: "empty"}}[:i%3])
	}
}

func TestAWriterGoesOnWhereTheQueueWasFull(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	p, w := newTestWriter(t, brokers, "queue.buffering.max.messages", 7)
	const n = 40
	add(w, 0, n/2)
	for full := 0; ; {
		err := w.Queue()
		if err == nil {
			if full == 0 {
				t.Error("the queue was never full")
			}
			break
		}
		if !hasCode(err, ck.ErrQueueFull) {
			t.Fatal(err)
		}
		if full++; full == 1 {
			add(w, n/2, n) // to those that remain
		}
		p.Flush(int(testWait / time.Millisecond))
	}
	if err := w.Queue(); err != nil { // nothing
		t.Error(err)
	}
	p.Flush(int(testWait / time.Millisecond))

	got := newTestReader(t, brokers, 100).readAll(t)
	if len(got) != n {
		t.Fatalf("%d records are written, want %d", len(got), n)
	}
	for i, r := range got {
		if string(r.Key) != fmt.Sprint(i) || string(r.Value) != fmt.Sprint("value ", i) || len(r.Headers) != i%3 || i%3 > 0 && r.Header("number") != fmt.Sprint(i) {
			t.Errorf("record %d is %s: %s, %v", i, r.Key, r.Value, r.Headers)
		}
		if i%3 == 2 && (r.Headers[1].Key != "empty" || r.Headers[1].Value == nil) {
			t.Errorf("the second header of record %d is %+v", i, r.Headers[1])
		}
	}
}

func TestARecordThatIsTooLargeIsAnErrorAfterThoseBeforeIt(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	p, w := newTestWriter(t, brokers, "message.max.bytes", 10_000)
	add(w, 0, 5)
	if !w.Add(nil, make([]byte, 2*pollBytes), []flow.Header{{Key: "its header", Value: []byte("goes with it")}}) {
		t.Error("Add does not say that there are enough")
	}
	for range 2 {
		if err := w.Queue(); !hasCode(err, ck.ErrMsgSizeTooLarge) || err.Error() != ck.ErrMsgSizeTooLarge.String() {
			t.Errorf("the error is %v", err)
		}
	}
	p.Flush(int(testWait / time.Millisecond))
	if got := newTestReader(t, brokers, 100).readAll(t); len(got) != 5 {
		t.Errorf("%d records are written, want the 5 before it, once", len(got))
	}
}

func TestAddReportsWhenThereAreEnough(t *testing.T) {
	t.Parallel()
	w := &Writer{}
	for i := range pollRecords {
		if enough := w.Add([]byte("k"), nil, nil); enough != (i == pollRecords-1) {
			t.Fatalf("after %d records Add says %v", i+1, enough)
		}
	}
}
