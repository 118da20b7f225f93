#include <string.h>

#include "produce.h"

// headers_at returns the headers that are at a place; NULL for none.
static rd_kafka_headers_t *headers_at(const char *at, int32_t count) {
	if (!count) return NULL;
	rd_kafka_headers_t *headers = rd_kafka_headers_new(count);
	for (int32_t i = 0; i < count; i++) {
		int32_t sizes[2];
		memcpy(sizes, at, sizeof(sizes));
		const char *name = at + sizeof(sizes), *value = name + sizes[0];
		rd_kafka_header_add(headers, name, sizes[0], value, sizes[1]);
		at = value + sizes[1];
	}
	return headers;
}

int produce_records(rd_kafka_t *client, const char *topic, int32_t partition, const outgoing_t *records, int count, const char *bytes, rd_kafka_resp_err_t *err) {
	int n = 0;
	rd_kafka_topic_t *to = rd_kafka_topic_new(client, topic, NULL); // makes it the first time, then only finds it
	*err = to ? 0 : rd_kafka_last_error();
	while (!*err && n < count) {
		const outgoing_t *r = &records[n];
		const char *value = bytes + r->key_size, *after = value + r->value_size;
		rd_kafka_headers_t *headers = headers_at(after, r->headers);
		*err = rd_kafka_producev(client, RD_KAFKA_VTYPE_RKT, to, RD_KAFKA_VTYPE_PARTITION, partition, RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY,
			RD_KAFKA_VTYPE_KEY, bytes, (size_t)r->key_size, RD_KAFKA_VTYPE_VALUE, value, (size_t)r->value_size,
			RD_KAFKA_VTYPE_HEADERS, headers, RD_KAFKA_VTYPE_END);
		if (*err && headers) rd_kafka_headers_destroy(headers);
		if (*err) break;
		bytes = after + r->headers_size;
		n++;
	}
	if (to) rd_kafka_topic_destroy(to); // gives up what this call held of it
	return n;
}
