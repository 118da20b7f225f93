package es_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

// batch makes the first revisions of some observations of partition 0, from offset start on.
func batch(start int64, from, to int) *flow.Batch {
	var all []meteo.Observation
	for n := range to - from {
		all = append(all, flowtest.Observation(0, from+n, 1))
	}
	return flowtest.Batch(0, start, all...)
}

// acquired is a store that has acquired partition 0, which must be stored up to next.
func (x indices) acquired(t testing.TB, next int64) gated {
	t.Helper()
	s := x.open(t, es.Config{Topic: topic})
	acquire(t, s, next)
	return s
}

func acquire(t testing.TB, s flow.Sink, want int64) {
	t.Helper()
	if next, err := s.Acquire(t.Context(), 0); err != nil || next != want {
		t.Fatalf("Acquire: %d, %v; want %d", next, err, want)
	}
}

func commit(t testing.TB, s flow.Sink, b *flow.Batch, want flow.Outcome) {
	t.Helper()
	if out, err := s.Commit(t.Context(), b); err != nil || out != want {
		t.Fatalf("Commit: %+v, %v; want %+v", out, err, want)
	}
}

// holds fails unless the store holds these observations of partition 0, each in its first revision, and this offset.
func (x indices) holds(t testing.TB, observations int, next int64) {
	t.Helper()
	got := x.Stored(t)
	want := map[flowtest.Row]bool{}
	for n := range observations {
		o := flowtest.Observation(0, n, 1)
		want[flowtest.RowOf(&o)] = true
	}
	for _, r := range got.Rows {
		if !want[r] {
			t.Errorf("%s is there once too often", r)
		}
		delete(want, r)
	}
	if len(want) > 0 {
		t.Errorf("%d observations are missing", len(want))
	}
	if at, stored := got.Next[0]; stored && at != next || !stored && next != -1 {
		t.Errorf("the next offset is %d, %t, want %d", at, stored, next)
	}
}

func TestARunKilledBetweenBulkAndOffsetIsRepeatedWithoutATrace(t *testing.T) { // E1
	t.Parallel()
	x := fresh(t)
	ctx, kill := context.WithCancel(t.Context())
	killed := x.acquired(t, -1)
	killed.gate.Once(gates.IsOffset, func(http.ResponseWriter, gates.Passing) bool { kill(); panic(http.ErrAbortHandler) })
	b := batch(0, 0, 50)
	if _, err := killed.Commit(ctx, b); flow.ClassOf(err) != flow.Interrupted {
		t.Fatalf("the killed run's Commit returned %v", err)
	}
	x.holds(t, 50, -1)
	next := x.acquired(t, -1)
	commit(t, next, b, flow.Outcome{Duplicates: 50})
	x.holds(t, 50, b.End)
}

func TestItemsAreJudgedOneByOne(t *testing.T) { // E3
	t.Parallel()
	x := fresh(t)
	s := x.acquired(t, -1)
	b := batch(0, 0, 20)
	for _, n := range []int{4, 11} {
		b.Observations[n].Latitude = 100 // no point on Earth: Elasticsearch refuses it
	}
	sent := &atomic.Int64{}
	s.gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
		if !gates.IsBulk(r) {
			return false
		}
		if sent.Add(int64(bytes.Count(r.Body, []byte("\n")) / 2)); sent.Load() > 20 {
			return false
		}
		lines := bytes.SplitAfter(r.Body, []byte("\n")) // two an item, and what follows the last
		r.Body = bytes.Join(slices.Concat(lines[:6], lines[10:]), nil)
		a := gates.ReadBulk(r.Forward())
		busy := func(id meteo.ID, status int) map[string]gates.BulkItem {
			return map[string]gates.BulkItem{"index": {ID: id.String(), Status: status, Error: map[string]string{"type": "es_rejected_execution_exception"}}}
		}
		// Items 3 and 4 meet a full queue; 4 is one of the bad ones.
		a.Items = slices.Insert(a.Items, 3, busy(b.Observations[3].ID, 429), busy(b.Observations[4].ID, 503))
		a.Say(w)
		return true
	})
	commit(t, s, b, flow.Outcome{Written: 18, Rejected: 2})
	if got := sent.Load(); got != 22 {
		t.Errorf("%d items were sent, want 20 and the two again that met a full queue", got)
	}
	if len(s.kept.all) != 2 || s.kept.all[0].offset != 4 || s.kept.all[1].offset != 11 || !strings.Contains(s.kept.all[0].reason, "store_refused: Elasticsearch: ") {
		t.Errorf("dead letters: %+v, want those of offsets 4 and 11", s.kept.all)
	}
	if got := x.Stored(t); len(got.Rows) != 18 || got.Next[0] != b.End {
		t.Errorf("%d documents, offset %d", len(got.Rows), got.Next[0])
	}
}

