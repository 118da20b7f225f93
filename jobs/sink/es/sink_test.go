package es_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

var topic = es.Topic{Name: "meteo.clean", ID: "topic-1", ClusterID: "cluster-1", Partitions: flowtest.Partitions}

// indices is a flowtest.Store: the indices of one prefix on a server.
type indices struct{ url, prefix string }

func fresh(t testing.TB) indices {
	return indices{url: servers.ElasticsearchURL(t), prefix: servers.IndexPrefix(t)}
}

// gated is a sink whose requests pass a gate of its own.
type gated struct {
	*es.Sink
	gate *gates.HTTP
	kept *letters
}

// letters collects what a sink has refused.
type letters struct {
	mu  sync.Mutex
	all []letter
}

type letter struct {
	offset int64
	reason string
}

func (l *letters) keep(_ context.Context, b *flow.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range b.Rejects {
		l.all = append(l.all, letter{b.Records[r.Record].Offset, r.Refusal.Error()})
	}
	return nil
}

func (x indices) Open(t testing.TB) flow.Sink { return x.open(t, es.SinkConfig{Topic: topic}) }

func (x indices) open(t testing.TB, cfg es.SinkConfig) gated {
	t.Helper()
	g := gated{gate: gates.NewHTTP(t, x.url), kept: &letters{}}
	cfg.RunID = "run"
	if cfg.Keep == nil {
		cfg.Keep = g.kept.keep
	}
	sink, err := es.NewSink(t.Context(), x.store(t, g.gate.URL), cfg)
	if err != nil {
		t.Fatal(err)
	}
	g.Sink = sink
	return g
}

func (x indices) store(t testing.TB, url string) *es.Store {
	t.Helper()
	store, err := es.Open(es.Config{URL: url, Prefix: x.prefix, Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func (x indices) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	store := x.store(t, x.url)
	out := flowtest.Stored{Next: flow.Offsets{}}
	err := store.Revisions(t.Context(), time.Time{}, time.Time{}, func(r es.Revision) error {
		out.Rows = append(out.Rows, flowtest.Row{ID: r.ID, Revision: r.Revision})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	counters, err := store.Counters(t.Context(), topic.Name, topic.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	for p, c := range counters {
		out.Next[p] = c.Next
	}
	return out
}

// fault is one of the conformance suite's: it meddles with the next request of a kind.
func fault(name string, kind func(gates.Passing) bool, m gates.Meddling) flowtest.Fault {
	return flowtest.Fault{Name: name, Arm: func(_ testing.TB, s flow.Sink) { s.(gated).gate.Once(kind, m) }}
}

func TestSinkKeepsTheContract(t *testing.T) {
	flowtest.TestSink(t, flowtest.Harness{
		New:      func(t testing.TB) flowtest.Store { return fresh(t) },
		Parallel: true,
		Huge:     12_000, // more than one page of Revisions
		Faults: []flowtest.Fault{ // TestWhatPassesIsHealedWithinTheCommit knows more
			fault("the bulk request is lost", gates.IsBulk, gates.Dropped),
			fault("the answer to the bulk request is lost", gates.IsBulk, gates.NoAnswer),
			fault("the offset is lost on its way", gates.IsOffset, gates.Dropped),
			fault("the answer to the offset is lost", gates.IsOffset, gates.NoAnswer),
		},
	})
}
