package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/test/bombs"
)

// hostileTopicRSS is what a job may take of memory beside the program itself, whatever was sent to its topic.
const hostileTopicRSS = 125 * megabyte

// worstTopicRSS is the same where every batch unpacks to the most that there is.
const worstTopicRSS = 160 * megabyte

// A batch of which a megabyte unpacks to a gigabyte would be unpacked by its reader at once, each time it starts.
func TestBatchesThatUnpackToFarMoreThanTheyTakeAreRefusedByTheTopics(t *testing.T) {
	p := newPipeline(t)
	for _, c := range []struct {
		codec   string
		records int
		blanks  int64
	}{
		{"gzip", 1, 24 * megabyte}, {"gzip", 24_000, 1000}, {"lz4", 1, 24 * megabyte}, {"zstd", 1, 24 * megabyte}, {"zstd", 24_000, 1000}, {"snappy", 1, 24 * megabyte},
	} {
		batch := bombs.Batch(t, c.codec, c.records, c.blanks)
		for _, topic := range []string{"raw", "clean", "dlq"} {
			if topic == "dlq" { // whose letters may be twice as large
				batch = bombs.Batch(t, c.codec, 2*c.records, c.blanks)
			}
			if err := bombs.Send(t.Context(), p.Brokers, p.Prefix+"."+topic, 0, batch); !errors.Is(err, kerr.MessageTooLarge) {
				t.Errorf("%s: a batch of %d bytes, of %d records of %d blanks by %s, gets %v", topic, len(batch), c.records, c.blanks, c.codec, err)
			}
		}
	}
	p.Produce(t, dakar(goodLine))
	for _, verb := range []string{"stream", "to-pg"} {
		r := p.Run(t, verb)
		if report := r.Report(t); r.Code != 0 || report.Written != 1 || report.Read != 1 {
			t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
		}
		withinOfItsOwn(t, r, hostileTopicRSS)
	}
}

// The most that a batch of the topics' own codec can unpack to is 21 times what it takes: many of them, in all partitions.
func TestBatchesThatUnpackToTheMostThatTheTopicsTakeBecomeDeadLettersInBoundedMemory(t *testing.T) {
	p := newPipeline(t)
	send := func(partition int32, codec string, records int, blanks int64) {
		batch := bombs.Batch(t, codec, records, blanks)
		if err := bombs.Send(t.Context(), p.Brokers, p.Prefix+".raw", partition, batch); err != nil {
			t.Fatalf("%d bytes: %v", len(batch), err)
		}
	}
	const partitions, each, small, tiny = 6, 3, 20_000, 60_000
	for partition := range int32(partitions) {
		for range each {
			send(partition, "snappy", 1, 20*megabyte)
		}
	}
	send(0, "gzip", small, 800)
	send(1, "zstd", tiny, 0)
	p.Produce(t, dakar(goodLine))
	r := p.Run(t, "stream")
	if report := r.Report(t); r.Code != 65 || report.Written != 1 || report.Rejected != partitions*each+small+tiny {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	withinOfItsOwn(t, r, worstTopicRSS)
}

// Each of these batches is as large as it may be. A reader is given a megabyte of batches at a time: as they were sent, all of these.
func TestRecordsThatHardlyTakeRoomUntilTheyAreUnpackedBecomeDeadLettersInBoundedMemory(t *testing.T) {
	p := newPipeline(t)
	const records = 160
	client := p.Client(t, kgo.ProducerBatchCompression(kgo.ZstdCompression()), kgo.ProducerBatchMaxBytes(2<<20))
	blanks := bytes.Repeat([]byte(" "), megabyte-500)
	for i := range records {
		r := &kgo.Record{Topic: p.Prefix + ".raw", Value: blanks, Key: fmt.Append(nil, i)}
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	client.Close()
	p.Produce(t, dakar(goodLine))
	r := p.Run(t, "stream")
	if report := r.Report(t); r.Code != 65 || report.Rejected != records || report.Written != 1 {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	withinOfItsOwn(t, r, hostileTopicRSS)
	within(t, p.Must(t, "dlq", "list", "--out", filepath.Join(t.TempDir(), "letters.jsonl")), hostileTopicRSS)
}

// Where a topic was made by others, and what harms is there already.
func TestAStreamThatMeetsABatchItCantReadSaysHowToContinueAfterIt(t *testing.T) {
	p := newPipeline(t)
	p.AllowCompression(t, "raw")
	good := dakar(goodLine)
	p.Produce(t, good)
	if err := bombs.Send(t.Context(), p.Brokers, p.Prefix+".raw", good.Partition, bombs.Batch(t, "zstd", 1, 900*megabyte)); err != nil {
		t.Fatal(err)
	}
	p.Produce(t, dakar(strings.Replace(goodLine, "12:00", "12:10", 1)))
	says := fmt.Sprintf("partition %d holds a batch that can't be read, offsets 1 to 1 ", good.Partition)
	r := p.Run(t, "stream")
	if report := r.Report(t); r.Code != 65 || report.Written != 1 || !strings.Contains(report.Error, says) ||
		!strings.Contains(report.Error, "before offset 2 ") || strings.Contains(report.Error, "\n") {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	if !strings.Contains(r.Stderr, "run `senmeteo topics`") {
		t.Errorf("%s does not warn of the topic\n%s", r, r.Output())
	}
	withinOfItsOwn(t, r, hostileTopicRSS)
	if r := p.Run(t, "reconcile"); r.Code != 65 || !strings.Contains(r.Stderr, says) {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	p.DeleteRecords(t, "raw", good.Partition, 2)
	if r := p.Run(t, "stream"); r.Code != 64 || !strings.Contains(r.Stderr, "the records from offset 1 to 1 are past") {
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	if r := p.Must(t, "stream", "--skip-lost"); r.Report(t).Written != 1 {
		t.Errorf("%s wrote something else than the record after the batch\n%s", r, r.Output())
	}
	p.settle(t)
	p.ledger(t)
}
