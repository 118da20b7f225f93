#ifndef SENMETEO_PRODUCE_H
#define SENMETEO_PRODUCE_H

#include "librdkafka.h"

// A record to be written. Its key, value and headers are in the bytes beside it as those of a record_t are.
typedef struct {
	int64_t key_size;
	int64_t value_size;
	int64_t headers_size;
	int32_t headers;
} outgoing_t;

// produce_records puts records of a partition into a producer's queue, which copies them. It returns how many there are in it: fewer
// than it was given after an error.
int produce_records(rd_kafka_t *client, const char *topic, int32_t partition, const outgoing_t *records, int count, const char *bytes, rd_kafka_resp_err_t *err);

#endif
