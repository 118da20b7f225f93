package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/kafka"
)

// streamJob is `stream`: all of the raw topic into an empty clean topic.
func streamJob() job {
	return job{name: "stream", needs: []string{needsKafka}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		readings, err := r.raw(ctx)
		if err != nil {
			return 0, nil, err
		}
		copied := kafka.Names{Prefix: r.Prefix + "copy"}
		all := append(r.builds(r.unstreamed, "stream"),
			r.limit(r.emptyTopics(copied), "stream", "-brokers", r.Servers.Brokers, "-from", r.names.Raw(), "-to", copied.Clean()))
		return readings, append(all, r.streamPeer(false)...), nil
	}}
}

// unstreamed undoes what `stream` did.
func (r *runner) unstreamed(ctx context.Context) error {
	if err := r.Servers.dropGroup(ctx, r.names.Group("stream")); err != nil {
		return err
	}
	if err := r.Servers.dropTopics(ctx, r.names.Clean(), r.names.DLQ()); err != nil {
		return err
	}
	return r.topics(ctx, r.names)
}

// emptyTopics recreates the topics of a prefix.
func (r *runner) emptyTopics(names kafka.Names) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := r.Servers.dropTopics(ctx, names.Topics()...); err != nil {
			return err
		}
		return r.topics(ctx, names)
	}
}

// streamLimit copies a topic in transactions of 50,000 records, with the offsets in them.
func streamLimit(ctx context.Context, args []string) (records int64, err error) {
	const size = 50_000
	var s Servers
	var from, to string
	flags := flag.NewFlagSet("stream", flag.ContinueOnError)
	flags.StringVar(&s.Brokers, "brokers", "", "")
	flags.StringVar(&from, "from", "", "topic to read")
	flags.StringVar(&to, "to", "", "topic to write")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	p, err := s.producer(ctx, to, to)
	if err != nil {
		return 0, err
	}
	defer p.Close()
	group, err := ck.NewTestConsumerGroupMetadata(to)
	if err != nil {
		return 0, err
	}
	if err := p.InitTransactions(ctx); err != nil {
		return 0, fmt.Errorf("opening the transactional id: %w", err)
	}
	next := map[int32]ck.Offset{}
	commit := func() error {
		var offsets []ck.TopicPartition
		for partition, offset := range next {
			offsets = append(offsets, ck.TopicPartition{Topic: &from, Partition: partition, Offset: offset})
		}
		return errors.Join(drained(ctx, p), p.SendOffsetsToTransaction(ctx, offsets, group), p.CommitTransaction(ctx))
	}
	if err := p.BeginTransaction(); err != nil {
		return 0, err
	}
	err = s.consume(ctx, from, func(m *ck.Message) error {
		if records > 0 && records%size == 0 {
			if err := errors.Join(commit(), p.BeginTransaction()); err != nil {
				return err
			}
		}
		records++
		next[m.TopicPartition.Partition] = m.TopicPartition.Offset + 1
		return put(ctx, p, &ck.Message{TopicPartition: ck.TopicPartition{Topic: &to, Partition: m.TopicPartition.Partition}, Key: m.Key, Value: m.Value, Headers: m.Headers})
	})
	return records, errors.Join(err, commit())
}

// idleJob is `stream` when nothing is new: what a run costs whatever it does.
func idleJob() job {
	return job{name: "nothing-to-do", needs: []string{needsKafka}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		if _, err := r.clean(ctx); err != nil {
			return 0, nil, err
		}
		all := append(r.builds(nil, "stream"), r.limit(nil, "idle", "-brokers", r.Servers.Brokers, "-topic", r.names.Raw(), "-group", r.names.Group("stream")))
		for _, peer := range r.streamPeer(false) { // leaves the checkpoint
			if err := peer.ready(ctx); err != nil {
				return 0, nil, err
			}
			if _, _, err := r.run(peer.command(ctx)); err != nil {
				return 0, nil, err
			}
		}
		return 0, append(all, r.streamPeer(true)...), nil
	}}
}

// idleLimit connects, and compares what a group has committed with the ends of a topic.
func idleLimit(ctx context.Context, args []string) (int64, error) {
	var s Servers
	var topic, group string
	flags := flag.NewFlagSet("idle", flag.ContinueOnError)
	flags.StringVar(&s.Brokers, "brokers", "", "")
	flags.StringVar(&topic, "topic", "", "")
	flags.StringVar(&group, "group", "", "")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	const patience = 10 * time.Second
	err := s.withAdmin(func(admin *ck.AdminClient) error {
		metadata, err := admin.GetMetadata(&topic, false, int(patience.Milliseconds()))
		if err != nil {
			return err
		}
		partitions := offsetsOf(topic, metadata.Topics[topic].Partitions)
		committed, err := admin.ListConsumerGroupOffsets(ctx, []ck.ConsumerGroupTopicPartitions{{Group: group, Partitions: partitions}})
		if err != nil {
			return err
		}
		ask := map[ck.TopicPartition]ck.OffsetSpec{}
		for _, p := range partitions {
			ask[ck.TopicPartition{Topic: p.Topic, Partition: p.Partition}] = ck.LatestOffsetSpec
		}
		ends, err := admin.ListOffsets(ctx, ask, ck.SetAdminIsolationLevel(ck.IsolationLevelReadCommitted))
		if err != nil {
			return err
		}
		for _, p := range committed.ConsumerGroupsTopicPartitions[0].Partitions {
			if end := ends.ResultInfos[ck.TopicPartition{Topic: p.Topic, Partition: p.Partition}].Offset; end > 0 && p.Offset < 0 {
				return fmt.Errorf("partition %d was not read to its end, %d", p.Partition, end)
			}
		}
		return nil
	})
	return 0, err
}
