package es_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

var topic = flow.Topic{Name: "meteo.clean", ID: "topic-1", ClusterID: "cluster-1", Partitions: flowtest.Partitions}

// indices is a flowtest.Store: the indices of one prefix on a server.
type indices struct{ url, prefix string }

func fresh(t testing.TB) indices {
	return indices{url: servers.ElasticsearchURL(t), prefix: servers.IndexPrefix(t)}
}

// gated is a store whose requests pass a gate of its own.
type gated struct {
	*es.Store
	gate *gates.HTTP
	kept *letters
}

// letters collects what a sink has refused.
type letters struct {
	mu  sync.Mutex
	all []keptReject
}

type keptReject struct {
	offset int64
	reason string
}

func (l *letters) keep(_ context.Context, b *flow.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range b.Rejects {
		l.all = append(l.all, keptReject{b.Records[r.Record].Offset, r.Refusal.Error()})
	}
	return nil
}

func (x indices) Open(t testing.TB) flow.Sink { return x.open(t, es.Config{Topic: topic}) }

func (x indices) open(t testing.TB, cfg es.Config) gated {
	t.Helper()
	g := gated{gate: gates.NewHTTP(t, x.url), kept: &letters{}}
	cfg.URL, cfg.Prefix, cfg.RunID = g.gate.URL, x.prefix, "run"
	if cfg.Keep == nil {
		cfg.Keep = g.kept.keep
	}
	if cfg.Patience == 0 {
		cfg.Patience = 20 * time.Second
	}
	g.Store = opened(t, cfg)
	return g
}

// asked is the store as one who only asks opens it.
func (x indices) asked(t testing.TB) *es.Store {
	return opened(t, es.Config{URL: x.url, Prefix: x.prefix, Topic: topic, ReadOnly: true, Patience: 20 * time.Second})
}

func opened(t testing.TB, cfg es.Config) *es.Store {
	t.Helper()
	store, err := es.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // closing twice is harmless
	return store
}

func (x indices) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	store := x.asked(t)
	out := flowtest.Stored{Rows: x.rows(t, store), Next: flow.Offsets{}}
	progress, err := store.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for partition, p := range progress {
		out.Next[partition] = p.Next
	}
	return out
}

// rows reads the _source of every document, and checks what it contains beside the observation and that Revisions lists the same.
func (x indices) rows(t testing.TB, store *es.Store) []flowtest.Row {
	t.Helper()
	listed := map[string]int{}
	err := store.Revisions(t.Context(), flow.Selection{}, func(r flow.Revision) error { // refreshes the indices
		listed[fmt.Sprintf("%v of %v in revision %v, fetched at %s,", r.ID, r.StationID, r.Number, meteo.AppendTime(nil, r.FetchedAt))]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []flowtest.Row
	const page = 10_000 // the most that Elasticsearch gives at once
	for after := ""; ; {
		answer := x.call(t, http.MethodPost, "/"+x.prefix+"-clean-*/_search", fmt.Sprintf(`{"size":%d,"sort":["@timestamp"]%s}`, page, after))
		hits := answer["hits"].(map[string]any)["hits"].([]any)
		for _, h := range hits {
			hit := h.(map[string]any)
			row := hit["_source"].(map[string]any)
			if hit["_id"] != row["id"] || row["@timestamp"] != row["observed_at"] {
				t.Errorf("document %v has the id %v and the @timestamp %v, want %v", hit["_id"], row["id"], row["@timestamp"], row["observed_at"])
			}
			if got, want := fmt.Sprint(row["location"]), fmt.Sprint(point(row)); got != want {
				t.Errorf("document %v has the location %s, want %s", hit["_id"], got, want)
			}
			for _, name := range []string{"@timestamp", "location", "interval_grid", "qc_rules", "qc_failed", "hash_high", "hash_low"} {
				delete(row, name)
			}
			out = append(out, flowtest.MakeRow(row))
			listed[fmt.Sprintf("%v of %v in revision %v, fetched at %v,", row["id"], row["station_id"], row["revision"], row["fetched_at"])]--
			after = fmt.Sprintf(`,"search_after":[%.0f]`, hit["sort"].([]any)[0]) // a huge batch has one observation a minute
		}
		if len(hits) < page {
			break
		}
	}
	for r, n := range listed {
		if n != 0 {
			t.Errorf("Revisions lists %s %d times too often", r, n)
		}
	}
	return out
}

// point is the location that a document of these coordinates should have, nil without them.
func point(row map[string]any) any {
	if row["latitude"] == nil || row["longitude"] == nil {
		return nil
	}
	return map[string]any{"lat": row["latitude"], "lon": row["longitude"]}
}

// fault is one of the conformance suite's: it meddles with the next request of a kind.
func fault(name string, kind func(gates.Passing) bool, m gates.Meddling) flowtest.Fault {
	return flowtest.Fault{Name: name, Arm: func(t testing.TB, s flow.Sink) {
		var met atomic.Bool
		s.(gated).gate.Once(kind, func(w http.ResponseWriter, r gates.Passing) bool { met.Store(true); return m(w, r) })
		t.Cleanup(func() {
			if !met.Load() {
				t.Error("no request has met the fault")
			}
		})
	}}
}

// takingFault is a fault that the acquiring of a partition meets, and not its commit.
func takingFault(name string, kind func(gates.Passing) bool, m gates.Meddling) flowtest.Fault {
	f := fault(name, kind, m)
	f.Taking = true
	return f
}

func TestStoreKeepsTheContract(t *testing.T) {
	flowtest.TestStore(t, flowtest.Harness{
		Keeps:    flow.LastRevision,
		New:      func(t testing.TB) flowtest.Store { return fresh(t) },
		Parallel: true,
		Huge:     12_000, // more than one page of Revisions
		Faults: []flowtest.Fault{ // TestWhatPassesIsHealedWithinTheCommit knows more
			fault("the bulk request is lost", gates.IsBulk, gates.Dropped),
			fault("the answer to the bulk request is lost", gates.IsBulk, gates.NoAnswer),
			fault("the offset is lost on its way", gates.IsOffset, gates.Dropped),
			fault("the answer to the offset is lost", gates.IsOffset, gates.NoAnswer),
			takingFault("the token of the run that acquires is lost on its way", gates.IsOffset, gates.Dropped),
			takingFault("the answer to the token of the run that acquires is lost", gates.IsOffset, gates.NoAnswer),
		},
	})
}
