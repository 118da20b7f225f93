// Package bombs makes batches of records that are small as they are sent and large when they are unpacked, as a producer that means
// harm would. They are made without being held in memory.
package bombs

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// codecs are the ways to compress a batch: the number of each in Kafka's protocol is its place.
var codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// Batch is a batch of records, compressed by a codec, each with a value of so many blanks.
func Batch(t testing.TB, codec string, records int, blanks int64) []byte {
	t.Helper()
	for number, name := range codecs {
		if name == codec {
			return batch(t, int16(number), records, &many{records: records, blanks: blanks})
		}
	}
	t.Fatalf("there is no codec %q", codec)
	return nil
}

func batch(t testing.TB, codec int16, records int, in io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := packer(codec, &out)
	if err == nil {
		if _, err = io.Copy(w, in); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatalf("packing a batch: %v", err)
	}
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{
		Length: int32(49 + out.Len()), PartitionLeaderEpoch: -1, Magic: 2, Attributes: codec, LastOffsetDelta: int32(records - 1),
		FirstTimestamp: now, MaxTimestamp: now, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(records), Records: out.Bytes(),
	}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

func packer(codec int16, to io.Writer) (io.WriteCloser, error) {
	switch codecs[codec] {
	case "gzip":
		return gzip.NewWriterLevel(to, gzip.BestCompression)
	case "snappy":
		return &snappyWriter{to: to}, nil
	case "lz4":
		w := lz4.NewWriter(to)
		return struct{ io.WriteCloser }{w}, w.Apply(lz4.BlockSizeOption(lz4.Block64Kb))
	case "zstd":
		return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	}
	return nopCloser{to}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// snappyWriter frames blocks as Java's producers do.
type snappyWriter struct {
	to     io.Writer
	begun  bool
	blocks bytes.Buffer
}

func (w *snappyWriter) Write(p []byte) (int, error) {
	if w.blocks.Write(p); w.blocks.Len() >= 1<<20 {
		return len(p), w.flush()
	}
	return len(p), nil
}

func (w *snappyWriter) Close() error { return w.flush() }

func (w *snappyWriter) flush() error {
	var out []byte
	if !w.begun {
		out, w.begun = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1}, true
	}
	block := snappy.Encode(nil, w.blocks.Bytes())
	w.blocks.Reset()
	_, err := w.to.Write(append(binary.BigEndian.AppendUint32(out, uint32(len(block))), block...))
	return err
}

// many reads as so many records, each with a value of so many blanks.
type many struct {
	records int
	blanks  int64

	at   int // the record that comes next
	head []byte
	left int64 // blanks
}

func (m *many) Read(p []byte) (n int, err error) {
	for n < len(p) {
		switch {
		case len(m.head) > 0:
			k := copy(p[n:], m.head)
			m.head, n = m.head[k:], n+k
		case m.left > 0:
			k := int(min(m.left, int64(len(p)-n)))
			for i := range k {
				p[n+i] = ' '
			}
			m.left, n = m.left-int64(k), n+k
		case m.at < m.records:
			m.begin()
		case m.at == m.records && m.records > 0:
			m.head, m.at = []byte{0}, m.at+1 // no headers of the last record
		default:
			if n == 0 {
				err = io.EOF
			}
			return n, err
		}
	}
	return n, nil
}

// begin writes what precedes a record's value, and the end of the record before it.
func (m *many) begin() {
	head := []byte{0, 0} // attributes, time
	head = binary.AppendVarint(head, int64(m.at))
	head = binary.AppendVarint(head, -1) // no key
	head = binary.AppendVarint(head, m.blanks)
	var before []byte
	if m.at > 0 {
		before = []byte{0}
	}
	m.head = append(binary.AppendVarint(before, int64(len(head))+m.blanks+1), head...)
	m.left, m.at = m.blanks, m.at+1
}

// Send writes a batch as it is to a partition of a cluster of one broker. The error is the broker's answer.
func Send(ctx context.Context, brokers, topic string, partition int32, batch []byte) error {
	c, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.MaxVersions(kversion.V2_8_0())) // which know topics by their names
	if err != nil {
		return err
	}
	defer c.Close()
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = partition, batch
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, 30_000
	req.Topics = []kmsg.ProduceRequestTopic{{Topic: topic, Partitions: []kmsg.ProduceRequestTopicPartition{p}}}
	raw, err := c.SeedBrokers()[0].Request(ctx, req)
	if err != nil {
		return fmt.Errorf("sending a batch: %w", err)
	}
	return kerr.ErrorForCode(raw.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
}
