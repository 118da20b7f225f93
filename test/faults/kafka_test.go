package faults_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/servers"
)

// deleteRecords removes the records of a partition before an offset, as retention does.
func (s *scenario) deleteRecords(t testing.TB, topic string, partition int32, before int64) {
	t.Helper()
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis = 10_000
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, before
	request.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: s.Prefix + "." + topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{p}}}
	if _, err := request.RequestWith(t.Context(), s.Client(t)); err != nil {
		t.Fatalf("deleting records of %s: %v", topic, err)
	}
}

// ownKafka starts a Kafka that the test may break.
func ownKafka(t testing.TB) *servers.Kafka {
	t.Helper()
	set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{servers.NameKafka}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	return set.Kafka
}
