package broker

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/jobs/atomicfile"
)

// A partition folder of kfake holds segments: <base offset>.dat is record
// batches one after another in the protocol's own form, <base offset>.idx has
// one entry of indexEntrySize bytes a batch:
//
//	version 1, checksum (low byte of the CRC-32C of what follows),
//	leader epoch int32 LE, highest timestamp so far int64 LE, flags (1: in a transaction)
//
// kfake believes the flag of the index and not the batch, and a kill between
// the two writes leaves a batch without an entry: an open transaction would
// come back as plain records. So the index is rebuilt from the batches.
const (
	indexEntrySize     = 15
	batchPrefixSize    = 12 // base offset and length
	batchHeaderSize    = 61 // a batch without records
	batchCRCEnd        = 21 // the checksum covers all from here
	attrTransactional  = 0x10
	attrControl        = 0x20
	markerAttributes   = attrControl | attrTransactional
	noSequence         = -1
	currentRecordMagic = 2
)

// openTransaction is what one producer wrote to a partition and neither
// committed nor aborted.
type openTransaction struct {
	producerID    int64
	producerEpoch int16
}

// partitionLog is what recovery knows of a partition after reading it.
type partitionLog struct {
	dir          string
	segments     []int64 // base offsets, ascending
	next         int64   // the offset after the last record
	leaderEpoch  int32
	maxTimestamp int64 // milliseconds
	open         map[int64]openTransaction
	truncated    int64 // bytes of a torn last batch that were cut off
}

// repairPartition reads the partition in dir, cuts off a batch that a kill tore,
// and makes the indexes agree with the batches. A hole or damage before the
// last batch is an error: those records were acknowledged.
func repairPartition(dir string) (*partitionLog, error) {
	log := &partitionLog{dir: dir, next: -1, open: make(map[int64]openTransaction)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading partition: %w", err)
	}
	for _, e := range entries {
		name, isSegment := strings.CutSuffix(e.Name(), ".dat")
		base, err := strconv.ParseInt(name, 10, 64)
		if !isSegment || err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("reading partition: %w", err)
		}
		if info.Size() > 0 { // an empty one was just begun; kfake ignores it, too
			log.segments = append(log.segments, base)
		}
	}
	slices.Sort(log.segments)
	for i, base := range log.segments {
		if err := log.repairSegment(base, i == len(log.segments)-1); err != nil {
			return nil, fmt.Errorf("reading segment %s: %w", log.path(base, "dat"), err)
		}
	}
	return log, nil
}

func (l *partitionLog) path(base int64, ext string) string {
	return filepath.Join(l.dir, fmt.Sprintf("%d.%s", base, ext))
}

