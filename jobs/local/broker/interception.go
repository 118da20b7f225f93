package broker

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// interceptionsKept is how many requests of a kind one control function sees
// before it is replaced. kfake remembers the last request of each connection,
// also of closed ones, for as long as a control function lives.
const interceptionsKept = 1024

// intercept looks at requests before kfake handles them: it keeps the commit
// guard, stops service after a failure, unpacks what producers have compressed,
// answers for groups that kfake does not know, and keeps retention in our hands.
func (b *Broker) intercept() {
	keys := append(guardedRequests(),
		kmsg.OffsetFetch, kmsg.JoinGroup, kmsg.ConsumerGroupHeartbeat,
		kmsg.CreateTopics, kmsg.AlterConfigs, kmsg.IncrementalAlterConfigs, kmsg.DeleteRecords)
	for _, key := range keys {
		b.interceptKey(key.Int16())
	}
}

func (b *Broker) interceptKey(key int16) {
	seen := 0
	b.cluster.ControlKey(key, func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		if seen++; seen == interceptionsKept {
			b.cluster.DropControl()
			b.interceptKey(key)
		}
		resp, err := b.before(req)
		return resp, err, resp != nil || err != nil
	})
}

// before returns a response when kfake is not to handle the request, and an
// error when the connection is to be closed.
func (b *Broker) before(req kmsg.Request) (kmsg.Response, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	if err := b.guard.observe(req); err != nil {
		b.fail(err)
		return nil, err
	}
	b.groups.observe(req)
	switch req := req.(type) {
	case *kmsg.ProduceRequest:
		if err := unpack(req); err != nil {
			return refuseProduce(req, err)
		}
	case *kmsg.OffsetFetchRequest:
		relaxStability(req, b.guard.hasStaged)
		return b.groups.answer(req), nil
	case *kmsg.CreateTopicsRequest:
		for i := range req.Topics {
			req.Topics[i].Configs = slices.DeleteFunc(req.Topics[i].Configs, func(c kmsg.CreateTopicsRequestTopicConfig) bool {
				return isRetentionConfig(c.Name)
			})
		}
	case *kmsg.AlterConfigsRequest:
		for i := range req.Resources {
			req.Resources[i].Configs = slices.DeleteFunc(req.Resources[i].Configs, func(c kmsg.AlterConfigsRequestResourceConfig) bool {
				return isRetentionConfig(c.Name)
			})
		}
	case *kmsg.IncrementalAlterConfigsRequest:
		for i := range req.Resources {
			req.Resources[i].Configs = slices.DeleteFunc(req.Resources[i].Configs, func(c kmsg.IncrementalAlterConfigsRequestResourceConfig) bool {
				return isRetentionConfig(c.Name)
			})
		}
	case *kmsg.DeleteRecordsRequest:
		return refuseDeleteRecords(req), nil
	}
	return nil, nil
}

// isRetentionConfig names the topic settings that could empty a partition
// (kfake would then start again at offset 0) or rewrite its records. The broker
// drops them: its own retention holds for all topics.
func isRetentionConfig(name string) bool {
	switch name {
	case "cleanup.policy", "retention.ms", "retention.bytes", "segment.bytes":
		return true
	}
	return false
}

func refuseDeleteRecords(req *kmsg.DeleteRecordsRequest) *kmsg.DeleteRecordsResponse {
	resp := req.ResponseKind().(*kmsg.DeleteRecordsResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewDeleteRecordsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewDeleteRecordsResponseTopicPartition()
			rp.Partition = p.Partition
			rp.ErrorCode = kerr.PolicyViolation.Code
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

// brokerLogger passes kfake's log on, and takes its word for a failed write as
// the failure of the broker: kfake itself logs it and answers as if all were
// well.
type brokerLogger struct{ b *Broker }

// Logf implements kfake.Logger.
func (l brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if level <= kfake.LogLevelWarn && isWriteFailure(format) {
		l.b.fail(fmt.Errorf("writing broker data: %s", message))
		return
	}
	levels := map[kfake.LogLevel]slog.Level{
		kfake.LogLevelError: slog.LevelError,
		kfake.LogLevelWarn:  slog.LevelWarn,
	}
	to, ok := levels[level]
	if !ok {
		to = slog.LevelDebug
	}
	l.b.log.Log(context.Background(), to, "kfake: "+message)
}

// isWriteFailure knows kfake's messages of a write that did not succeed.
func isWriteFailure(format string) bool {
	for _, prefix := range []string{"persist ", "endTx: failed to persist", "compact groups.log", "compact pids.log", "rebuildSegments"} {
		if strings.HasPrefix(format, prefix) {
			return true
		}
	}
	return false
}
