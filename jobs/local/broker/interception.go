package broker

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// interceptionsKept is how many requests of a kind one control function sees
// before it is replaced. kfake keeps the last request of each connection, also
// of closed ones, for as long as a control function lives.
const interceptionsKept = 1024

// intercept looks at requests before kfake handles them: it keeps the commit
// guard, stops service after a failure, answers for groups that kfake does not
// know, keeps retention in our hands, and lets no answer to a reader be cut
// short by its size.
func (b *Broker) intercept() {
	for _, key := range append(guardedRequests(), kmsg.OffsetFetch, kmsg.CreateTopics, kmsg.Fetch) {
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
	switch req := req.(type) {
	case *kmsg.OffsetFetchRequest:
		relaxStability(req, b.guard.hasStaged)
		return answerOffsetFetch(req, func(group string) bool { return b.cluster.GroupInfo(group) != nil }), nil
	case *kmsg.FetchRequest:
		limitByPartition(req)
	case *kmsg.CreateTopicsRequest:
		for i := range req.Topics {
			req.Topics[i].Configs = slices.DeleteFunc(req.Topics[i].Configs, func(c kmsg.CreateTopicsRequestTopicConfig) bool {
				return isRetentionConfig(c.Name)
			})
		}
	}
	return nil, nil
}

// limitByPartition leaves a reader's limit for each partition, and takes away
// the one for all of them. kfake breaks off where the latter is reached, before
// it names the aborted transactions of the partition that it was at; the reader
// would take their records for committed. An answer may now be as large as the
// limits of its partitions together, and one batch more.
func limitByPartition(req *kmsg.FetchRequest) { req.MaxBytes = math.MaxInt32 }

// isRetentionConfig reports whether a topic's setting could empty a partition
// (kfake would then start again at offset 0) or rewrite its records. The broker
// drops such settings: its own retention holds for all topics.
func isRetentionConfig(name string) bool {
	switch name {
	case "cleanup.policy", "retention.ms", "retention.bytes", "segment.bytes":
		return true
	}
	return false
}

// brokerLogger passes kfake's log on, and treats a failed write that it
// mentions as the failure of the broker: kfake itself only logs it.
type brokerLogger struct{ b *Broker }

// Logf implements kfake.Logger.
func (l brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if level <= kfake.LogLevelWarn && isWriteFailure(format) {
		l.b.fail(fmt.Errorf("writing broker data: %s", message))
		return
	}
	to := slog.LevelDebug
	switch level {
	case kfake.LogLevelError:
		to = slog.LevelError
	case kfake.LogLevelWarn:
		to = slog.LevelWarn
	}
	l.b.log.Log(context.Background(), to, "kfake: "+message)
}

// isWriteFailure reports whether a message of kfake is about a write that did
// not succeed.
func isWriteFailure(format string) bool {
	for _, prefix := range []string{"persist ", "endTx: failed to persist", "compact groups.log", "compact pids.log", "rebuildSegments"} {
		if strings.HasPrefix(format, prefix) {
			return true
		}
	}
	return false
}
