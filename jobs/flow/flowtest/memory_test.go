package flowtest

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// memoryStore is the simplest store that keeps the contract, and the ways in which it can break it.
type memoryStore struct {
	mu    sync.Mutex
	rows  map[meteo.ID]map[string]any // the members of each observation
	extra []Row                       // doubled by a defect
	next  flow.Offsets
	flaw  flaw
	spoil spoil
}

// spoil is a defect that changes what is stored: row comes in the place of known (nil: there is none), behind before of the same batch.
type spoil func(row, known, before map[string]any)

// flaw is a promise that the store breaks.
type flaw string

const (
	none            flaw = ""
	forgetsOffsets  flaw = "it stores data without moving the offset"
	movesOffsetOnly flaw = "it moves the offset and loses the data of a batch's last record"
	neverFences     flaw = "it takes batches from everybody"
	wrongError      flaw = "it refuses a late writer without saying ErrFenced"
	olderWins       flaw = "it stores what came last instead of the latest revision"
	doubles         flaw = "it stores an observation that comes again twice"
	ignoresEmpty    flaw = "it does nothing for an empty batch"
	mixesPartitions flaw = "it keeps one offset for all partitions"
	startsAtZero    flaw = "it says 0 for a partition that was never stored"
	failsTwice      flaw = "it can't be closed twice"
	cutsLarge       flaw = "it cuts large batches off"
	miscounts       flaw = "it counts fewer than it was given"
	believesLost    flaw = "it says that a batch is stored although the request was lost"
	takesGaps       flaw = "it takes a batch that starts behind where the partition stands"
	repeatsUnknown  flaw = "it stores a batch again when the answer was lost"
	losesPlace      flaw = "it says that a partition was never stored when the answer to taking it over was lost"
	staysFenced     flaw = "it takes itself for another writer when the answer to taking a partition over was lost"
	losesValue      flaw = "it loses a value"
	swapsValues     flaw = "it swaps two values"
	mixesRows       flaw = "it stores another observation's values"
	keepsValues     flaw = "it keeps the values of the revision before"
)

// spoils are the flaws that change values.
var spoils = map[flaw]spoil{
	losesValue:  func(row, _, _ map[string]any) { delete(row, "visibility_m") },
	swapsValues: func(row, _, _ map[string]any) { swap(row, "wind_speed_ms", "wind_gust_ms") },
	mixesRows: func(row, _, before map[string]any) {
		for _, v := range meteo.Variables {
			replace(row, before, v.Name)
		}
	},
	keepsValues: func(row, known, _ map[string]any) {
		for _, v := range meteo.Variables {
			replace(row, known, v.Name)
		}
	},
}

func swap(row map[string]any, a, b string) {
	before := maps.Clone(row)
	set(row, a, before[b])
	set(row, b, before[a])
}

// replace puts another row's member into a row, when there is another row.
func replace(row, other map[string]any, name string) {
	if other != nil {
		set(row, name, other[name])
	}
}

func set(row map[string]any, name string, value any) {
	if value == nil {
		delete(row, name)
	} else {
		row[name] = value
	}
}

func (m *memoryStore) Open(testing.TB) flow.Sink {
	return &memorySink{store: m, mine: map[int32]int64{}}
}

func (m *memoryStore) Stored(testing.TB) Stored {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stored{Next: maps.Clone(m.next), Rows: append([]Row(nil), m.extra...)}
	for _, row := range m.rows {
		s.Rows = append(s.Rows, MakeRow(row))
	}
	return s
}

// memorySink is one writer of a memoryStore.
type memorySink struct {
	store  *memoryStore
	mu     sync.Mutex
	mine   map[int32]int64 // where this writer believes each partition to stand
	fault  string          // what the next commit or taking over meets
	closed bool
}

func (s *memorySink) Resume(context.Context) (flow.Offsets, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return maps.Clone(s.store.next), nil
}

