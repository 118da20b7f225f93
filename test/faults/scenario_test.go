package faults_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// scenario is one pipeline that something happens to: its topics and stores, what was sent into it, and how often a part of
// it was killed.
type scenario struct {
	program.Pipeline
	elasticsearch string // the URL of a server that no gate is in front of; the indices begin with the topics' prefix
	redis         string // the URL of a server that no gate is in front of; its keys begin with the topics' prefix
	truth         *truth
	kills         int
	hdfs          string // the lake's URL when it is in HDFS
	pages         string // the URL of its NameNode's pages, where a test needs them
	compacted     bool   // the lake holds the last revisions only

	gone []*kgo.Record // of the raw topic, which retention took after they had been read
}

// newScenario makes a pipeline on the shared servers, with a lake in a local folder.
func newScenario(t testing.TB) *scenario {
	t.Helper()
	return withStores(t, program.NewPipeline(t))
}

// newScenarioOn makes a pipeline whose topics are on a Kafka of the test's own.
func newScenarioOn(t testing.TB, brokers string) *scenario {
	t.Helper()
	return withStores(t, program.NewPipelineOn(t, brokers, servers.Unique(t)))
}

// newStreamed makes a pipeline with the day of a round in its clean topic and nothing in its stores.
func newStreamed(t testing.TB, round int) *scenario {
	t.Helper()
	s := newScenario(t)
	s.sendDay(t, round)
	s.Must(t, "stream")
	s.Records(t, "clean") // waits until no transaction hides any: Kafka ends one after it has said so
	return s
}

func withStores(t testing.TB, p program.Pipeline) *scenario {
	t.Helper()
	s := &scenario{Pipeline: p, truth: newTruth()}
	servers.DropIndices(t, s.Prefix)
	servers.DropKeys(t, s.Prefix)
	return s.indexedBy(servers.ElasticsearchURL(t)).onRedis(servers.RedisURL(t))
}

// indexedBy takes another Elasticsearch.
func (s *scenario) indexedBy(url string) *scenario {
	s.elasticsearch = url
	s.Program = s.With("SENMETEO_ES_URL", url)
	return s
}

// onRedis takes another Redis. What is sent is of the past, so it is kept forever.
func (s *scenario) onRedis(url string) *scenario {
	s.redis = url
	s.Program = s.With("SENMETEO_REDIS", url, "SENMETEO_REDIS_TTL", "0")
	return s
}

// own starts a server that the test may break.
func own(t testing.TB, name servers.Name) *servers.Set {
	t.Helper()
	set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{name}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	return set
}

// send sends the weather of some days, of whose readings a twentieth has labelled defects, and learns what must become of it.
func (s *scenario) send(t testing.TB, from, to string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "truth.jsonl")
	s.Must(t, "fetch", "generate", "--from", from, "--to", to, "--seed", strconv.Itoa(seed), "--faults", "0.05", "--truth", path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // read only
	s.truth.learn(t, from, to, f)
}

// sendDay sends the day of a round: 2,016 readings and 100 or so defects.
func (s *scenario) sendDay(t testing.TB, round int) {
	t.Helper()
	day := time.Date(2026, 1, 10+round, 0, 0, 0, 0, time.UTC)
	s.send(t, day.Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly))
}

const seed = 20260110

// loads are the verbs that load the stores.
var loads = []string{"to-pg", "to-hdfs", "to-es", "to-redis"}

// settle runs the jobs after the raw topic once more, each to its end.
func (s *scenario) settle(t testing.TB) {
	t.Helper()
	s.Must(t, "stream")
	s.load(t)
}

// recovers runs the jobs once more, after which everything must be as the truth has it.
func (s *scenario) recovers(t testing.TB) {
	t.Helper()
	s.settle(t)
	s.balance(t)
}

// load loads all stores, side by side.
func (s *scenario) load(t testing.TB) {
	t.Helper()
	var running []*program.Running
	for _, verb := range loads {
		running = append(running, s.Start(t, verb))
	}
	for _, r := range running {
		if result := r.Wait(t); result.Code != 0 {
			t.Errorf("%s exits with %d\n%s", result, result.Code, result.Output())
		}
	}
}

// crash runs a verb that kills itself at a point: "stream.after-produce:2" is the second time it comes there.
func (s *scenario) crash(t testing.TB, point string, args ...string) program.Result {
	t.Helper()
	p := s.With("SENMETEO_CRASH_AT", point)
	p.Variant = program.CrashPoints
	r := p.Run(t, args...)
	if r.Code != -1 {
		t.Fatalf("%s exits with %d and was to be killed at %s\n%s", r, r.Code, point, r.Output())
	}
	s.kills++
	return r
}

// balance holds what the stores have against the truth, and fails the test when anything is lost, doubled or wrong.
func (s *scenario) balance(t testing.TB) {
	t.Helper()
	v := s.audit(t)
	board.add(t, s.kills, v)
	s.kills = 0
	for _, c := range v.complaints {
		t.Error(c)
	}
	if v.wrong > len(v.complaints) {
		t.Errorf("and %d more", v.wrong-len(v.complaints))
	}
}
