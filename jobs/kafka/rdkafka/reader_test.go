package rdkafka

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	large := bytes.Repeat([]byte("large "), pollBytes/2)
	many := make([]flow.Header, 2*mostNames)
	for i := range many {
		many[i] = flow.Header{Key: fmt.Sprint("name ", i), Value: []byte{byte(i)}}
	}
	want := []flow.Record{
		{Key: []byte("k"), Value: []byte("small")},
		{Key: large, Value: []byte("after a large key")},
		{Key: []byte{}, Value: []byte{}}, // needs no room
		{Key: []byte("k"), Value: []byte("large header"), Headers: []flow.Header{{Key: "h", Value: large}, {Key: "h", Value: []byte{}}}},
		{Key: []byte("k"), Value: []byte("many headers"), Headers: many},
		{Key: []byte("k"), Value: []byte("no name"), Headers: []flow.Header{{Key: "", Value: []byte("v")}}},
		{Key: []byte("k"), Value: []byte("long name"), Headers: []flow.Header{{Key: string(large), Value: []byte("v")}}},
	}
	for i := range 3 * pollRecords {
		want = append(want, flow.Record{Key: []byte("k"), Value: fmt.Append(nil, i)})
	}
	began := time.Now().Truncate(time.Millisecond)
	write(t, brokers, want...)

	r := newTestReader(t, brokers, 8<<20)
	got := r.readAll(t)
	if len(got) != len(want) {
		t.Fatalf("%d records are read, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Time.Before(began) {
			t.Errorf("record %d is of %v", i, got[i].Time)
		}
		want[i].Partition, want[i].Offset, want[i].Time = 1, int64(i), got[i].Time
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("record %d is not what was written: %.300q", i, fmt.Sprint(got[i]))
		}
	}
	if len(r.names) != mostNames {
		t.Errorf("%d names of headers are kept, want %d", len(r.names), mostNames)
	}
	for name := range r.names {
		if len(name) > longestName {
			t.Errorf("a name of %d bytes is kept", len(name))
		}
	}
	if len(r.bytes) != pollBytes {
		t.Errorf("%d bytes are kept for the next call, want %d", len(r.bytes), pollBytes)
	}
}

func TestALongNameOfAHeaderIsNotKept(t *testing.T) {
	t.Parallel()
	r := Reader{names: map[string]string{}}
	for _, name := range []string{"", "id", strings.Repeat("n", longestName), strings.Repeat("n", longestName+1)} {
		if got := r.name([]byte(name)); got != name {
			t.Errorf("the name %q became %q", name, got)
		}
		if _, kept := r.names[name]; kept != (len(name) <= longestName) {
			t.Errorf("that a name of %d bytes is kept: %v", len(name), kept)
		}
	}
}

func TestAValueIsCutWithoutTheRestOfItsRecord(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	headers := []flow.Header{{Key: "h", Value: []byte("after it")}}
	for _, value := range []string{"1234", "12345", ""} {
		write(t, brokers, flow.Record{Key: []byte("a longer key"), Value: []byte(value), Headers: headers})
	}
	got := newTestReader(t, brokers, 4).readAll(t)
	for i, want := range []flow.Record{{Value: []byte("1234")}, {Value: []byte("1234"), Whole: 5}, {Value: []byte{}}} {
		if g := &got[i]; !bytes.Equal(g.Value, want.Value) || g.Whole != want.Whole || string(g.Key) != "a longer key" || !reflect.DeepEqual(g.Headers, headers) {
			t.Errorf("record %d is %+v", i, g)
		}
	}
}

func TestRecordsOfEarlierCallsKeepNoMemory(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	write(t, brokers, make([]flow.Record, 100)...)
	r := newTestReader(t, brokers, 8)
	r.readAll(t)
	write(t, brokers, flow.Record{Value: []byte("one")})
	r.assign(t, 100)
	if r.next(t).(*flow.Record).Offset != 100 {
		t.Error("another record comes first")
	}
	for i, kept := range r.all[1:cap(r.all)] {
		if kept.Value != nil {
			t.Fatalf("the reader still has record %d of an earlier call", i+1)
		}
	}
	r.Clear()
	if r.all[0].Value != nil {
		t.Error("the reader still has a record after Clear")
	}
}

func TestClearForgetsRecordsAndWhatIsOfThem(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	write(t, brokers, flow.Record{Value: []byte("first")}, flow.Record{Value: make([]byte, 2*pollBytes)}, flow.Record{Value: []byte("last")})
	r := newTestReader(t, brokers, 4*pollBytes)
	for from := range ck.Offset(3) { // also while a record waits for room
		r.assign(t, 0)
		r.next(t)
		r.assign(t, from)
		if got := r.next(t).(*flow.Record); got.Offset != int64(from) {
			t.Errorf("offset %d comes, want %d", got.Offset, from)
		}
	}
}

func TestAnErrorIsReturnedAsTheGoClientHasIt(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	write(t, brokers, flow.Record{Value: []byte("one")})
	r := newTestReader(t, brokers, 8)
	r.assign(t, 1000) // past the end
	err, ok := r.next(t).(ck.Error)
	if !ok || err.Code() != ck.ErrAutoOffsetReset || !strings.Contains(err.Error(), "out of range") || err.IsFatal() {
		t.Errorf("the error is %v, %v", err.Code(), err)
	}
}

// unanswered reads until a change of the group is the next that a reader would return.
func unanswered[T ck.Event](t *testing.T, r testReader) {
	t.Helper()
	t.Helper()
	for deadline := time.Now().Add(testWait); time.Now().Before(deadline); r.other = nil {
		r.fill(100 * time.Millisecond)
		if _, ok := r.other.(T); ok {
			return
		}
	}
	t.Fatal("no change of the group comes")
}

func join(t *testing.T, brokers string) testReader {
	t.Helper()
	r := newTestReader(t, brokers, 8)
	if err := r.consumer.Subscribe(testTopic, nil); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnAssignmentThatWasNotReturnedKeepsNothingWaiting(t *testing.T) {
	t.Parallel()
	r := join(t, newBrokers(t))
	unanswered[ck.AssignedPartitions](t, r)
	r.close(t)
}

func TestARevocationThatWasNotReturnedKeepsNothingWaiting(t *testing.T) {
	t.Parallel()
	brokers := newBrokers(t)
	first := join(t, brokers)
	unanswered[ck.AssignedPartitions](t, first)
	first.Clear()
	got, ok := first.next(t).(ck.AssignedPartitions)
	if !ok || len(got.Partitions) != 2 {
		t.Fatalf("after Clear %+v comes, want the assignment", got)
	}
	if err := first.consumer.Assign(got.Partitions); err != nil {
		t.Fatal(err)
	}
	join(t, brokers)
	unanswered[ck.RevokedPartitions](t, first)
	first.close(t)
}