func (s *memorySink) Acquire(_ context.Context, p int32) (int64, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	next, ok := s.store.next[s.store.key(p)]
	if !ok && s.store.flaw != startsAtZero {
		next = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	s.fault = ""
	switch {
	case fault == answerLost && s.store.flaw == losesPlace:
		next = -1
	case fault == answerLost && s.store.flaw == staysFenced:
		return 0, flow.ErrFenced
	case fault != "":
		return 0, flow.ErrRestart
	}
	s.mine[p] = next
	return next, nil
}

func (m *memoryStore) key(p int32) int32 {
	if m.flaw == mixesPartitions {
		return 0
	}
	return p
}

func (s *memorySink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return flow.Outcome{}, err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	s.fault = ""
	if fault == requestLost && s.store.flaw != believesLost {
		return flow.Outcome{}, flow.ErrRestart
	}
	if now, ok := s.store.next[b.Partition]; s.store.flaw != neverFences && (ok && now != b.Start && (now > b.Start || s.store.flaw != takesGaps) || !ok && s.mine[b.Partition] >= 0) {
		if s.store.flaw == wrongError {
			return flow.Outcome{}, fmt.Errorf("partition %d stands at %d", b.Partition, now)
		}
		return flow.Outcome{}, flow.ErrFenced
	}
	if fault == requestLost {
		return flow.Outcome{Written: int64(len(b.Observations))}, nil
	}
	out := s.store.put(b)
	if fault == answerLost {
		if s.store.flaw == repeatsUnknown {
			s.store.next[b.Partition] = b.Start
			for i := range b.Observations {
				s.store.extra = append(s.store.extra, RowOf(&b.Observations[i]))
			}
		}
		return flow.Outcome{}, flow.ErrRestart
	}
	return out, nil
}

// put stores a batch; the caller holds the lock.
func (m *memoryStore) put(b *flow.Batch) flow.Outcome {
	var out flow.Outcome
	if len(b.Observations) == 0 && m.flaw == ignoresEmpty {
		return out
	}
	if m.flaw != forgetsOffsets {
		m.next[m.key(b.Partition)] = b.End
	}
	var before map[string]any
	for i := range b.Observations {
		o := &b.Observations[i]
		row := members(o)
		known := m.rows[o.ID]
		if m.spoil != nil {
			m.spoil(row, known, before)
		}
		before = row
		switch ok := known != nil; {
		case m.flaw == movesOffsetOnly && i == len(b.Observations)-1, m.flaw == cutsLarge && i >= 1000:
			out.Written++
		case ok && m.flaw == doubles:
			m.extra = append(m.extra, RowOf(o))
			out.Written++
		case ok && known["revision"].(float64) >= float64(o.Revision) && m.flaw != olderWins:
			out.Duplicates++
		default:
			m.rows[o.ID] = row
			out.Written++
		}
	}
	if m.flaw == miscounts {
		out.Duplicates = 0
	}
	return out
}

func (s *memorySink) Release(p int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mine, p)
}

func (s *memorySink) Close() error {
	if s.closed && s.store.flaw == failsTwice {
		return fmt.Errorf("closed already")
	}
	s.closed = true
	return nil
}

const (
	requestLost = "the request is lost"
	answerLost  = "the answer is lost"
)

func memoryHarness(f flaw) Harness {
	arm := func(fault string) func(testing.TB, flow.Sink) {
		return func(_ testing.TB, s flow.Sink) { s.(*memorySink).fault = fault }
	}
	return Harness{
		Keeps: flow.LastRevision,
		New: func(testing.TB) Store {
			return &memoryStore{rows: map[meteo.ID]map[string]any{}, next: flow.Offsets{}, flaw: f, spoil: spoils[f]}
		},
		Faults: []Fault{
			{Name: requestLost, Arm: arm(requestLost)},
			{Name: answerLost, Arm: arm(answerLost)},
			{Name: "of taking over " + requestLost, Taking: true, Arm: arm(requestLost)},
			{Name: "of taking over " + answerLost, Taking: true, Arm: arm(answerLost)},
		},
		Huge: 1100,
	}
}

func TestAStoreThatKeepsTheContractPasses(t *testing.T) {
	TestSink(t, memoryHarness(none))
}

func TestEveryBrokenPromiseTurnsTheSuiteRed(t *testing.T) {
	for _, f := range []flaw{
		forgetsOffsets, movesOffsetOnly, neverFences, wrongError, olderWins, doubles, ignoresEmpty, mixesPartitions,
		startsAtZero, failsTwice, cutsLarge, miscounts, believesLost, repeatsUnknown, takesGaps,
		losesPlace, staysFenced, losesValue, swapsValues, mixesRows, keepsValues,
	} {
		t.Run(string(f), func(t *testing.T) {
			red := 0
			h := memoryHarness(f)
			for _, c := range cases(h) {
				if fails(t, h, c) {
					red++
				}
			}
			if red == 0 {
				t.Error("the suite is green for a store with this defect")
			}
			t.Logf("%d cases are red", red)
		})
	}
}

// fails runs a case that may fail, without failing t.
func fails(t *testing.T, h Harness, c testCase) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // a Fatalf ends its goroutine
		defer close(done)
		c.run(&suite{TB: r, Harness: h, store: h.New(r)})
	}()
	<-done
	return r.failed
}

// recorder is a test whose failure is only noted. Its methods are called from one goroutine at a time.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }
