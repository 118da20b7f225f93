package kafka

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/jobs/flow"
	"senmeteo/test/bombs"
)

// allowCompression sets a topic as other programs create it.
func (c *cluster) allowCompression(topic string) {
	c.Helper()
	if err := c.admin.setCompression(c.ctx(), []string{topic}, "producer"); err != nil {
		c.Fatal(err)
	}
}

func TestTopicsOfOthersAreChangedSoThatTheirBatchesCanNotUnpackToFarMoreThanTheyTake(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	bomb := bombs.Batch(t, "gzip", 1, 24<<20)
	send := func() error { return bombs.Send(c.ctx(), c.cfg.Brokers, c.names.Raw(), 0, bomb) }
	if err := send(); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("a new topic says %v to %d bytes that unpack to 24 MB", err, len(bomb))
	}
	c.allowCompression(c.names.Raw())
	c.allowCompression(c.names.DLQ())
	if err := send(); err != nil {
		t.Errorf("a topic that takes batches as they come says %v", err)
	}
	want := []string{"compression.type from producer to snappy", "", "compression.type from producer to snappy"}
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

func TestATopicThatStoresBatchesOfAnyCompressionIsWarnedOf(t *testing.T) {
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

// A real broker applies a change a moment after it has accepted it, seldom late enough to be seen: a scripted one is late for sure.
func TestTopicsEndsOnlyWhenAChangedSettingIsInForce(t *testing.T) {
	for _, test := range []struct {
		name    string
		late    int32 // in how many answers after the change the old setting is still shown
		timeout time.Duration
		fails   bool
	}{
		{"at once", 0, 0, false},
		{"after a while", 5, 0, false},
		{"never", 1 << 30, 300 * time.Millisecond, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			names := Names{Prefix: "meteo"}
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, names.Topics()...))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cluster.Close)
			var accepted, asked atomic.Int32
			cluster.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(kmsg.Request) (kmsg.Response, error, bool) {
				accepted.Add(1)
				return nil, nil, false
			})
			cluster.ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				value := "producer"
				if accepted.Load() > 0 && asked.Add(1) > test.late {
					value = storedCodec
				}
				resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
				for _, r := range req.(*kmsg.DescribeConfigsRequest).Resources {
					setting := kmsg.NewDescribeConfigsResponseResourceConfig()
					setting.Name, setting.Value = compressionType, &value
					resource := kmsg.NewDescribeConfigsResponseResource()
					resource.ResourceType, resource.ResourceName = r.ResourceType, r.ResourceName
					resource.Configs = append(resource.Configs, setting)
					resp.Resources = append(resp.Resources, resource)
				}
				return resp, nil, true
			})
			admin, err := NewAdmin(Config{Brokers: cluster.ListenAddrs()[0], Timeout: test.timeout})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(admin.Close)
			_, err = admin.EnsureTopics(t.Context(), names, 3, 1)
			if test.fails {
				if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), `still show "producer": run `) {
					t.Errorf("it ended with %v", err)
				}
				return
			}
			if got, want := asked.Load(), test.late+settledAfter; err != nil || got != want {
				t.Errorf("it ended after %d answers with %v, want after %d", got, err, want)
			}
		})
	}
}
