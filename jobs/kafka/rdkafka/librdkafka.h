// What this package uses of librdkafka's public interface, whose ABI is stable within its major version: see rdkafka.h, version 2.
// The Go client links the library.
#ifndef SENMETEO_LIBRDKAFKA_H
#define SENMETEO_LIBRDKAFKA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_op_s rd_kafka_event_t;
typedef struct rd_kafka_headers_s rd_kafka_headers_t;
typedef int rd_kafka_resp_err_t;

enum {
	RD_KAFKA_EVENT_FETCH = 0x2,
	RD_KAFKA_EVENT_ERROR = 0x8,
	RD_KAFKA_EVENT_REBALANCE = 0x10,
};

// What rd_kafka_producev may be given, each with what follows it.
enum {
	RD_KAFKA_VTYPE_END = 0,
	RD_KAFKA_VTYPE_RKT = 2,       // rd_kafka_topic_t *
	RD_KAFKA_VTYPE_PARTITION = 3, // int32_t
	RD_KAFKA_VTYPE_VALUE = 4,     // void *, size_t
	RD_KAFKA_VTYPE_KEY = 5,       // void *, size_t
	RD_KAFKA_VTYPE_MSGFLAGS = 7,  // int
	RD_KAFKA_VTYPE_HEADERS = 10,  // rd_kafka_headers_t *, which are librdkafka's when the record is
};

enum { RD_KAFKA_MSG_F_COPY = 0x2 };

enum {
	RD_KAFKA_RESP_ERR__PARTITION_EOF = -191,
	RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS = -175,
};

typedef struct rd_kafka_message_s {
	rd_kafka_resp_err_t err;
	rd_kafka_topic_t *rkt;
	int32_t partition;
	void *payload;
	size_t len;
	void *key;
	size_t key_len;
	int64_t offset;
	void *_private;
} rd_kafka_message_t;

typedef struct rd_kafka_topic_partition_s {
	char *topic;
	int32_t partition;
	int64_t offset;
	void *metadata;
	size_t metadata_size;
	void *opaque;
	rd_kafka_resp_err_t err;
	void *_private;
} rd_kafka_topic_partition_t;

typedef struct rd_kafka_topic_partition_list_s {
	int cnt;
	int size;
	rd_kafka_topic_partition_t *elems;
} rd_kafka_topic_partition_list_t;

rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *queue, int timeout_ms);

int rd_kafka_event_type(const rd_kafka_event_t *event);
const rd_kafka_message_t *rd_kafka_event_message_next(rd_kafka_event_t *event);
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t *event);
const char *rd_kafka_event_error_string(rd_kafka_event_t *event);
int rd_kafka_event_error_is_fatal(rd_kafka_event_t *event);
rd_kafka_topic_partition_list_t *rd_kafka_event_topic_partition_list(rd_kafka_event_t *event);
rd_kafka_topic_partition_t *rd_kafka_event_topic_partition(rd_kafka_event_t *event);
void rd_kafka_topic_partition_destroy(rd_kafka_topic_partition_t *partition);
void rd_kafka_event_destroy(rd_kafka_event_t *event);

int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *message, void *type); // type may be NULL
rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *message, rd_kafka_headers_t **headers);
rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t *headers, size_t index, const char **name, const void **value, size_t *size);

rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *client, const char *name, void *settings);
void rd_kafka_topic_destroy(rd_kafka_topic_t *topic);
rd_kafka_resp_err_t rd_kafka_last_error(void);
rd_kafka_headers_t *rd_kafka_headers_new(size_t count);
rd_kafka_resp_err_t rd_kafka_header_add(rd_kafka_headers_t *headers, const char *name, ssize_t name_size, const void *value, ssize_t value_size);
void rd_kafka_headers_destroy(rd_kafka_headers_t *headers);
rd_kafka_resp_err_t rd_kafka_producev(rd_kafka_t *client, ...);

#endif