func TestWhatPassesIsHealedWithinTheCommit(t *testing.T) { // E2
	t.Parallel()
	for name, c := range map[string]struct {
		kind   func(gates.Passing) bool
		meddle gates.Meddling
	}{
		"the bulk request is lost":                 {gates.IsBulk, gates.Dropped},
		"the bulk answer is lost":                  {gates.IsBulk, gates.NoAnswer},
		"the bulk answer is cut in the middle":     {gates.IsBulk, gates.CutAnswer},
		"the bulk answer seems whole and is not":   {gates.IsBulk, gates.Truncated},
		"the bulk answer leaves an item out":       {gates.IsBulk, gates.Incomplete},
		"the bulk answer is in another order":      {gates.IsBulk, gates.Disordered},
		"a proxy gives the bulk request up":        {gates.IsBulk, gates.GatewayTimeout},
		"a proxy does not reach it for the bulk":   {gates.IsBulk, gates.BadGateway},
		"the bulk queue is full":                   {gates.IsBulk, gates.Busy},
		"the offset is lost on its way":            {gates.IsOffset, gates.Dropped},
		"the answer to the offset is lost":         {gates.IsOffset, gates.NoAnswer},
		"the answer to the offset is cut":          {gates.IsOffset, gates.CutAnswer},
		"a proxy gives the offset up":              {gates.IsOffset, gates.GatewayTimeout},
		"a proxy does not reach it for the offset": {gates.IsOffset, gates.BadGateway},
		"the partition's document comes cut short": {gates.IsRead, gates.CutAnswer},
		"a proxy does not reach it for a document": {gates.IsRead, gates.BadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := fresh(t)
			s := x.acquired(t, -1)
			s.gate.Once(c.kind, c.meddle)
			b := batch(0, 0, 10)
			b.Observations[2].Latitude = 100 // refused
			commit(t, s, b, flow.Outcome{Written: 9, Rejected: 1})
			if len(s.kept.all) != 1 || s.kept.all[0].offset != 2 {
				t.Errorf("dead letters: %+v, want that of offset 2", s.kept.all)
			}
			if got := x.Stored(t); len(got.Rows) != 9 || got.Next[0] != b.End {
				t.Errorf("%d documents, offset %d", len(got.Rows), got.Next[0])
			}
		})
	}
}

// Two runs that start at the same time: one creates the index of offsets while the other asks it.
func TestAShardThatIsNotThereYetIsWaitedFor(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	s := x.acquired(t, -1)
	asked := false
	s.gate.Once(gates.IsRead, func(w http.ResponseWriter, r gates.Passing) bool {
		asked = true
		return gates.NoShard(w, r)
	})
	acquire(t, s, -1)
	if !asked {
		t.Error("it did not ask how far the partition is stored")
	}
}

func TestTheOffsetWaitsForTheDeadLetters(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	lost := flow.Fail(flow.Unavailable, "Kafka is away")
	s := x.open(t, es.Config{Topic: topic, Keep: func(context.Context, *flow.Batch) error { return lost }})
	acquire(t, s, -1)
	b := batch(0, 0, 3)
	b.Observations[1].Latitude = 100
	b.Observations[2].Longitude = 200
	if _, err := s.Commit(t.Context(), b); !errors.Is(err, lost) {
		t.Fatalf("Commit returned %v", err)
	}
	x.holds(t, 1, -1)
	again := x.acquired(t, -1)
	commit(t, again, b, flow.Outcome{Duplicates: 1, Rejected: 2})
	if len(again.kept.all) != 2 {
		t.Errorf("dead letters: %+v", again.kept.all)
	}
}

