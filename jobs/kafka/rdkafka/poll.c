#include <string.h>

#include "poll.h"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// headers_of describes the headers of a message; NULL when it has none.
static rd_kafka_headers_t *headers_of(const rd_kafka_message_t *message, record_t *record) {
	rd_kafka_headers_t *headers = NULL;
	const char *name;
	const void *value;
	size_t size;
	record->headers = 0;
	record->headers_size = 0;
	if (rd_kafka_message_headers(message, &headers)) return NULL;
	while (!rd_kafka_header_get_all(headers, record->headers, &name, &value, &size)) {
		record->headers++;
		record->headers_size += 2 * sizeof(int32_t) + strlen(name) + (value ? size : 0);
	}
	return headers;
}

static char *put(char *at, const void *bytes, size_t size) {
	memcpy(at, bytes, size);
	return at + size;
}

static void put_headers(char *at, const rd_kafka_headers_t *headers, int32_t count) {
	const char *name;
	const void *value;
	size_t size;
	for (int32_t i = 0; i < count; i++) {
		rd_kafka_header_get_all(headers, i, &name, &value, &size);
		int32_t sizes[] = {(int32_t)strlen(name), value ? (int32_t)size : -1};
		at = put(at, sizes, sizeof(sizes));
		at = put(at, name, sizes[0]);
		if (value) at = put(at, value, size);
	}
}

// copy copies a message. It returns the bytes that it takes, and copies nothing when there is less room.
static size_t copy(const rd_kafka_message_t *m, int64_t most_value, record_t *r, char *bytes, size_t room) {
	rd_kafka_headers_t *headers = headers_of(m, r);
	r->offset = m->offset;
	r->partition = m->partition;
	r->milliseconds = rd_kafka_message_timestamp(m, NULL);
	r->key_size = m->key ? (int64_t)m->key_len : -1;
	r->value_size = m->len;
	r->value_kept = m->payload ? least(m->len, most_value) : -1;
	size_t key = m->key ? m->key_len : 0, value = m->payload ? r->value_kept : 0;
	size_t needed = key + value + r->headers_size;
	if (needed > room) return needed;
	if (key) bytes = put(bytes, m->key, key);
	if (value) bytes = put(bytes, m->payload, value);
	if (headers) put_headers(bytes, headers, r->headers);
	return needed;
}

int poll_records(rd_kafka_queue_t *queue, int timeout_ms, poll_t *state, int64_t most_value, record_t *records, int most, char *bytes, size_t room) {
	int n = 0;
	state->other = NULL;
	while (n < most) {
		if (!state->held) {
			rd_kafka_event_t *event = rd_kafka_queue_poll(queue, n ? 0 : timeout_ms);
			if (!event) break;
			if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_FETCH) {
				state->other = event;
				break;
			}
			state->message = rd_kafka_event_message_next(event);
			state->held = event;
		}
		state->needed = copy(state->message, most_value, &records[n], bytes, room);
		if (state->needed > room) break;
		bytes += state->needed;
		room -= state->needed;
		n++;
		rd_kafka_event_destroy(state->held);
		state->held = NULL;
	}
	return n;
}
