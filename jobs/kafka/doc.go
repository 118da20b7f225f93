// Package kafka connects the loop of package flow to Kafka: it reads topics, writes readings, commits a
// batch as a Kafka transaction, and keeps dead letters. It is a thin layer over confluent-kafka-go (librdkafka).
//
// Everything that senmeteo writes has an explicit partition: FNV-1a of the station id, modulo
// the number of partitions.
package kafka
