package kafka

import (
	"bytes"
	"testing"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// A stage that reads the clean topic keeps its letters before the batch is committed.
func TestLaterStagesKeepTheirLettersToo(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	w, err := NewWriter(c.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	step := NewDeadLetterStep(w, c.names, flow.Topic{Name: c.names.Clean(), ID: "id-1"}, "to-test", "run-1")
	step.Open(3, 0)
	b := &flow.Batch{Partition: 3, Records: []flow.Record{
		{Partition: 3, Offset: 7, Value: []byte("fine")},
		{Partition: 3, Offset: 8, Key: []byte("k"), Value: []byte{0, 1, 255}, Headers: []flow.Header{{Key: HeaderID, Value: []byte("abc")}}},
	}}
	b.Reject(1, meteo.Refuse(meteo.NotClean, "no observation"))
	if err := step.Apply(c.ctx(), b); err != nil {
		t.Fatal(err)
	}
	got := c.read(c.names.DLQ())
	if len(got) != 1 {
		t.Fatalf("%d letters, want 1", len(got))
	}
	l := letter.Read(&got[0])
	if got[0].Partition != 3 || l.Topic != c.names.Clean() || l.TopicID != "id-1" || l.Partition != 3 || l.Offset != 8 || l.Stage != "to-test" || l.RunID != "run-1" ||
		l.Reason != meteo.NotClean || l.Message != "no observation" || string(l.Key) != "k" || !bytes.Equal(l.Value, []byte{0, 1, 255}) ||
		len(l.Headers) != 1 || l.Headers[0].Key != HeaderID {
		t.Errorf("the letter is %+v", l)
	}
}

// FNV-1a of 32 bits, as published: the hash of "a" is e40c292c, of "foobar" bf9cf968.
func TestThePartitionIsTheHashOfTheStationModuloTheirNumber(t *testing.T) {
	if got := Partition("a", 1000); got != int32(uint32(0xe40c292c)%1000) {
		t.Errorf("\"a\" is in partition %d of 1000", got)
	}
	if got := Partition("foobar", 7); got != int32(uint32(0xbf9cf968)%7) {
		t.Errorf("\"foobar\" is in partition %d of 7", got)
	}
}
