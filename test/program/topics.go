package program

import (
	"context"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The tests speak to Kafka by another client than the program's.

// Client connects to the brokers for the time of the test.
func (p Pipeline) Client(t testing.TB, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(p.Brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatalf("making a Kafka client: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// Produce writes records to the raw topic as another producer would, each where it says.
func (p Pipeline) Produce(t testing.TB, records ...*kgo.Record) {
	t.Helper()
	for _, r := range records {
		r.Topic = p.Prefix + ".raw"
	}
	if err := p.Client(t, kgo.ProducerBatchMaxBytes(2<<20)).ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatalf("writing to Kafka: %v", err)
	}
}

// Records returns the committed records of a topic (raw, clean or dlq), each partition's in their order.
func (p Pipeline) Records(t testing.TB, topic string) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	topic = p.Prefix + "." + topic
	// Control records tell where a partition ends whose last record is a transaction's marker.
	c := p.Client(t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ends := endsOf(ctx, t, c, topic)
	var out []*kgo.Record
	for len(ends) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("reading %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				out = append(out, r)
			}
			if r.Offset+1 >= ends[r.Partition] {
				delete(ends, r.Partition)
			}
		})
	}
	return out
}

// AwaitRecords waits until a topic holds at least n committed records.
func (p Pipeline) AwaitRecords(t testing.TB, topic string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Longest)
	defer cancel()
	c := p.Client(t, kgo.ConsumeTopics(p.Prefix+"."+topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	for seen := 0; seen < n; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("waiting for %d records in %s.%s; there are %d: %v", n, p.Prefix, topic, seen, err)
		}
		seen += fetches.NumRecords()
	}
}

// endsOf returns the end of each partition that holds something. A broker that is short of time may be without a leader for a
// moment: then it asks again.
func endsOf(ctx context.Context, t testing.TB, c *kgo.Client, topic string) map[int32]int64 {
	t.Helper()
	for {
		ends, err := askForEnds(ctx, c, topic)
		if err == nil {
			return ends
		}
		if !kerr.IsRetriable(err) || ctx.Err() != nil {
			t.Fatalf("asking for the ends of %s: %v", topic, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func askForEnds(ctx context.Context, c *kgo.Client, topic string) (map[int32]int64, error) {
	request := kmsg.NewPtrMetadataRequest()
	named := kmsg.NewMetadataRequestTopic()
	named.Topic = &topic
	request.Topics = append(request.Topics, named)
	metadata, err := request.RequestWith(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := kerr.ErrorForCode(metadata.Topics[0].ErrorCode); err != nil {
		return nil, err
	}
	list := kmsg.NewPtrListOffsetsRequest()
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = topic
	for _, p := range metadata.Topics[0].Partitions {
		one := kmsg.NewListOffsetsRequestTopicPartition()
		one.Partition, one.Timestamp = p.Partition, -1 // the end
		asked.Partitions = append(asked.Partitions, one)
	}
	list.Topics = append(list.Topics, asked)
	answer, err := list.RequestWith(ctx, c)
	if err != nil {
		return nil, err
	}
	ends := map[int32]int64{}
	for _, p := range answer.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			return nil, err
		}
		if p.Offset > 0 {
			ends[p.Partition] = p.Offset
		}
	}
	return ends, nil
}

// AllowCompression sets a topic (raw, clean or dlq) as other programs create it: its brokers keep batches as producers compress them.
// It returns when the setting is in force.
func (p Pipeline) AllowCompression(t testing.TB, topic string) {
	t.Helper()
	value := "producer"
	setting := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	setting.Name, setting.Value = "compression.type", &value
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, p.Prefix+"."+topic
	resource.Configs = append(resource.Configs, setting)
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	c := p.Client(t)
	answer, err := request.RequestWith(t.Context(), c)
	if err == nil {
		err = kerr.ErrorForCode(answer.Resources[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("changing the settings of %s: %v", resource.ResourceName, err)
	}
	seen := 0 // in a row: a broker shows a setting a moment before its logs use it
	Until(t, func() bool {
		if topicSetting(t, c, resource.ResourceName, setting.Name) == value {
			seen++
		} else {
			seen = 0
		}
		return seen == 3
	})
}

// topicSetting returns a setting of a topic as its broker shows it.
func topicSetting(t testing.TB, c *kgo.Client, topic, name string) string {
	t.Helper()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName, resource.ConfigNames = kmsg.ConfigResourceTypeTopic, topic, []string{name}
	request := kmsg.NewPtrDescribeConfigsRequest()
	request.Resources = append(request.Resources, resource)
	answer, err := request.RequestWith(t.Context(), c)
	if err == nil {
		err = kerr.ErrorForCode(answer.Resources[0].ErrorCode)
	}
	if err != nil || len(answer.Resources[0].Configs) != 1 || answer.Resources[0].Configs[0].Value == nil {
		t.Fatalf("asking for %s of %s: %v", name, topic, err)
	}
	return *answer.Resources[0].Configs[0].Value
}

// Header returns the value of a record's header.
func Header(r *kgo.Record, key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// TopicID is the id of a topic (raw, clean or dlq) as it is now, as Kafka's own tools would print it but for two letters of its alphabet.
func (p Pipeline) TopicID(t testing.TB, topic string) string {
	t.Helper()
	topic = p.Prefix + "." + topic
	request := kmsg.NewPtrMetadataRequest()
	named := kmsg.NewMetadataRequestTopic()
	named.Topic = &topic
	request.Topics = append(request.Topics, named)
	metadata, err := request.RequestWith(t.Context(), p.Client(t))
	if err != nil {
		t.Fatalf("asking for %s: %v", topic, err)
	}
	id := metadata.Topics[0].TopicID
	return base64.RawStdEncoding.EncodeToString(id[:])
}

// DeleteTopic deletes a topic (raw, clean or dlq) and waits until the brokers have forgotten it.
func (p Pipeline) DeleteTopic(t testing.TB, topic string) {
	t.Helper()
	topic = p.Prefix + "." + topic
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.TopicNames = []string{topic}
	named := kmsg.NewDeleteTopicsRequestTopic()
	named.Topic = &topic
	request.Topics = append(request.Topics, named)
	request.TimeoutMillis = 10_000
	c := p.Client(t)
	answer, err := request.RequestWith(t.Context(), c)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("deleting %s: %v", topic, err)
	}
	Until(t, func() bool {
		metadata, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), c)
		if err != nil {
			t.Fatalf("listing the topics: %v", err)
		}
		return !slices.ContainsFunc(metadata.Topics, func(m kmsg.MetadataResponseTopic) bool { return *m.Topic == topic })
	})
}

// DeleteRecords removes the records of a partition of a topic (raw, clean or dlq) before an offset, as retention does.
func (p Pipeline) DeleteRecords(t testing.TB, topic string, partition int32, before int64) {
	t.Helper()
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis = 10_000
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Partition, part.Offset = partition, before
	request.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: p.Prefix + "." + topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part}}}
	answer, err := request.RequestWith(t.Context(), p.Client(t))
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("deleting records of %s: %v", topic, err)
	}
}
