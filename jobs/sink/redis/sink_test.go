package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/redis"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

var topic = flow.Topic{Name: "meteo.clean", ID: "topic-1", ClusterID: "cluster-1", Partitions: flowtest.Partitions}

// keys is a flowtest.Store: the keys of one prefix on a server.
type keys struct {
	address, prefix string
	client          *client.Client
	life            string
}

// fresh are keys on the shared server that nobody has. What a test writes is of the past, so it is kept forever.
func fresh(t testing.TB) keys {
	t.Helper()
	k := freshOn(t, servers.RedisURL(t))
	servers.DropKeys(t, k.prefix)
	return k
}

func freshOn(t testing.TB, at string) keys {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	k := keys{address: u.Host, prefix: servers.Unique(t), client: client.NewClient(&client.Options{Addr: u.Host}), life: "0"}
	t.Cleanup(func() { _ = k.client.Close() }) // nothing is under way
	return k
}

// names are those of all keys.
func (k keys) names(t testing.TB) []string {
	t.Helper()
	var all []string
	found := k.client.Scan(context.Background(), 0, k.prefix+":*", 1000).Iterator()
	for found.Next(context.Background()) {
		all = append(all, found.Val())
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// config is how the store is opened.
func (k keys) config() flow.StoreConfig {
	return flow.StoreConfig{Settings: flow.Settings{"redis": k.address, "redis-ttl": k.life}, Topic: topic, Prefix: k.prefix, Job: "to-redis", RunID: "run"}
}

func opened(t testing.TB, cfg flow.StoreConfig) *redis.Store {
	t.Helper()
	kind := redis.Kind()
	store, err := kind.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // closing twice is harmless
	redis.SetPatience(store.(*redis.Store), 20*time.Second)
	return store.(*redis.Store)
}

// gated is a store whose connection passes a gate of its own.
type gated struct {
	*redis.Store
	gate *gates.Redis
}

func (k keys) Open(t testing.TB) flow.Sink {
	t.Helper()
	gate := gates.NewRedis(t, k.address)
	cfg := k.config()
	cfg.Settings["redis"] = gate.Addr()
	return gated{opened(t, cfg), gate}
}

func (k keys) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	out := flowtest.Stored{Next: flow.Offsets{}}
	for _, name := range k.names(t) {
		if !strings.HasPrefix(name, k.prefix+":latest:") {
			continue
		}
		hash, err := k.client.HGetAll(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		out.Rows = append(out.Rows, rowOf(t, hash))
	}
	offsets, err := k.client.HGetAll(t.Context(), k.prefix+":offsets:"+topic.Name).Result()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range offsets {
		if partition, ok := strings.CutSuffix(name, ":next"); ok {
			out.Next[int32(number(t, partition))] = number(t, text)
		}
	}
	return out
}

func number(t testing.TB, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// rowOf makes a row of a hash as somebody reads it who knows nothing but the JSON Schema.
func rowOf(t testing.TB, hash map[string]string) flowtest.Row {
	t.Helper()
	members := map[string]any{"schema": float64(meteo.SchemaVersion)}
	for name, text := range hash {
		field := meteo.FieldByName(name)
		switch {
		case name == "order":
		case field == nil:
			t.Errorf("the hash has a field %q", name)
		case field.Type == meteo.TypeNumber, field.Type == meteo.TypeWhole, field.Type == meteo.TypeFailures, field.Type == meteo.TypeOriginal,
			field.Type == meteo.TypeQuantiles:
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				t.Errorf("%s is %q: %v", name, text, err)
			}
			members[name] = value
		default:
			members[name] = text
		}
	}
	return flowtest.MakeRow(members)
}

func TestStoreKeepsTheContract(t *testing.T) {
	flowtest.TestStore(t, harness(func(t testing.TB) flowtest.Store { return fresh(t) }))
}

// hasty are keys whose stores repeat nothing by themselves: whatever is lost is for the caller to find out.
type hasty struct{ keys }

func (h hasty) Open(t testing.TB) flow.Sink {
	g := h.keys.Open(t).(gated)
	redis.SetPatience(g.Store, time.Nanosecond)
	return g
}

func TestAStoreThatRepeatsNothingKeepsTheContract(t *testing.T) {
	flowtest.TestSink(t, harness(func(t testing.TB) flowtest.Store { return hasty{fresh(t)} }))
}

func harness(open func(t testing.TB) flowtest.Store) flowtest.Harness {
	arm := func(cut gates.RedisCut) func(testing.TB, flow.Sink) {
		return func(_ testing.TB, s flow.Sink) { s.(gated).gate.Arm(cut) }
	}
	return flowtest.Harness{
		Keeps: flow.LastObservation,
		New:   open,
		Faults: []flowtest.Fault{
			{Name: "the request is lost", Arm: arm(gates.LoseRequest)},
			{Name: "the answer is lost", Arm: arm(gates.LoseAnswer)},
			{Name: "the request comes late", Arm: arm(gates.DelayRequest)},
			{Name: "the request to acquire a partition is lost", Taking: true, Arm: arm(gates.LoseRequest)},
			{Name: "the answer about a partition is lost", Taking: true, Arm: arm(gates.LoseAnswer)},
			{Name: "the request to acquire a partition comes late", Taking: true, Arm: arm(gates.DelayRequest)},
		},
		Parallel: true,
	}
}

// batch is one of a partition that starts at an offset, with observations in their first revision.
func batch(partition int32, start int64, numbers ...int) *flow.Batch {
	var all []meteo.Observation
	for _, n := range numbers {
		all = append(all, flowtest.Observation(partition, n, 1))
	}
	return flowtest.Batch(partition, start, all...)
}

func acquire(t testing.TB, s flow.Sink, partition int32, want int64) {
	t.Helper()
	if next, err := s.Acquire(t.Context(), partition); err != nil || next != want {
		t.Fatalf("Acquire of partition %d: %d, %v; want %d", partition, next, err, want)
	}
}

func commit(t testing.TB, s flow.Sink, b *flow.Batch, want flow.Outcome) {
	t.Helper()
	if got, err := s.Commit(t.Context(), b); err != nil || got != want {
		t.Fatalf("Commit of [%d, %d): %+v, %v; want %+v", b.Start, b.End, got, err, want)
	}
}

func (k keys) topicConfig(id string, newTopic bool) flow.StoreConfig {
	cfg := k.config()
	cfg.Topic.ID, cfg.NewTopic = id, newTopic
	return cfg
}

func TestARecreatedTopicIsRefusedUnlessTheUserSaysSo(t *testing.T) {
	k := fresh(t)
	old := opened(t, k.config())
	acquire(t, old, 0, -1)
	commit(t, old, batch(0, 0, 0, 1), flow.Outcome{Written: 1, Duplicates: 1})

	refused := opened(t, k.topicConfig("topic-2", false))
	if _, err := refused.Resume(t.Context()); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "--new-topic") {
		t.Errorf("resuming on another topic gave %v", err)
	}
	if _, err := refused.Acquire(t.Context(), 1); flow.ClassOf(err) != flow.Usage {
		t.Errorf("acquiring a partition of another topic gave %v", err)
	}
	if p, err := refused.Progress(t.Context()); err != nil || p[0].TopicID != "topic-1" || p[0].Next != 3 {
		t.Errorf("the progress is %+v, %v; want that of the old topic", p, err)
	}
	for range 2 { // the second one changes nothing
		if next, err := opened(t, k.topicConfig("topic-2", true)).Resume(t.Context()); err != nil || len(next) > 0 {
			t.Errorf("with --new-topic: %v, %v; want no offsets", next, err)
		}
	}
	if _, err := old.Commit(t.Context(), batch(0, 3, 2)); !errors.Is(err, flow.ErrFenced) {
		t.Errorf("a run of the old topic that slept commits: %v", err)
	}
	next := opened(t, k.topicConfig("topic-2", false))
	acquire(t, next, 0, -1)
	commit(t, next, batch(0, 700, 1), flow.Outcome{Written: 1})
	if got, err := opened(t, k.topicConfig("topic-2", true)).Resume(t.Context()); err != nil || !maps.Equal(got, flow.Offsets{0: 702}) {
		t.Errorf("the next run resumes at %v, %v", got, err)
	}
	if got := k.Stored(t); len(got.Rows) != 1 || got.Rows[0] != flowtest.RowOf(pointer(flowtest.Observation(0, 1, 1))) {
		t.Errorf("the store holds %v", got.Rows)
	}
}

func pointer(o meteo.Observation) *meteo.Observation { return &o }

// Redis may lose the last second when the power fails, if it is so configured: values and offsets both, so the job goes on from there.
func TestARunGoesOnFromWhatRedisStillHas(t *testing.T) {
	k := fresh(t)
	s := opened(t, k.config())
	acquire(t, s, 0, -1)
	commit(t, s, batch(0, 0, 0), flow.Outcome{Written: 1})
	name := k.prefix + ":offsets:" + topic.Name
	before, err := k.client.HGetAll(t.Context(), name).Result()
	if err != nil {
		t.Fatal(err)
	}
	commit(t, s, batch(0, 2, 1), flow.Outcome{Written: 1})
	if err := k.client.HSet(t.Context(), name, before).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), batch(0, 4, 2)); !errors.Is(err, flow.ErrRestart) {
		t.Errorf("after a loss Commit returns %v, want ErrRestart", err)
	}
	acquire(t, s, 0, 2)
	commit(t, s, batch(0, 2, 1, 2), flow.Outcome{Written: 1, Duplicates: 1})
}
