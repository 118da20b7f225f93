package rdkafka

// #include "poll.h"
import "C"

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"slices"
	"time"
	"unsafe"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// Reader returns what a consumer has for the program, in place of the consumer's Poll, which must not be called beside it. One
// goroutine may use it.
type Reader struct {
	queue     *C.rd_kafka_queue_t
	mostValue int
	names     map[string]string // of headers: there are few, and they are short
	state     C.poll_t
	infos     []C.record_t
	bytes     []byte

	all     []flow.Record // that were read
	records []flow.Record // those of them that were not returned yet
	other   ck.Event      // what comes after them
}

const (
	pollRecords = 256
	pollBytes   = 64 << 10 // one record may take more
	mostNames   = 64
	longestName = 64 // of those that are kept
)

// NewReader returns the reader of a consumer that has no rebalance callback. Of a value it keeps so many bytes; Record.Whole says when
// there were more.
func NewReader(c *ck.Consumer, mostValue int) *Reader {
	// The queue has no accessor. Everything here but this line is librdkafka's public interface.
	queue := reflect.ValueOf(c).Elem().FieldByName("handle").FieldByName("rkq").UnsafePointer()
	return &Reader{
		queue: (*C.rd_kafka_queue_t)(queue), mostValue: mostValue, names: map[string]string{},
		infos: make([]C.record_t, pollRecords), bytes: make([]byte, pollBytes),
	}
}

// Poll returns a *flow.Record, which the next call, also of Clear, may overwrite, or another event of a consumer: ck.PartitionEOF, ck.Error,
// ck.AssignedPartitions or ck.RevokedPartitions. After either of the last two the consumer's Assign or Unassign must be called. It
// returns nil when there is nothing after the wait, or something of no interest.
func (r *Reader) Poll(wait time.Duration) any {
	if len(r.records) == 0 && r.other == nil {
		r.fill(wait)
	}
	if len(r.records) > 0 {
		next := &r.records[0]
		r.records = r.records[1:]
		return next
	}
	if other := r.other; other != nil {
		r.other = nil
		return other
	}
	return nil
}

// Clear forgets what was read and not returned: the consumer reads something else now, or is about to be closed, which must not happen
// before. A change of the group stays: it comes once, and the group waits for its answer.
func (r *Reader) Clear() {
	r.records = nil
	clear(r.all)
	switch r.other.(type) {
	case ck.AssignedPartitions, ck.RevokedPartitions:
	default:
		r.other = nil
	}
	C.rd_kafka_event_destroy(r.state.held) // a record that had no room
	r.state.held = nil
}

// fill takes from the consumer's queue what is there.
func (r *Reader) fill(wait time.Duration) {
	n := r.poll(wait)
	if n == 0 && r.state.held != nil { // a record larger than the usual room
		usual := r.bytes
		r.bytes = make([]byte, r.state.needed)
		n = r.poll(0)
		defer func() { r.bytes = usual }()
	}
	r.records = r.take(r.infos[:n])
	if r.state.other != nil {
		r.other = eventOf(r.state.other)
		C.rd_kafka_event_destroy(r.state.other)
		r.state.other = nil
	}
}

func (r *Reader) poll(wait time.Duration) int {
	return int(C.poll_records(r.queue, C.int(wait/time.Millisecond), &r.state, C.int64_t(r.mostValue),
		&r.infos[0], C.int(len(r.infos)), (*C.char)(unsafe.Pointer(&r.bytes[0])), C.size_t(len(r.bytes))))
}

// size is how many bytes a record takes.
func size(info *C.record_t) int {
	return int(max(info.key_size, 0) + max(info.value_kept, 0) + info.headers_size)
}

