package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

// throughGate lets the program reach Elasticsearch by a gate.
func (s *scenario) throughGate(t testing.TB) *gates.HTTP {
	t.Helper()
	g := gates.NewHTTP(t, s.elasticsearch)
	s.Program = s.With("SENMETEO_ES_URL", g.URL)
	return g
}

// E1. What was sent before the kill is sent again and changes nothing: an observation's id is the document's.
func TestE1TheLoaderIsKilledBetweenBulkAndOffset(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round)
		for kill := range 3 {
			s.crash(t, fmt.Sprintf("es.after-bulk:%d", 1+(kill+round)%4), "to-es", "--batch-records", "150")
			s.crash(t, fmt.Sprintf("es.after-offset:%d", 1+(kill+round)%2), "to-es", "--batch-records", "150")
		}
		s.recovers(t)
	})
}

// E2. An answer that is not whole says nothing: the items are sent again.
func TestE2TheAnswerIsCutInTheMiddleOfItsBody(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round)
		gate := s.throughGate(t)
		faults := []gates.Meddling{gates.CutAnswer, gates.Truncated, gates.Incomplete, gates.Disordered, gates.NoAnswer, gates.Dropped}
		var mu sync.Mutex
		gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
			mu.Lock()
			if !gates.IsBulk(r) || len(faults) == 0 {
				mu.Unlock()
				return false
			}
			fault := faults[0]
			faults = faults[1:]
			mu.Unlock()
			return fault(w, r)
		})
		s.Must(t, "to-es")
		if len(faults) > 0 {
			t.Errorf("%d faults were not met", len(faults))
		}
		s.recovers(t)
	})
}

// E3. Each item of a bulk request has its own fate: stored, sent again, or a dead letter, which can be sent back later.
func TestE3ItemsOfOneRequestAreStoredBusyAndBad(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round)
		gate := s.throughGate(t)
		bad := s.cleanRows(t)[0].id
		busy := 2
		var mu sync.Mutex // several requests pass at a time
		gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
			mu.Lock()
			defer mu.Unlock()
			if !gates.IsBulk(r) || !bytes.Contains(r.Body, []byte(bad)) && busy == 0 {
				return false
			}
			return judge(w, r, bad, &busy)
		})
		s.Must(t, "to-es")
		if busy != 0 {
			t.Errorf("%d items more were to meet a full queue", busy)
		}
		var v verdict
		if v.auditStore("Elasticsearch", latestOf(s.cleanRows(t)), s.elasticsearchRows(t)); v.lost != 1 || v.doubled != 0 {
			t.Errorf("Elasticsearch lacks %d documents and has %d too many, want 1 and 0", v.lost, v.doubled)
		}
		s.Must(t, "to-pg")
		s.Must(t, "to-hdfs")
		s.Must(t, "to-redis")
		s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake) // knows the dead letter

		gate.Set(nil)
		if sent := s.Must(t, "dlq", "replay", "--stage", "to-es").Report(t).Written; sent != 1 {
			t.Errorf("%d letters are sent back, want 1", sent)
		}
		s.settle(t)
		s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
		s.balance(t)
	})
}

var idOfItem = regexp.MustCompile(`"_id":"([0-9a-f]{32})"`)

// judge forwards a bulk request without some items: two that a full queue does not take, once, and a bad one, always.
func judge(w http.ResponseWriter, r gates.Passing, bad string, busy *int) bool {
	lines := bytes.SplitAfter(bytes.TrimSuffix(r.Body, []byte("\n")), []byte("\n")) // two an item
	type meddled struct {
		at   int
		item gates.BulkItem
	}
	var out []meddled
	var kept [][]byte
	for i := 0; i+1 < len(lines); i += 2 {
		id := string(idOfItem.FindSubmatch(lines[i])[1])
		switch {
		case id == bad:
			out = append(out, meddled{i / 2, gates.BulkItem{ID: id, Status: 400, Error: map[string]string{"type": "document_parsing_exception", "reason": "the test says so"}}})
		case *busy > 0 && i > 0:
			out = append(out, meddled{i / 2, gates.BulkItem{ID: id, Status: 429, Error: map[string]string{"type": "es_rejected_execution_exception", "reason": "full"}}})
			*busy--
		default:
			kept = append(kept, lines[i], bytes.TrimSuffix(lines[i+1], []byte("\n")), []byte("\n"))
		}
	}
	answer := &gates.BulkAnswer{}
	if len(kept) > 0 {
		r.Body = bytes.Join(kept, nil)
		answer = gates.ReadBulk(r.Forward())
	}
	for _, m := range out {
		answer.Items = slices.Insert(answer.Items, m.at, map[string]gates.BulkItem{"index": m.item})
	}
	answer.Say(w)
	return true
}