func TestAStaleWriterIsFencedAndOverwritesNothing(t *testing.T) { // E5
	t.Parallel()
	x := fresh(t)
	stale := x.acquired(t, -1)
	atBulk, goOn := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	defer release() // also when the test fails: the gate waits for it
	stale.gate.Once(gates.IsBulk, func(http.ResponseWriter, gates.Passing) bool { close(atBulk); <-goOn; return false })
	result := make(chan error, 1)
	b := batch(0, 0, 10)
	go func() {
		_, err := stale.Commit(t.Context(), b)
		result <- err
	}()
	<-atBulk // it has seen that the partition is its own, and sleeps
	rival := x.acquired(t, -1)
	commit(t, rival, batch(0, 0, 10), flow.Outcome{Written: 10})
	newer := flowtest.Batch(0, b.End, flowtest.Observation(0, 3, 2), flowtest.Observation(0, 4, 2))
	commit(t, rival, newer, flow.Outcome{Written: 2})
	release()
	if err := <-result; !errors.Is(err, flow.ErrFenced) {
		t.Errorf("the stale writer's Commit returned %v, want flow.ErrFenced", err)
	}
	second := 0
	got := x.Stored(t)
	for i := range newer.Observations {
		if slices.Contains(got.Rows, flowtest.RowOf(&newer.Observations[i])) {
			second++
		}
	}
	if len(got.Rows) != 10 || second != 2 || got.Next[0] != newer.End {
		t.Errorf("%d documents, %d of them in revision 2, offset %d; want 10, 2 and %d", len(got.Rows), second, got.Next[0], newer.End)
	}
}

func TestWhatForbidsWritingStopsTheRunAndCommitsNothing(t *testing.T) { // E6
	t.Parallel()
	settings := func(name string) func(t *testing.T, x indices, s gated) func() {
		return func(t *testing.T, x indices, _ gated) func() {
			path := "/" + x.prefix + "-clean-2024.01/_settings"
			x.call(t, http.MethodPut, path, `{"index.blocks.`+name+`":true}`)
			return func() { x.call(t, http.MethodPut, path, `{"index.blocks.`+name+`":null}`) }
		}
	}
	answer := func(status int, kind string) func(t *testing.T, x indices, s gated) func() {
		return func(_ *testing.T, _ indices, s gated) func() {
			s.gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
				if gates.IsBulk(r) {
					gates.Say(w, status, `{"error":{"type":"`+kind+`","reason":"missing authentication credentials"},"status":1}`)
				}
				return gates.IsBulk(r)
			})
			return func() { s.gate.Set(nil) }
		}
	}
	for name, c := range map[string]struct {
		forbid func(t *testing.T, x indices, s gated) (allow func())
		class  flow.Class
		says   string
	}{
		"the index refuses writes":     {settings("write"), flow.Unavailable, "remove the block"},
		"the index is read-only":       {settings("read_only"), flow.Unavailable, "remove the block"},
		"the disk is full":             {settings("read_only_allow_delete"), flow.CantWrite, "make room"},
		"the key is unknown":           {answer(http.StatusUnauthorized, "security_exception"), flow.Unavailable, "check the API key"},
		"the key has no rights":        {answer(http.StatusForbidden, "security_exception"), flow.Unavailable, "needs manage_index_templates"},
		"a proxy takes no large body":  {answer(http.StatusRequestEntityTooLarge, ""), flow.Unavailable, "raise its limit"},
		"a status that nobody expects": {answer(http.StatusMethodNotAllowed, "odd"), flow.Unavailable, "405 odd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := fresh(t)
			s := x.open(t, es.Config{Topic: topic, Patience: 500 * time.Millisecond})
			acquire(t, s, -1)
			a := batch(0, 0, 5)
			commit(t, s, a, flow.Outcome{Written: 5})
			allow := c.forbid(t, x, s)
			b := batch(a.End, 5, 10)
			if _, err := s.Commit(t.Context(), b); flow.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Commit returned %v (%s)", err, flow.ClassOf(err))
			}
			allow()
			x.holds(t, 5, a.End)
			acquire(t, s, a.End)
			commit(t, s, b, flow.Outcome{Written: 5})
			x.holds(t, 10, b.End)
			if len(s.kept.all) > 0 {
				t.Errorf("dead letters: %+v", s.kept.all)
			}
		})
	}
}

// call asks Elasticsearch without a sink, and decodes the answer.
func (x indices) call(t testing.TB, method, path, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, x.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode > 299 {
		t.Fatalf("%s %s: %s, %v, %v", method, path, res.Status, answer, err)
	}
	return answer
}