func (l *partitionLog) repairSegment(base int64, last bool) error {
	raw, err := os.ReadFile(l.path(base, "dat"))
	if err != nil {
		return err
	}
	var index []byte
	pos := 0
	for pos < len(raw) {
		batch, size, err := readBatch(raw[pos:])
		if err != nil {
			if !last || !errors.Is(err, errTorn) {
				return fmt.Errorf("byte %d: %w: %w", pos, err, errLost)
			}
			l.truncated += int64(len(raw) - pos)
			if err := truncateSynced(l.path(base, "dat"), int64(pos)); err != nil {
				return err
			}
			break
		}
		if err := l.add(batch); err != nil {
			return fmt.Errorf("byte %d: %w", pos, err)
		}
		index = l.appendIndexEntry(index, batch)
		pos += size
	}
	have, err := os.ReadFile(l.path(base, "idx"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if bytes.Equal(have, index) {
		return nil
	}
	return atomicfile.Write(l.path(base, "idx"), index, 0o600)
}

// add takes one more batch into account.
func (l *partitionLog) add(batch *kmsg.RecordBatch) error {
	if l.next >= 0 && batch.FirstOffset != l.next {
		return fmt.Errorf("offset %d follows %d: %w", batch.FirstOffset, l.next-1, errLost)
	}
	l.next = batch.FirstOffset + int64(batch.LastOffsetDelta) + 1
	l.leaderEpoch = batch.PartitionLeaderEpoch
	l.maxTimestamp = max(l.maxTimestamp, batch.MaxTimestamp)
	switch {
	case batch.Attributes&attrControl != 0:
		delete(l.open, batch.ProducerID)
	case batch.Attributes&attrTransactional != 0:
		l.open[batch.ProducerID] = openTransaction{batch.ProducerID, batch.ProducerEpoch}
	}
	return nil
}

// endTransactions writes, for every open transaction, the marker that the
// killed broker did not write, and returns how many it wrote. commits reports
// which to commit; the others are aborted.
func (l *partitionLog) endTransactions(commits func(openTransaction) bool) (committed, aborted int, err error) {
	if len(l.open) == 0 {
		return 0, 0, nil
	}
	open := make([]openTransaction, 0, len(l.open))
	for _, t := range l.open {
		open = append(open, t)
	}
	slices.SortFunc(open, func(a, b openTransaction) int { return cmp.Compare(a.producerID, b.producerID) })
	var data, index []byte
	for _, t := range open {
		commit := commits(t)
		if commit {
			committed++
		} else {
			aborted++
		}
		marker := endMarker(t, commit, l.next, l.leaderEpoch, l.maxTimestamp)
		data = marker.AppendTo(data)
		if err := l.add(marker); err != nil {
			return 0, 0, err
		}
		index = l.appendIndexEntry(index, marker)
	}
	base := l.segments[len(l.segments)-1]
	// The batches first: an index that is short is rebuilt, one that is
	// ahead would describe the next batch wrongly.
	if err := appendSynced(l.path(base, "dat"), data); err != nil {
		return 0, 0, err
	}
	return committed, aborted, appendSynced(l.path(base, "idx"), index)
}

var (
	errTorn    = errors.New("incomplete record batch")
	errDamaged = errors.New("damaged record batch")
	errLost    = errors.New("acknowledged records are lost: restore the data folder or start with an empty one")
)

// readBatch reads the record batch at the start of raw. The error is errTorn
// when the batch is the last thing in raw, as after a kill during its write,
// and errDamaged when more follows it.
func readBatch(raw []byte) (*kmsg.RecordBatch, int, error) {
	if len(raw) < batchHeaderSize {
		return nil, 0, errTorn
	}
	size := batchPrefixSize + int(binary.BigEndian.Uint32(raw[8:]))
	if size > len(raw) {
		return nil, 0, errTorn
	}
	bad := errTorn
	if size < len(raw) {
		bad = errDamaged
	}
	if size < batchHeaderSize {
		return nil, 0, errDamaged
	}
	var batch kmsg.RecordBatch
	if err := batch.ReadFrom(raw[:size]); err != nil {
		return nil, 0, bad
	}
	if uint32(batch.CRC) != crc32.Checksum(raw[batchCRCEnd:size], castagnoli) {
		return nil, 0, bad
	}
	return &batch, size, nil
}

// endMarker is the control batch that ends a transaction, as a transaction
// coordinator writes it.
func endMarker(t openTransaction, commit bool, offset int64, leaderEpoch int32, timestamp int64) *kmsg.RecordBatch {
	key := kmsg.ControlRecordKey{Type: kmsg.ControlRecordKeyTypeAbort}
	if commit {
		key.Type = kmsg.ControlRecordKeyTypeCommit
	}
	record := kmsg.Record{Key: key.AppendTo(nil), Value: (&kmsg.EndTxnMarker{}).AppendTo(nil)}
	record.Length = int32(len(record.AppendTo(nil)) - 1) // the length's own varint is one byte
	batch := &kmsg.RecordBatch{
		FirstOffset:          offset,
		PartitionLeaderEpoch: leaderEpoch,
		Magic:                currentRecordMagic,
		Attributes:           markerAttributes,
		FirstTimestamp:       timestamp,
		MaxTimestamp:         timestamp,
		ProducerID:           t.producerID,
		ProducerEpoch:        t.producerEpoch,
		FirstSequence:        noSequence,
		NumRecords:           1,
		Records:              record.AppendTo(nil),
	}
	batch.Length = int32(len(batch.AppendTo(nil)) - batchPrefixSize)
	batch.CRC = int32(crc32.Checksum(batch.AppendTo(nil)[batchCRCEnd:], castagnoli))
	return batch
}

// appendIndexEntry appends the index entry of the batch that was added last.
func (l *partitionLog) appendIndexEntry(dst []byte, batch *kmsg.RecordBatch) []byte {
	var entry [indexEntrySize]byte
	entry[0] = frameVersion
	binary.LittleEndian.PutUint32(entry[2:], uint32(batch.PartitionLeaderEpoch))
	binary.LittleEndian.PutUint64(entry[6:], uint64(l.maxTimestamp))
	if batch.Attributes&markerAttributes == attrTransactional {
		entry[14] = 1
	}
	entry[1] = byte(crc32.Checksum(entry[2:], castagnoli))
	return append(dst, entry[:]...)
}
