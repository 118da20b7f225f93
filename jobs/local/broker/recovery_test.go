package broker

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// brokerFolder returns the folder of a broker that was closed after it got three
// raw records in partition 0 (one batch each) and copied them.
func brokerFolder(t *testing.T) string {
	t.Helper()
	ctx := testContext(t, time.Minute)
	dir := t.TempDir()
	b := startBroker(t, Config{Dir: dir})
	if err := createTopics(ctx, at(b), 1, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"a", "b", "c"} {
		produce(t, at(b), rawTopic, 0, v)
	}
	if err := (copier{to: at(b), id: "stream.0", batch: 1}).run(ctx, true); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return dir
}

func partitionFile(dir, topic, name string) string {
	return filepath.Join(dir, partitionsFolder, topic+"-0", name)
}

// cut removes n bytes from the end of a file.
func cut(n int64) func(path string) error {
	return func(path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		return os.Truncate(path, info.Size()-n)
	}
}

// add appends bytes to a file.
func add(data []byte) func(path string) error {
	return func(path string) error { return appendSynced(path, data) }
}

func TestBrokerStartsAfterATornWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		file     func(dir string) string
		tear     func(path string) error
		raw      string
		recovers bool
	}{
		{"of a batch", func(d string) string { return partitionFile(d, rawTopic, "0.dat") }, cut(1), "[a b]", true},
		{"of a batch's first bytes", func(d string) string { return partitionFile(d, rawTopic, "0.dat") }, add([]byte{0, 0, 0}), "[a b c]", true},
		{"of an index entry", func(d string) string { return partitionFile(d, cleanTopic, "0.idx") }, cut(1), "[a b c]", false},
		{"of a whole index", func(d string) string { return partitionFile(d, cleanTopic, "0.idx") }, os.Remove, "[a b c]", false},
		{"of a group's offset", func(d string) string { return filepath.Join(d, groupsLog) }, add([]byte{40, 0, 0, 0, 1, 2}), "[a b c]", true},
		{"of a producer's state", func(d string) string { return filepath.Join(d, producersLog) }, add([]byte{40, 0, 0, 0, 1, 2}), "[a b c]", true},
		{"of a commit intent", func(d string) string { return filepath.Join(d, intentFile) }, add([]byte{40, 0, 0, 0, 1, 2}), "[a b c]", false},
		{"of a new segment", func(d string) string { return partitionFile(d, rawTopic, "3.dat") }, add(nil), "[a b c]", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t, time.Minute)
			dir := brokerFolder(t)
			if err := tt.tear(tt.file(dir)); err != nil {
				t.Fatal(err)
			}
			b := startBroker(t, Config{Dir: dir})
			if got := values(ctx, t, at(b), rawTopic, 0); fmt.Sprint(got) != tt.raw {
				t.Errorf("raw is %q, want %s", got, tt.raw)
			}
			if got := values(ctx, t, at(b), cleanTopic, 0); fmt.Sprint(got) != "[a b c]" {
				t.Errorf("clean is %q, want all three", got)
			}
			if got := b.Recovery(); (got != Recovery{}) != tt.recovers {
				t.Errorf("recovered %+v", got)
			}
			// What is written now must outlive the next kill, too.
			produce(t, at(b), rawTopic, 0, "d", "e")
			if err := (copier{to: at(b), id: "stream.0", batch: 1}).run(ctx, true); err != nil {
				t.Fatal(err)
			}
			offset, done, err := committed(at(b), 0)
			if err != nil {
				t.Fatal(err)
			}
			b = restartAsKilled(t, dir)
			if got, again, err := committed(at(b), 0); got != offset || again != done || err != nil {
				t.Errorf("committed %v %+v (%v) after the next kill, %v %+v before", got, again, err, offset, done)
			}
			if got := values(ctx, t, at(b), rawTopic, 0); len(got) != len(strings.Fields(tt.raw))+2 {
				t.Errorf("raw is %q after the next kill", got)
			}
		})
	}
}

// restartAsKilled starts a broker on a copy of a running one's folder: what a
// kill at this moment would leave.
func restartAsKilled(t *testing.T, dir string) *Broker {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return startBroker(t, Config{Dir: copied})
}

