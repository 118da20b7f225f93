package kafka

import (
	"context"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// The setting by which the brokers store every batch of a topic with one codec: a batch that comes with another they decompress, compress
// again, and compare the result with max.message.bytes. A reader decompresses an answer whole, in memory and before it can check anything,
// and a megabyte of gzip, lz4 or zstd may become hundreds. Of snappy it becomes 21 at the most: three bytes of its format stand for 64 at
// the most.
const (
	compressionType = "compression.type"
	storedCodec     = "snappy"
)

// bounded reports whether a topic with this setting gives its readers no more than so many times what max.message.bytes says.
func bounded(codec string) bool { return codec == storedCodec || codec == "uncompressed" }

// setCodec gives the topics the codec and returns, by topic, what it changed.
func (a *Admin) setCodec(ctx context.Context, topics []string) (changed map[string]string, err error) {
	found, err := a.compression(ctx, topics)
	if err != nil {
		return nil, err
	}
	changed = map[string]string{}
	var change []string
	for topic, value := range found {
		if value != storedCodec {
			changed[topic] = compressionType + " from " + value + " to " + storedCodec
			change = append(change, topic)
		}
	}
	if len(change) == 0 {
		return nil, nil
	}
	return changed, a.setCompression(ctx, change, storedCodec)
}

// setCompression gives the topics this setting and returns when it is in force.
func (a *Admin) setCompression(ctx context.Context, topics []string, value string) error {
	var change []ck.ConfigResource
	for _, topic := range topics {
		change = append(change, ck.ConfigResource{Type: ck.ResourceTopic, Name: topic, Config: []ck.ConfigEntry{
			{Name: compressionType, Value: value, IncrementalOperation: ck.AlterConfigOpTypeSet},
		}})
	}
	limited, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	results, err := a.api.IncrementalAlterConfigs(limited, change, ck.SetAdminRequestTimeout(a.cfg.timeout()))
	if err != nil {
		return a.cfg.failed("changing the settings of topics", err)
	}
	for _, r := range results {
		if r.Error.Code() != ck.ErrNoError {
			return flow.Fail(flow.Unavailable, "setting %s=%s of topic %s: %s: it needs the right AlterConfigs; or set it by Kafka's own tools", compressionType, value, r.Name, reason(r.Error))
		}
	}
	return a.awaitCompression(ctx, topics, value)
}

// settledAfter is in how many answers in a row a setting must be seen before it counts as in force: a broker shows it a moment
// before its logs use it, and where there are several brokers they learn of it one after another.
const settledAfter = 3

// awaitCompression waits until the brokers show this setting of the topics. They accept a change before it is in force.
func (a *Admin) awaitCompression(ctx context.Context, topics []string, value string) error {
	deadline := time.Now().Add(a.cfg.timeout())
	for seen := 0; ; {
		found, err := a.compression(ctx, topics)
		if err != nil {
			return err
		}
		seen++
		late := ""
		for topic, now := range found {
			if now != value {
				seen, late = 0, topic
			}
		}
		switch {
		case seen == settledAfter:
			return nil
		case late != "" && time.Now().After(deadline):
			return flow.Fail(flow.Unavailable, "setting %s=%s of topic %s: the brokers accepted it %s ago and still show %q: run `senmeteo topics` again", compressionType, value, late, a.cfg.timeout(), found[late])
		}
		if err := retry.Sleep(ctx, 50*time.Millisecond); err != nil {
			return a.cfg.failed("waiting for the settings of topics", err)
		}
	}
}

// compression returns the setting of each of the topics.
func (a *Admin) compression(ctx context.Context, topics []string) (map[string]string, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	var ask []ck.ConfigResource
	for _, topic := range topics {
		ask = append(ask, ck.ConfigResource{Type: ck.ResourceTopic, Name: topic})
	}
	ctx, cancel := a.cfg.connection.bounded(ctx, a.cfg.timeout())
	defer cancel()
	results, err := a.api.DescribeConfigs(ctx, ask, ck.SetAdminRequestTimeout(a.cfg.timeout()))
	if err != nil {
		return nil, a.cfg.failed("asking for the settings of topics", err)
	}
	out := map[string]string{}
	for _, r := range results {
		if r.Error.Code() != ck.ErrNoError {
			return nil, flow.Fail(flow.Unavailable, "asking for the settings of topic %s: %s: it needs the right DescribeConfigs", r.Name, reason(r.Error))
		}
		out[r.Name] = r.Config[compressionType].Value
	}
	return out, nil
}

// warnOfCompression logs a warning when a topic stores batches by whatever codec their producers choose. Without the right to read its settings
// it logs none.
func (a *Admin) warnOfCompression(ctx context.Context, topic string) {
	found, err := a.compression(ctx, []string{topic})
	log := a.cfg.logger()
	switch {
	case err != nil:
		log.Debug("it is unknown how the topic stores compressed batches", "topic", topic, "error", err)
	case !bounded(found[topic]):
		log.Warn("the topic stores batches of any compression, and a malicious one can use up all memory: run `senmeteo topics`, which changes that",
			"topic", topic, compressionType, found[topic])
	}
}
