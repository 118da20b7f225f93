package broker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/bombs"
)

var codecs = map[string]kgo.CompressionCodec{"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

func TestBrokerTakesWhatProducersCompressAndRefusesWhatUnpacksToMore(t *testing.T) {
	b := startBroker(t, Config{Dir: t.TempDir()})
	if err := createTopics(t.Context(), b.Addr(), 1, "gzip", "snappy", "lz4", "zstd"); err != nil {
		t.Fatal(err)
	}
	for codec, option := range codecs {
		t.Run(codec, func(t *testing.T) {
			client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ProducerBatchCompression(option), kgo.DefaultProduceTopic(codec))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			want := []string{strings.Repeat(" ", 200_000), strings.Repeat("noise", 3) + random(20_000), strings.Repeat("ab", 100_000)}
			for _, value := range want {
				if err := client.ProduceSync(t.Context(), kgo.StringRecord(value)).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			for _, bomb := range [][]byte{bombs.Batch(t, codec, 1, 16<<20), bombs.Batch(t, codec, 8_000, 2_000)} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := bombs.Send(t.Context(), b.Addr(), codec, 0, bomb)
				runtime.ReadMemStats(&after)
				if !errors.Is(err, kerr.MessageTooLarge) {
					t.Errorf("a batch of %d bytes that unpacks to 16 MB gets %v", len(bomb), err)
				}
				if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 60 {
					t.Errorf("refusing it took %d MB", took)
				}
			}
			broken := bombs.Batch(t, codec, 1, 1000)
			if err := bombs.Send(t.Context(), b.Addr(), codec, 0, resealed(broken[:len(broken)-10])); !errors.Is(err, kerr.CorruptMessage) {
				t.Errorf("a broken batch gets %v", err)
			}
			if got := values(t.Context(), t, b.Addr(), codec, 0); !slices.Equal(got, want) {
				t.Errorf("%d values came back, or others than the %d that were sent", len(got), len(want))
			}
		})
	}
}

// A reader is given a megabyte of batches at a time, and unpacks all of them.
func TestBrokerKeepsUnpackedWhatWouldUnpackToVeryMuchMore(t *testing.T) {
	for codec := range codecs {
		much, little := bombs.Batch(t, codec, 1, 1<<20), bombs.Batch(t, codec, 1, 0)
		req := &kmsg.ProduceRequest{Topics: []kmsg.ProduceRequestTopic{{Partitions: []kmsg.ProduceRequestTopicPartition{{Records: much}, {Records: little}}}}}
		if err := unpack(req); err != nil {
			t.Fatal(err)
		}
		got, plain := req.Topics[0].Partitions[0].Records, bombs.Batch(t, "none", 1, 1<<20)
		if got[batchAttributesAt+1] != 0 || !bytes.Equal(got[batchRecordsAt:], plain[batchRecordsAt:]) || !bytes.Equal(got, resealed(bytes.Clone(got))) {
			t.Errorf("%s: a batch of %d bytes is kept as one of %d, which is not what it unpacks to", codec, len(much), len(got))
		}
		if got := req.Topics[0].Partitions[1].Records; !bytes.Equal(got, little) {
			t.Errorf("%s: a batch that is as large when unpacked is changed", codec)
		}
	}
}

func TestSnappyWithoutJavasFramingIsMeasuredBeforeItIsUnpacked(t *testing.T) {
	lie := snappy.Encode(nil, make([]byte, 100))
	lie = append([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, lie[1:]...) // 4 GB, it says
	if _, err := unpackRecords(2, lie, maxUnpacked); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("a block that says it has 4 GB gives %v", err)
	}
	got, err := unpackRecords(2, snappy.Encode(nil, []byte("plain")), maxUnpacked)
	if err != nil || string(got) != "plain" {
		t.Errorf("a block gives %q, %v", got, err)
	}
	if _, err := unpackRecords(2, append(slices.Clone(javaSnappy), 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff), maxUnpacked); !errors.Is(err, kerr.CorruptMessage) {
		t.Errorf("a frame longer than the batch gives %v", err)
	}
}

// resealed gives a batch the length and the checksum that fit.
func resealed(batch []byte) []byte {
	binary.BigEndian.PutUint32(batch[batchLengthAt:], uint32(len(batch)-batchLengthAt-4))
	binary.BigEndian.PutUint32(batch[batchCRCAt:], crc32.Checksum(batch[batchAttributesAt:], castagnoli))
	return batch
}

// random is a text that can't be compressed.
func random(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.UintN(256))
	}
	return string(out)
}
