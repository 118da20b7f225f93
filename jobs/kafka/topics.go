package kafka

import (
	"context"
	"strconv"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// MaxRawBytes is the largest value of a raw record.
const MaxRawBytes = letter.MaxValue

// TopicState is what EnsureTopics found of a topic, or did with it.
type TopicState struct {
	Name       string `json:"name"`
	Partitions int    `json:"partitions"`
	Created    bool   `json:"created"`
	Changed    string `json:"changed,omitempty"` // which setting of a topic that existed was changed, and how
}

// EnsureTopics creates the topics that do not exist and refuses those with another number of partitions: the
// partition of a station would move. Time stamps are the broker's: arrival time. All topics store their batches by one codec; one that
// does not is changed, and its state says so. It returns when the new topics answer and the changed settings are in force.
func (a *Admin) EnsureTopics(ctx context.Context, names Names, partitions, replication int) ([]TopicState, error) {
	existing, err := a.existing(ctx, names.Topics())
	if err != nil {
		return nil, err
	}
	var states []TopicState
	var missing []ck.TopicSpecification
	var present []string
	for _, name := range names.Topics() {
		n, ok := existing[name]
		if ok && n != partitions {
			return nil, flow.Fail(flow.Usage, "topic %s has %d partitions, not %d; the number is fixed at creation: for another one take a new --topic-prefix and replay", name, n, partitions)
		}
		states = append(states, TopicState{Name: name, Partitions: partitions, Created: !ok})
		if !ok {
			missing = append(missing, specification(name, names, partitions, replication))
		} else {
			present = append(present, name)
		}
	}
	changed, err := a.setCodec(ctx, present)
	if err != nil {
		return nil, err
	}
	for i := range states {
		states[i].Changed = changed[states[i].Name]
	}
	if len(missing) == 0 {
		return states, nil
	}
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	res, err := a.api.CreateTopics(ctx, missing, ck.SetAdminOperationTimeout(a.cfg.timeout()))
	if err != nil {
		return nil, a.cfg.failed("creating topics", err)
	}
	for _, r := range res {
		switch r.Error.Code() {
		case ck.ErrNoError, ck.ErrTopicAlreadyExists:
		default:
			return nil, flow.Fail(flow.Unavailable, "creating topic %s: %s", r.Topic, r.Error.String())
		}
	}
	return states, a.awaitTopics(ctx, names)
}

// existing returns the number of partitions of those of the topics that exist.
func (a *Admin) existing(ctx context.Context, names []string) (map[string]int, error) {
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	res, err := a.api.DescribeTopics(ctx, ck.NewTopicCollectionOfTopicNames(names), ck.SetAdminRequestTimeout(a.cfg.timeout()))
	if err != nil {
		return nil, a.cfg.failed("asking for topics", err)
	}
	a.cfg.connection.answered()
	out := map[string]int{}
	for _, d := range res.TopicDescriptions {
		switch d.Error.Code() {
		case ck.ErrNoError:
			out[d.Name] = len(d.Partitions)
		case ck.ErrUnknownTopicOrPart, ck.ErrUnknownTopic:
		default:
			return nil, a.cfg.failed("looking for topic "+d.Name, d.Error)
		}
	}
	return out, nil
}

// awaitTopics waits until every partition of new topics has a leader that answers.
func (a *Admin) awaitTopics(ctx context.Context, names Names) error {
	for {
		err := a.answer(ctx, names)
		if err == nil {
			return nil
		}
		if retry.Sleep(ctx, 50*time.Millisecond) != nil {
			return flow.Fail(flow.Unavailable, "waiting for the new topics: %w", err)
		}
	}
}

// answer asks every partition of the topics for its offsets.
func (a *Admin) answer(ctx context.Context, names Names) error {
	topics, err := a.Topics(ctx, names.Topics()...)
	for _, t := range topics {
		if err == nil {
			_, err = a.Bounds(ctx, t)
		}
	}
	return err
}

func specification(name string, names Names, partitions, replication int) ck.TopicSpecification {
	config := map[string]string{
		"message.timestamp.type": "LogAppendTime",
		"cleanup.policy":         "delete",
		compressionType:          storedCodec,
		"max.message.bytes":      strconv.Itoa(MaxRawBytes + 4096),
		"retention.ms":           strconv.FormatInt(7*24*3600*1000, 10), // longer than the de-duplication window of `stream`
	}
	if name == names.DLQ() {
		config["max.message.bytes"] = strconv.Itoa(letter.MaxBytes)
	}
	if name != names.Raw() {
		config["retention.ms"] = strconv.FormatInt(30*24*3600*1000, 10) // dead letters wait for people, stores for repair
	}
	return ck.TopicSpecification{Topic: name, NumPartitions: partitions, ReplicationFactor: replication, Config: config}
}
