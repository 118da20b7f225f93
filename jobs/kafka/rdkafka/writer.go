package rdkafka

// #include "produce.h"
import "C"

import (
	"encoding/binary"
	"reflect"
	"unsafe"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// Writer collects records of one partition for the queue of a producer that reports no deliveries. One goroutine may use it.
type Writer struct {
	client    *C.rd_kafka_t
	topic     []byte // ends with 0
	partition int32

	records []C.outgoing_t
	bytes   []byte
}

// NewWriter returns a Writer without records. It must not be used after the producer is closed.
func NewWriter(p *ck.Producer, topic string, partition int32) *Writer {
	client := reflect.ValueOf(p).Elem().FieldByName("handle").FieldByName("rk").UnsafePointer() // see NewReader
	return &Writer{client: (*C.rd_kafka_t)(client), topic: append([]byte(topic), 0), partition: partition}
}

// Add adds a record, which is copied: nil is as empty. It reports whether there are enough for Queue to be called.
func (w *Writer) Add(key, value []byte, headers []flow.Header) bool {
	w.bytes = append(append(w.bytes, key...), value...)
	before := len(w.bytes)
	for i := range headers {
		h := &headers[i]
		w.bytes = binary.NativeEndian.AppendUint32(w.bytes, uint32(len(h.Key)))
		w.bytes = binary.NativeEndian.AppendUint32(w.bytes, uint32(len(h.Value)))
		w.bytes = append(append(w.bytes, h.Key...), h.Value...)
	}
	w.records = append(w.records, C.outgoing_t{
		key_size: C.int64_t(len(key)), value_size: C.int64_t(len(value)), headers_size: C.int64_t(len(w.bytes) - before), headers: C.int32_t(len(headers)),
	})
	return len(w.records) >= pollRecords || len(w.bytes) >= pollBytes
}

// Queue puts the records into the producer's queue. After an error those that are not in it remain: where the queue is full
// (ck.ErrQueueFull), it may be called again.
func (w *Writer) Queue() error {
	if len(w.records) == 0 {
		return nil
	}
	var code C.rd_kafka_resp_err_t
	w.bytes = append(w.bytes, 0) // so that there is a first one
	n := int(C.produce_records(w.client, (*C.char)(unsafe.Pointer(&w.topic[0])), C.int32_t(w.partition),
		&w.records[0], C.int(len(w.records)), (*C.char)(unsafe.Pointer(&w.bytes[0])), &code))
	if code == 0 {
		w.records, w.bytes = w.records[:0], w.bytes[:0]
		return nil
	}
	done := 0
	for i := range w.records[:n] {
		r := &w.records[i]
		done += int(r.key_size + r.value_size + r.headers_size)
	}
	w.records = append(w.records[:0], w.records[n:]...)
	w.bytes = append(w.bytes[:0], w.bytes[done:len(w.bytes)-1]...)
	return ck.NewError(ck.ErrorCode(code), ck.ErrorCode(code).String(), false)
}