// take makes records of what was read. Those of a partition that follow each other share their memory, since they are also stored and
// given up together.
func (r *Reader) take(infos []C.record_t) []flow.Record {
	clear(r.all) // else records of earlier calls would keep their memory
	r.all = slices.Grow(r.all[:0], len(infos))[:len(infos)]
	records, from := r.all, r.bytes
	for i := 0; i < len(infos); {
		n, total, headers := i, 0, 0
		for ; n < len(infos) && infos[n].partition == infos[i].partition; n++ {
			total += size(&infos[n])
			headers += int(infos[n].headers)
		}
		shared := memory{bytes: bytes.Clone(from[:total]), headers: make([]flow.Header, headers)}
		from = from[total:]
		for ; i < n; i++ {
			r.record(&records[i], &infos[i], &shared)
		}
	}
	return records
}

// memory is what is left of the memory that records share.
type memory struct {
	bytes   []byte
	headers []flow.Header
}

// next returns the next bytes; nil for a size below 0.
func (m *memory) next(size int) []byte {
	if size < 0 {
		return nil
	}
	next := m.bytes[:size:size]
	m.bytes = m.bytes[size:]
	return next
}

func (m *memory) size() int { return int(int32(binary.NativeEndian.Uint32(m.next(4)))) }

func (r *Reader) record(to *flow.Record, info *C.record_t, of *memory) {
	*to = flow.Record{Partition: int32(info.partition), Offset: int64(info.offset), Key: of.next(int(info.key_size)), Value: of.next(int(info.value_kept))}
	if info.milliseconds >= 0 {
		to.Time = time.UnixMilli(int64(info.milliseconds))
	}
	if info.value_size > info.value_kept && info.value_kept >= 0 {
		to.Whole = int(info.value_size)
	}
	n := int(info.headers)
	if n == 0 {
		return
	}
	to.Headers = of.headers[:n:n]
	of.headers = of.headers[n:]
	for i := range to.Headers {
		name, value := of.size(), of.size()
		to.Headers[i] = flow.Header{Key: r.name(of.next(name)), Value: of.next(value)}
	}
}

// name returns a header's name, which is mostly one that was there before.
func (r *Reader) name(text []byte) string {
	name, ok := r.names[string(text)]
	if !ok {
		name = string(text)
		if len(r.names) < mostNames && len(name) <= longestName {
			r.names[name] = name
		}
	}
	return name
}

// eventOf returns an event as the Go client has it; nil when it is of no interest.
func eventOf(event *C.rd_kafka_event_t) ck.Event {
	switch C.rd_kafka_event_type(event) {
	case C.RD_KAFKA_EVENT_REBALANCE:
		partitions := partitionsOf(C.rd_kafka_event_topic_partition_list(event))
		if C.rd_kafka_event_error(event) == C.RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
			return ck.AssignedPartitions{Partitions: partitions}
		}
		return ck.RevokedPartitions{Partitions: partitions}
	case C.RD_KAFKA_EVENT_ERROR:
		code := C.rd_kafka_event_error(event)
		if code == C.RD_KAFKA_RESP_ERR__PARTITION_EOF {
			at := C.rd_kafka_event_topic_partition(event)
			if at == nil {
				return nil
			}
			defer C.rd_kafka_topic_partition_destroy(at)
			return ck.PartitionEOF(partitionOf(at))
		}
		return ck.NewError(ck.ErrorCode(code), C.GoString(C.rd_kafka_event_error_string(event)), C.rd_kafka_event_error_is_fatal(event) != 0)
	}
	return nil
}

func partitionsOf(list *C.rd_kafka_topic_partition_list_t) []ck.TopicPartition {
	if list == nil {
		return nil
	}
	elems := unsafe.Slice(list.elems, list.cnt)
	all := make([]ck.TopicPartition, len(elems))
	for i := range elems {
		all[i] = partitionOf(&elems[i])
	}
	return all
}

func partitionOf(p *C.rd_kafka_topic_partition_t) ck.TopicPartition {
	topic := C.GoString(p.topic)
	return ck.TopicPartition{Topic: &topic, Partition: int32(p.partition), Offset: ck.Offset(p.offset)}
}
