package kafka

import (
	"context"
	"errors"
	"slices"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// Admin describes and creates topics, and reads offsets and groups. Its connections are its own: on those of the feed's consumer
// each request would wait for a fetch to end.
type Admin struct {
	cfg      Config
	consumer *ck.Consumer
	api      *ck.AdminClient
}

// NewAdmin connects an Admin of its own. Close ends it.
//
// Below it is a consumer that reads nothing: librdkafka 2.15 keeps its knowledge of groups in consumers only, and follows
// a null pointer when a client without one asks for a group's offsets and its coordinator has moved.
func NewAdmin(cfg Config) (*Admin, error) {
	cfg.connection = newConnection(cfg)
	c, err := newConsumer(cfg, ck.ConfigMap{"group.id": "senmeteo.admin"}) // never joined
	if err != nil {
		return nil, err
	}
	api, err := ck.NewAdminClientFromConsumer(c)
	if err != nil {
		_ = c.Close() // the first error says more
		return nil, cfg.failed("setting up a Kafka admin client", err)
	}
	return &Admin{cfg: cfg, consumer: c, api: api}, nil
}

// Close ends the connections.
func (a *Admin) Close() {
	a.api.Close()
	if err := a.consumer.Close(); err != nil {
		a.cfg.logger().Debug("closing the admin client", "error", err)
	}
}

// Topic describes one topic.
func (a *Admin) Topic(ctx context.Context, name string) (flow.Topic, error) {
	topics, err := a.Topics(ctx, name)
	if err != nil {
		return flow.Topic{}, err
	}
	return topics[name], nil
}

// Topics describes topics by their names; one that does not exist is a failure.
func (a *Admin) Topics(ctx context.Context, names ...string) (map[string]flow.Topic, error) {
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	res, err := a.api.DescribeTopics(ctx, ck.NewTopicCollectionOfTopicNames(names), ck.SetAdminRequestTimeout(a.cfg.timeout()))
	if err != nil {
		return nil, a.cfg.failed("asking for topics", err)
	}
	a.cfg.connection.answered()
	cluster, err := a.api.ClusterID(ctx)
	if err != nil {
		return nil, a.cfg.failed("asking for the cluster", err)
	}
	out := map[string]flow.Topic{}
	for _, d := range res.TopicDescriptions {
		if d.Error.Code() != ck.ErrNoError {
			return nil, a.cfg.failed("looking for topic "+d.Name, d.Error)
		}
		out[d.Name] = flow.Topic{Name: d.Name, Partitions: len(d.Partitions), ID: d.TopicID.String(), ClusterID: cluster}
	}
	return out, nil
}

// Bounds returns what each partition of a topic holds.
func (a *Admin) Bounds(ctx context.Context, t flow.Topic) (map[int32]flow.Bounds, error) {
	first, err := a.offsets(ctx, t, ck.EarliestOffsetSpec, ck.IsolationLevelReadCommitted)
	if err != nil {
		return nil, err
	}
	end, err := a.offsets(ctx, t, ck.LatestOffsetSpec, ck.IsolationLevelReadCommitted)
	if err != nil {
		return nil, err
	}
	high, err := a.offsets(ctx, t, ck.LatestOffsetSpec, ck.IsolationLevelReadUncommitted)
	if err != nil {
		return nil, err
	}
	out := make(map[int32]flow.Bounds, len(first))
	for p := range first {
		out[p] = flow.Bounds{First: first[p], End: end[p], High: max(high[p], end[p])}
	}
	return out, nil
}

// since returns for one partition the offset of the first record that arrived at t or later; its end when there is none.
func (a *Admin) since(ctx context.Context, topic flow.Topic, partition int32, t time.Time) (int64, error) {
	one := flow.Topic{Name: topic.Name}
	res, err := a.list(ctx, one, []int32{partition}, ck.NewOffsetSpecForTimestamp(t.UnixMilli()), ck.IsolationLevelReadCommitted)
	if err != nil {
		return 0, err
	}
	return res[partition], nil
}

// end is where a partition ends, open and aborted transactions included.
func (a *Admin) end(ctx context.Context, t flow.Topic, partition int32) (int64, error) {
	ends, err := a.list(ctx, t, []int32{partition}, ck.LatestOffsetSpec, ck.IsolationLevelReadUncommitted)
	return ends[partition], err
}

func (a *Admin) offsets(ctx context.Context, t flow.Topic, spec ck.OffsetSpec, level ck.IsolationLevel) (flow.Offsets, error) {
	all := make([]int32, t.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	return a.list(ctx, t, all, spec, level)
}

func (a *Admin) list(ctx context.Context, t flow.Topic, partitions []int32, spec ck.OffsetSpec, level ck.IsolationLevel) (flow.Offsets, error) {
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	ask := map[ck.TopicPartition]ck.OffsetSpec{}
	for _, p := range partitions {
		ask[ck.TopicPartition{Topic: &t.Name, Partition: p}] = spec
	}
	res, err := a.api.ListOffsets(ctx, ask, ck.SetAdminIsolationLevel(level), ck.SetAdminRequestTimeout(a.cfg.timeout()))
	if err != nil {
		return nil, a.cfg.failed("asking for the offsets of "+t.Name, err)
	}
	out := flow.Offsets{}
	for tp, info := range res.ResultInfos {
		if info.Error.Code() != ck.ErrNoError {
			return nil, a.cfg.failed("asking for the offsets of "+t.Name, info.Error)
		}
		out[tp.Partition] = int64(info.Offset)
	}
	return out, nil
}

// committed is a group's offset of one partition, with the text beside it.
type committed struct {
	next     int64
	metadata string
}

// committedOffsets returns a group's offsets of these partitions of topics, of all when none are named. Stable means: not
// before transactions that touch them have ended.
func (a *Admin) committedOffsets(ctx context.Context, group string, topics []flow.Topic, stable bool, partitions ...int32) (map[string]map[int32]committed, error) {
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	ask := ck.ConsumerGroupTopicPartitions{Group: group}
	out := map[string]map[int32]committed{}
	for i := range topics {
		out[topics[i].Name] = map[int32]committed{}
		for p := range int32(topics[i].Partitions) {
			if len(partitions) == 0 || slices.Contains(partitions, p) {
				ask.Partitions = append(ask.Partitions, ck.TopicPartition{Topic: &topics[i].Name, Partition: p})
			}
		}
	}
	res, err := a.groupOffsets(ctx, ask, stable)
	if err != nil {
		return nil, a.cfg.failed("asking for the offsets of group "+group, err)
	}
	for _, g := range res.ConsumerGroupsTopicPartitions {
		for _, tp := range g.Partitions {
			if tp.Offset < 0 {
				continue
			}
			c := committed{next: int64(tp.Offset)}
			if tp.Metadata != nil {
				c.metadata = *tp.Metadata
			}
			out[*tp.Topic][tp.Partition] = c
		}
	}
	return out, nil
}

// alterGroupOffsets commits offsets of a group that has no members.
func (a *Admin) alterGroupOffsets(ctx context.Context, ask ck.ConsumerGroupTopicPartitions) error {
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	for {
		res, err := a.api.AlterConsumerGroupOffsets(ctx, []ck.ConsumerGroupTopicPartitions{ask}, ck.SetAdminRequestTimeout(a.cfg.timeout()))
		if err == nil {
			err = firstError(res.ConsumerGroupsTopicPartitions)
		}
		if err == nil {
			return nil
		}
		var ke ck.Error
		loading := errors.As(err, &ke) && (ke.Code() == ck.ErrNotCoordinator || ke.Code() == ck.ErrCoordinatorNotAvailable || ke.Code() == ck.ErrCoordinatorLoadInProgress)
		if !loading || retry.Sleep(ctx, 100*time.Millisecond) != nil {
			return a.cfg.failed("committing the offsets of group "+ask.Group, err)
		}
	}
}

// groupOffsets asks until a group's coordinator is found and has loaded, for which a cluster that has just started looks a
// while, and, when asked for stable offsets, until none waits for the end of a transaction: Kafka ends one after it has said so.
func (a *Admin) groupOffsets(ctx context.Context, ask ck.ConsumerGroupTopicPartitions, stable bool) (ck.ListConsumerGroupOffsetsResult, error) {
	for {
		res, err := a.api.ListConsumerGroupOffsets(ctx, []ck.ConsumerGroupTopicPartitions{ask},
			ck.SetAdminRequireStableOffsets(stable), ck.SetAdminRequestTimeout(a.cfg.timeout()))
		if err == nil {
			err = firstError(res.ConsumerGroupsTopicPartitions)
		}
		wait := 100 * time.Millisecond
		var ke ck.Error
		if !errors.As(err, &ke) {
			return res, err
		}
		switch ke.Code() {
		case ck.ErrNotCoordinator, ck.ErrCoordinatorNotAvailable, ck.ErrCoordinatorLoadInProgress:
		case ck.ErrUnstableOffsetCommit:
			wait = 5 * time.Millisecond
		case ck.ErrGroupIDNotFound: // some brokers say so of a group that has no offsets yet
			return ck.ListConsumerGroupOffsetsResult{}, nil
		default:
			return res, err
		}
		if retry.Sleep(ctx, wait) != nil {
			return res, err
		}
	}
}

// firstError is the error of the first partition that has one.
func firstError(groups []ck.ConsumerGroupTopicPartitions) error {
	for _, g := range groups {
		for _, tp := range g.Partitions {
			if tp.Error != nil {
				return tp.Error
			}
		}
	}
	return nil
}
