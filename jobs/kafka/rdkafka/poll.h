#ifndef SENMETEO_POLL_H
#define SENMETEO_POLL_H

#include "librdkafka.h"

// A record; its key, value and headers are in the bytes beside it, one after the other. A header is the sizes of its name and of its value
// as two int32, then both.
typedef struct {
	int64_t offset;
	int64_t milliseconds; // when it arrived; -1: unknown
	int64_t value_size;   // of the value in the topic
	int64_t value_kept;   // of the value here; -1: null
	int64_t key_size;     // -1: null
	int64_t headers_size; // in bytes
	int32_t headers;
	int32_t partition;
} record_t;

typedef struct {
	rd_kafka_event_t *held;            // a record that had no room the last time
	const rd_kafka_message_t *message; // its message
	size_t needed;                     // the room that it takes
	rd_kafka_event_t *other;           // what came after the records and is none: the caller destroys it
} poll_t;

// poll_records takes records out of a queue until there is none, another event, no room or as many as may be. It waits for the first
// one alone. It returns how many there are.
int poll_records(rd_kafka_queue_t *queue, int timeout_ms, poll_t *state, int64_t most_value, record_t *records, int most, char *bytes, size_t room);

#endif
