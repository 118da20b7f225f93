package servers

import (
	"context"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TopicPrefix returns a prefix for topics on the shared Kafka, to be followed by a dot. At the end of the test all
// topics that begin so are deleted.
func TopicPrefix(t testing.TB) string {
	t.Helper()
	brokers, prefix := Brokers(t), Unique(t)
	t.Cleanup(func() { deleteTopics(t, brokers, prefix+".") })
	return prefix
}

func deleteTopics(t testing.TB, brokers, prefix string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers))
	if err != nil {
		t.Errorf("making a Kafka client: %v", err)
		return
	}
	defer client.Close()
	metadata, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client)
	if err != nil {
		t.Errorf("listing the test's topics: %v", err)
		return
	}
	request := kmsg.NewPtrDeleteTopicsRequest()
	for _, topic := range metadata.Topics {
		if topic.Topic != nil && strings.HasPrefix(*topic.Topic, prefix) {
			request.TopicNames = append(request.TopicNames, *topic.Topic)
			named := kmsg.NewDeleteTopicsRequestTopic()
			named.Topic = topic.Topic
			request.Topics = append(request.Topics, named)
		}
	}
	if len(request.TopicNames) == 0 {
		return
	}
	if _, err := request.RequestWith(ctx, client); err != nil {
		t.Errorf("deleting the test's topics: %v", err)
	}
}
