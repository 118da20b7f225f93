package kafka

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
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
	p := &transactionalProducer{}
	ctx, cancel := context.WithCancel(t.Context())
	entered, release := make(chan struct{}), make(chan struct{})
	go func() { <-entered; cancel() }()
	err := p.call(ctx, func(context.Context) error { close(entered); <-release; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the call returned %v", err)
	}
	close(release)
	p.calls.Wait() // close waits so, in the background
}

func TestAPrefixCanNameNothingButTopics(t *testing.T) {
	for _, prefix := range []string{"", ".", "..", "../up", "a/b", `a\b`, "a b", "a*", "a,b", `a"b`, "a'b", "a;b", "-a", "_a", "a\nb", "é", strings.Repeat("a", 101)} {
		if (Names{Prefix: prefix}).Check() == nil {
			t.Errorf("%q is taken for a prefix", prefix)
		}
	}
}