func TestBrokerRefusesToStartWhenAcknowledgedRecordsAreLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, dir string)
	}{
		{"a changed byte in an early batch", func(t *testing.T, dir string) {
			path := partitionFile(dir, rawTopic, "0.dat")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			raw[batchHeaderSize] ^= 1
			if err := os.WriteFile(path, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{"a segment that is missing before a later one", func(t *testing.T, dir string) {
			late := endMarker(openTransaction{1, 0}, false, 9, 0, 0).AppendTo(nil)
			if err := os.WriteFile(partitionFile(dir, rawTopic, "9.dat"), late, 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{"topics that are missing", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, topicsFile)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := brokerFolder(t)
			tt.damage(t, dir)
			b, err := Start(t.Context(), Config{Dir: dir})
			if err == nil {
				_ = b.Close(t.Context())
				t.Error("it started")
			}
		})
	}
}

func TestRecoveryEndsATornCommit(t *testing.T) {
	t.Parallel()
	const producer = 7
	metadata := `{"copied":9}`
	intent := commitIntent{
		TransactionalID: "stream.0", ProducerID: producer, ProducerEpoch: 3,
		Offsets: []committedOffset{{Group: copyGroup, Topic: rawTopic, Offset: 3, Metadata: &metadata}},
	}
	for _, tt := range []struct {
		name   string
		intent *commitIntent
		epoch  int16 // of the producer, by pids.log
		clean  string
		want   Recovery
	}{
		{"forward when the commit had begun", &intent, 3, "[a b c x]", Recovery{CommitsFinished: 1, OffsetsCommitted: 1}},
		{"back when it had not", nil, 3, "[a b c]", Recovery{TransactionsAborted: 1}},
		{"back when the producer has a newer epoch", &intent, 4, "[a b c]", Recovery{TransactionsAborted: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t, time.Minute)
			dir := brokerFolder(t)
			entry := fmt.Appendf(nil, `{"type":"init","pid":%d,"epoch":%d,"txid":"stream.0","timeout":60000}`, producer, tt.epoch)
			log, err := repairPartition(partitionFile(dir, cleanTopic, ""))
			if err != nil {
				t.Fatal(err)
			}
			open := transactionalBatch(producer, 3, log.next, "x")
			err = errors.Join(
				appendSynced(filepath.Join(dir, producersLog), appendFrame(nil, entry)),
				appendSynced(partitionFile(dir, cleanTopic, "0.dat"), open),
			)
			if err != nil {
				t.Fatal(err)
			}
			if tt.intent != nil {
				guard, err := openCommitGuard(filepath.Join(dir, intentFile))
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(guard.intend(*tt.intent), guard.close(false)); err != nil {
					t.Fatal(err)
				}
			}
			counter := 3
			if tt.want.OffsetsCommitted > 0 {
				counter = 9
			}
			for range 2 {
				b := startBroker(t, Config{Dir: dir})
				if got := b.Recovery(); got != tt.want {
					t.Errorf("recovered %+v, want %+v", got, tt.want)
				}
				if got := values(ctx, t, at(b), cleanTopic, 0); fmt.Sprint(got) != tt.clean {
					t.Errorf("clean is %q, want %s", got, tt.clean)
				}
				_, done, err := committed(at(b), 0)
				if done.Copied != counter || err != nil {
					t.Errorf("counter %d, %v; want %d", done.Copied, err, counter)
				}
				if err := b.Close(ctx); err != nil {
					t.Fatal(err)
				}
				tt.want = Recovery{} // once is enough
			}
		})
	}
}

// transactionalBatch is a batch of one record in an open transaction.
func transactionalBatch(producer int64, epoch int16, offset int64, value string) []byte {
	marker := endMarker(openTransaction{producer, epoch}, false, offset, 0, time.Now().UnixMilli())
	record := kmsg.Record{Value: []byte(value)}
	record.Length = int32(len(record.AppendTo(nil)) - 1)
	marker.Attributes = attrTransactional
	marker.FirstSequence = 0
	marker.Records = record.AppendTo(nil)
	return sealed(marker)
}

// sealed writes a batch out with the length and checksum that it needs.
func sealed(batch *kmsg.RecordBatch) []byte {
	batch.Length = int32(len(batch.AppendTo(nil)) - batchPrefixSize)
	batch.CRC = int32(crc32.Checksum(batch.AppendTo(nil)[batchCRCEnd:], castagnoli))
	return batch.AppendTo(nil)
}

func TestBrokerStartsAfterTwoKillsOfWhichOneLeftAnEmptySegment(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	dir := brokerFolder(t)
	if err := add(nil)(partitionFile(dir, rawTopic, "3.dat")); err != nil { // made, and nothing written
		t.Fatal(err)
	}
	b := startBroker(t, Config{Dir: dir})
	produce(t, at(b), rawTopic, 0, "d")
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := cut(1)(partitionFile(dir, rawTopic, "0.dat")); err != nil {
		t.Fatal(err)
	}
	b = startBroker(t, Config{Dir: dir})
	if got := values(ctx, t, at(b), rawTopic, 0); fmt.Sprint(got) != "[a b c]" {
		t.Errorf("raw is %q, want all but the torn one", got)
	}
}
