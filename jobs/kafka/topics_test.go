package kafka

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/twmb/franz-go/pkg/kerr"

	"senmeteo/jobs/flow"
	"senmeteo/test/bombs"
)

func TestTopicsAreMadeOnceAndKeepTheirNumberOfPartitions(t *testing.T) {
	c := newCluster(t)
	states, err := c.admin.EnsureTopics(c.ctx(), c.names, testPartitions, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.Created || s.Partitions != testPartitions {
			t.Errorf("the second time says %+v", s)
		}
	}
	_, err = c.admin.EnsureTopics(c.ctx(), c.names, testPartitions+1, 1)
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "has 4 partitions, not 5") {
		t.Errorf("another number of partitions gives %v", err)
	}
}

// allowCompression makes a topic as one that others have made.
func (c *cluster) allowCompression(topic string) {
	c.Helper()
	results, err := c.admin.api.IncrementalAlterConfigs(c.ctx(), []ck.ConfigResource{{Type: ck.ResourceTopic, Name: topic, Config: []ck.ConfigEntry{
		{Name: compressionType, Value: "producer", IncrementalOperation: ck.AlterConfigOpTypeSet},
	}}})
	if err != nil || results[0].Error.Code() != ck.ErrNoError {
		c.Fatal(err, results)
	}
}

func TestTopicsOfOthersAreChangedSoThatTheyTakeNoCompressedBatches(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	bomb := bombs.Batch(t, "gzip", 1, 4<<20)
	send := func() error { return bombs.Send(c.ctx(), c.cfg.Brokers, c.names.Raw(), 0, bomb) }
	if err := send(); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("a new topic says %v to %d bytes that unpack to 4 MB", err, len(bomb))
	}
	c.allowCompression(c.names.Raw())
	c.allowCompression(c.names.DLQ())
	if err := send(); err != nil {
		t.Errorf("a topic that takes compressed batches says %v", err)
	}
	want := []string{"compression.type from producer to uncompressed", "", "compression.type from producer to uncompressed"}
	for range 2 {
		states, err := c.admin.EnsureTopics(c.ctx(), c.names, testPartitions, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range states {
			if s.Changed != want[i] || s.Created {
				t.Errorf("it says %+v, want the change %q", s, want[i])
			}
		}
		if err := send(); !errors.Is(err, kerr.MessageTooLarge) {
			t.Errorf("a topic that was changed says %v", err)
		}
		want = []string{"", "", ""}
	}
}

func TestATopicThatTakesCompressedBatchesIsWarnedOf(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := c.cfg
	for _, allowed := range []bool{false, true} {
		var said bytes.Buffer
		cfg.Logger = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
		if allowed {
			c.allowCompression(c.names.Raw())
		}
		f, err := NewFeed(c.ctx(), cfg, c.names.Raw(), "warned", false)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(said.String(), "senmeteo topics") != allowed {
			t.Errorf("with compressed batches allowed: %v, it says %q", allowed, said.String())
		}
	}
}

func TestATopicThatDoesNotExistIsTheUsersAffair(t *testing.T) {
	c := newCluster(t)
	_, err := NewFeed(c.ctx(), c.cfg, "nowhere.raw", "nowhere", false)
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "senmeteo topics") {
		t.Errorf("opening a topic that does not exist: %v", err)
	}
}

func TestBrokersThatAreDownAreToldInOneClearErrorWithinSeconds(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	for name, broker := range map[string]string{"nobody listens": "127.0.0.1:1", "somebody listens and says nothing": mute.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := NewFeed(t.Context(), Config{Brokers: broker}, "meteo.raw", "meteo.stream", false)
			if took := time.Since(began); took > 13*time.Second {
				t.Errorf("it took %v", took)
			}
			if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), broker+" does not answer") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestACallOfLibrdkafkaThatHangsHoldsNobodyUp(t *testing.T) {
	tr, ctx := &transactor{}, t.Context()
	ctx, cancel := context.WithCancel(ctx)
	entered, release := make(chan struct{}), make(chan struct{})
	go func() { <-entered; cancel() }()
	err := tr.call(ctx, func(context.Context) error { close(entered); <-release; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the call returned %v", err)
	}
	close(release)
	tr.calls.Wait() // close waits so, in the background
}

func TestAPrefixCanNameNothingButTopics(t *testing.T) {
	for _, prefix := range []string{"", ".", "..", "../up", "a/b", `a\b`, "a b", "a*", "a,b", `a"b`, "a'b", "a;b", "-a", "_a", "a\nb", "é", strings.Repeat("a", 101)} {
		if (Names{Prefix: prefix}).Check() == nil {
			t.Errorf("%q is taken for a prefix", prefix)
		}
	}
}