// E4. It comes back with what it had answered for; the rest is sent again.
func TestE4ElasticsearchIsKilledInTheMiddleOfABulk(t *testing.T) {
	t.Parallel()
	set := own(t, servers.NameElasticsearch)
	s := newScenario(t).indexedBy(set.Elasticsearch.URL)
	gate := s.throughGate(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		s.Must(t, "stream")
		back := make(chan error, 1)
		gate.Once(gates.IsBulk, func(_ http.ResponseWriter, r gates.Passing) bool {
			go func() { // the kill comes while the request is on its way
				back <- errors.Join(set.Elasticsearch.Kill(), set.Elasticsearch.Start(t.Context()))
			}()
			r.Forward()
			panic(http.ErrAbortHandler)
		})
		r := s.Start(t, "to-es")
		if err := <-back; err != nil {
			t.Fatal(err)
		}
		s.kills++
		expect(t, r.Wait(t), 0, 69) // 69 when it took longer to come back than the loader waits
		s.recovers(t)
	})

	// A cluster that can't have more indices is not a record's fault: nothing becomes a dead letter.
	limit := func(shards string) {
		s.askElasticsearch(t, http.MethodPut, "/_cluster/settings", `{"persistent":{"cluster.max_shards_per_node":`+shards+`}}`, nil)
	}
	limit("1")
	s.send(t, "2026-03-01", "2026-03-02")
	s.Must(t, "stream")
	if r := s.Run(t, "to-es"); r.Code != 69 || !strings.Contains(r.Stderr, "maximum normal shards open") {
		t.Errorf("%s exits with %d, want 69 and Elasticsearch's reason\n%s", r, r.Code, r.Output())
	}
	limit("null")
	s.recovers(t)
}

// E5. A writer that slept stores nothing over what is newer, and its offset is refused.
func TestE5AStaleWriterCannotOverwrite(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.Must(t, "stream", "--max-records", "1000")
		stale := s.sleeper(t, "es.before-bulk", "to-es")
		s.settle(t) // with the corrections of what it is about to send
		expect(t, wake(t, stale), 75)
		s.balance(t)
	})
}

// E6. What forbids writing ends the run with 69, and the offset stays; when it is allowed again, the run goes on there.
func TestE6TheIndexIsReadOnlyAndTheCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		gate := s.throughGate(t)
		s.sendDay(t, 2*round)
		s.settle(t)
		s.sendDay(t, 2*round+1)
		s.Must(t, "stream")
		before := len(s.elasticsearchRows(t))
		refuse := func(status int) func(bool) {
			return func(on bool) {
				gate.Set(nil)
				if on {
					gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
						if gates.IsBulk(r) {
							gates.Say(w, status, `{"error":{"type":"security_exception","reason":"no"},"status":`+fmt.Sprint(status)+`}`)
						}
						return gates.IsBulk(r)
					})
				}
			}
		}
		block := func(on bool) {
			s.askElasticsearch(t, http.MethodPut, "/"+s.Prefix+"-clean-*/_settings", fmt.Sprintf(`{"index.blocks.write":%t}`, on), nil)
		}
		for name, forbid := range map[string]func(bool){"401": refuse(401), "403": refuse(403), "read-only": block} {
			forbid(true)
			r := s.Run(t, "to-es")
			forbid(false)
			if expect(t, r, 69); r.Report(t).Written != 0 {
				t.Errorf("%s: %d documents are said to be stored", name, r.Report(t).Written)
			}
		}
		if now := len(s.elasticsearchRows(t)); now != before {
			t.Errorf("Elasticsearch holds %d documents, want %d as before", now, before)
		}
		s.recovers(t)
	})
}
