package flowtest

import (
	"runtime"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest/memory"
)

// memoryStore lets the suite use a memory.Database.
type memoryStore struct{ *memory.Database }

func (m memoryStore) Open(testing.TB) flow.Sink {
	return m.Database.Open(flow.Topic{Name: "meteo.clean", ID: "life-1", ClusterID: "cluster", Partitions: Partitions})
}

func (m memoryStore) Stored(testing.TB) Stored {
	s := Stored{Next: m.Next()}
	for _, row := range m.Rows() {
		s.Rows = append(s.Rows, MakeRow(row))
	}
	return s
}

func memoryHarness(f memory.Flaw) Harness {
	arm := func(fault string) func(testing.TB, flow.Sink) {
		return func(_ testing.TB, s flow.Sink) { s.(*memory.Store).Meet(fault) }
	}
	return Harness{
		Keeps: flow.LastRevision,
		New:   func(testing.TB) Store { return memoryStore{memory.NewDatabase(f)} },
		Faults: []Fault{
			{Name: memory.RequestLost, Arm: arm(memory.RequestLost)},
			{Name: memory.AnswerLost, Arm: arm(memory.AnswerLost)},
			{Name: "of an acquisition " + memory.RequestLost, Taking: true, Arm: arm(memory.RequestLost)},
			{Name: "of an acquisition " + memory.AnswerLost, Taking: true, Arm: arm(memory.AnswerLost)},
		},
		Huge: 1100,
	}
}

func TestAStoreThatKeepsTheContractPasses(t *testing.T) {
	TestStore(t, memoryHarness(memory.None))
}

func TestEveryBrokenPromiseTurnsTheSuiteRed(t *testing.T) {
	for _, f := range memory.Flaws {
		t.Run(string(f), func(t *testing.T) {
			red := 0
			h := memoryHarness(f)
			for _, c := range append(cases(h), storeCases()...) {
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
