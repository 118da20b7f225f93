package kafka

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/jobs/flow"
	"senmeteo/test/bombs"
)

// A batch that librdkafka refuses to unpack, since it unpacks to more than receive.message.max.bytes.
func (c *cluster) unreadable(partition int32, records int, blanks int64) {
	c.Helper()
	if err := bombs.Send(c.ctx(), c.cfg.Brokers, c.names.Raw(), partition, bombs.Batch(c, "zstd", records, blanks)); err != nil {
		c.Fatal(err)
	}
}

func TestABatchThatCantBeReadIsToldByItsOffsetsAndHoldsNoOtherPartitionUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.allowCompression(c.names.Raw())
	value := func(partition int32, text string) *kgo.Record {
		return &kgo.Record{Partition: partition, Value: []byte(text)}
	}
	for p := range int32(testPartitions) {
		for i := range 10 {
			c.write(c.names.Raw(), value(p, fmt.Sprintf("%d before %d", p, i)))
		}
	}
	c.unreadable(1, 290, 500_000) // 10 to 299
	c.unreadable(1, 1, 130<<20)   // 300
	for p := range int32(testPartitions) {
		c.write(c.names.Raw(), value(p, fmt.Sprintf("%d behind", p)))
	}
	c.unreadable(3, 1, 130<<20) // 11, the last one there
	sink := &collector{next: flow.Offsets{}}
	follow := false
	run := func(says string) {
		t.Helper()
		_, err := flow.Run(c.ctx(), flow.Config{BatchRecords: 7, SkipLost: true, Follow: follow}, c.feed(c.names.Raw()), nil, sink)
		if says == "" && err != nil || says != "" && (flow.ClassOf(err) != flow.BadInput || !strings.Contains(fmt.Sprint(err), says)) {
			t.Errorf("the run ended with %v, want %q", err, says)
		}
	}
	run("partition 1 holds a batch that can't be read, offsets 10 to 299 (it is damaged, or unpacks to more than is taken)")
	if want := (flow.Offsets{0: 11, 1: 10, 2: 11, 3: 11}); !maps.Equal(sink.next, want) {
		t.Errorf("stored up to %v, want %v", sink.next, want)
	}
	c.deleteRecords(1, 300)
	follow = true
	run("partition 1 holds a batch that can't be read, offsets 300 to 300 ")
	follow = false
	c.deleteRecords(1, 301)
	run("partition 3 holds a batch that can't be read, offsets 11 to 11 ")
	c.deleteRecords(3, 12)
	run("")
	run("")
	for p := range int32(testPartitions) {
		var got []string
		for _, v := range sink.values {
			if strings.HasPrefix(v, fmt.Sprintf("%d ", p)) {
				got = append(got, v)
			}
		}
		if len(got) != 11 || got[10] != fmt.Sprintf("%d behind", p) || !slices.IsSorted(got[:10]) {
			t.Errorf("of partition %d were read %q", p, got)
		}
	}
}

// segment is the path of the file with a partition's records.
func (c *cluster) segment(topic string, partition int32) string {
	c.Helper()
	answer, err := kmsg.NewPtrDescribeLogDirsRequest().RequestWith(c.ctx(), c.other)
	if err != nil {
		c.Fatal(err)
	}
	return filepath.Join(answer.Dirs[0].Dir, fmt.Sprintf("%s-%d", topic, partition), strings.Repeat("0", 20)+".log")
}

func TestABatchThatIsDamagedOnTheBrokersDiskIsNotTakenForRecords(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for i := range 10 {
		c.write(c.names.Raw(), &kgo.Record{Value: fmt.Appendf(nil, "value %d", i)})
	}
	path := c.segment(c.names.Raw(), 0)
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(log, []byte("value 6"))
	log[at] ^= 1
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(log[at:at+1], int64(at)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	const says = "partition 0 holds a batch that can't be read, offsets 6 to 6 (it is damaged: its checksum or its form is wrong)"
	sink := &collector{next: flow.Offsets{}}
	_, err = flow.Run(c.ctx(), flow.Config{}, c.feed(c.names.Raw()), nil, sink)
	if flow.ClassOf(err) != flow.BadInput || !strings.Contains(fmt.Sprint(err), says) || sink.next[0] != 6 || len(sink.values) != 6 {
		t.Errorf("the run ended with %v after %q, stored up to %v", err, sink.values, sink.next)
	}
	h, err := NewHistory(c.ctx(), c.cfg, c.admin, c.names.Raw())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	n := 0
	err = h.Since(c.ctx(), 0, time.Time{}, func(*flow.Record) error { n++; return nil })
	if flow.ClassOf(err) != flow.BadInput || !strings.Contains(fmt.Sprint(err), says) || n != 6 {
		t.Errorf("reading the past ended with %v after %d records", err, n)
	}
}
