// Prints what the package's code compiles into itself of librdkafka's header: numbers and the places of fields.
#include <stddef.h>
#include <stdio.h>

#include "../librdkafka.h"

#define NUMBER(name) printf(#name " %d\n", (int)name)
#define FIELD(type, name) printf(#type "." #name " %zu, %zu bytes\n", offsetof(type, name), sizeof(((type *)0)->name))
#define SIZE(type) printf(#type " %zu bytes\n", sizeof(type))

int main(void) {
	NUMBER(RD_KAFKA_EVENT_FETCH);
	NUMBER(RD_KAFKA_EVENT_ERROR);
	NUMBER(RD_KAFKA_EVENT_REBALANCE);
	NUMBER(RD_KAFKA_VTYPE_END);
	NUMBER(RD_KAFKA_VTYPE_RKT);
	NUMBER(RD_KAFKA_VTYPE_PARTITION);
	NUMBER(RD_KAFKA_VTYPE_VALUE);
	NUMBER(RD_KAFKA_VTYPE_KEY);
	NUMBER(RD_KAFKA_VTYPE_MSGFLAGS);
	NUMBER(RD_KAFKA_VTYPE_HEADERS);
	NUMBER(RD_KAFKA_MSG_F_COPY);
	NUMBER(RD_KAFKA_RESP_ERR__PARTITION_EOF);
	NUMBER(RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS);
	SIZE(rd_kafka_resp_err_t);
	FIELD(rd_kafka_message_t, partition);
	FIELD(rd_kafka_message_t, payload);
	FIELD(rd_kafka_message_t, len);
	FIELD(rd_kafka_message_t, key);
	FIELD(rd_kafka_message_t, key_len);
	FIELD(rd_kafka_message_t, offset);
	SIZE(rd_kafka_topic_partition_t);
	FIELD(rd_kafka_topic_partition_t, topic);
	FIELD(rd_kafka_topic_partition_t, partition);
	FIELD(rd_kafka_topic_partition_t, offset);
	FIELD(rd_kafka_topic_partition_list_t, cnt);
	FIELD(rd_kafka_topic_partition_list_t, elems);
	return 0;
}
