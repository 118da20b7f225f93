package flowtest

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// TestSink runs the suite of flow.Sink.
func TestSink(t *testing.T, h Harness) { runCases(t, h, cases(h)) }

// TestStore runs the suites of flow.Sink and flow.Store: what the Harness opens must be a flow.Store.
func TestStore(t *testing.T, h Harness) { runCases(t, h, append(cases(h), storeCases()...)) }

func runCases(t *testing.T, h Harness, all []testCase) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			if h.Parallel {
				t.Parallel()
			}
			c.run(&suite{TB: t, Harness: h, store: h.New(t)})
		})
	}
}

// testCase is one promise.
type testCase struct {
	name string
	run  func(*suite)
}

func cases(h Harness) []testCase {
	all := append(contractCases(), writerCases()...)
	for _, f := range h.Faults {
		if f.Taking {
			all = append(all, testCase{"a partition is taken over all the same after a fault: " + f.Name, func(s *suite) { s.takingFault(f) }},
				testCase{"another run goes on after a fault: " + f.Name, func(s *suite) { s.takingFaultAndAnother(f) }})
			continue
		}
		all = append(all, testCase{"after a fault everything is there once: " + f.Name, func(s *suite) { s.fault(f) }},
			testCase{"the same sink goes on after a fault: " + f.Name, func(s *suite) { s.faultAndGoOn(f) }})
	}
	return all
}

// suite is one case at work on one store.
type suite struct {
	testing.TB
	Harness
	store Store
}

// limit bounds each call of a sink.
const limit = time.Minute

func (s *suite) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	s.Cleanup(cancel)
	return ctx
}

// open opens a sink and acquires partitions, each of which must be at next.
func (s *suite) open(next int64, partitions ...int32) flow.Sink {
	s.Helper()
	sink := s.store.Open(s)
	s.resume(sink)
	for _, p := range partitions {
		s.acquire(sink, p, next)
	}
	return sink
}

func (s *suite) resume(sink flow.Sink) flow.Offsets {
	s.Helper()
	next, err := sink.Resume(s.ctx())
	if err != nil {
		s.Fatalf("Resume: %v", err)
	}
	return next
}

func (s *suite) acquire(sink flow.Sink, partition int32, want int64) {
	s.Helper()
	next, err := sink.Acquire(s.ctx(), partition)
	if err != nil {
		s.Fatalf("Acquire of partition %d: %v", partition, err)
	}
	if next != want {
		s.Fatalf("Acquire of partition %d says that the next offset is %d, want %d", partition, next, want)
	}
}

// commit commits a batch that must be accepted whole.
func (s *suite) commit(sink flow.Sink, b *flow.Batch) {
	s.Helper()
	given := len(b.Observations)
	out, err := sink.Commit(s.ctx(), clone(b))
	if err != nil {
		s.Fatalf("Commit of [%d, %d) of partition %d: %v", b.Start, b.End, b.Partition, err)
	}
	if out.Rejected != 0 || out.Written+out.Duplicates != int64(given) {
		s.Errorf("Commit of %d observations reports %+v: written and duplicates must add up to what was given, none rejected", given, out)
	}
}

func (s *suite) close(sink flow.Sink) {
	s.Helper()
	if err := sink.Close(); err != nil {
		s.Errorf("Close: %v", err)
	}
}

// expect compares the store with the batches that it should hold and the offset that ends each partition's last one, and a
// new sink's Resume with the store.
func (s *suite) expect(batches ...*flow.Batch) {
	s.Helper()
	next := flow.Offsets{}
	for _, b := range batches {
		next[b.Partition] = max(next[b.Partition], b.End)
	}
	got := s.store.Stored(s)
	if !maps.Equal(got.Next, next) {
		s.Errorf("the store's next offsets are %v, want %v", got.Next, next)
	}
	if diff := difference(got.Rows, rowsOf(s.Keeps, batches...)); diff != "" {
		s.Errorf("the store holds other rows than it should: %s", diff)
	}
	sink := s.store.Open(s)
	defer s.close(sink)
	if resumed := s.resume(sink); !maps.Equal(resumed, next) {
		s.Errorf("Resume says %v, want %v", resumed, next)
	}
}

// fenced fails unless err says that another writer took over.
func (s *suite) fenced(err error) {
	s.Helper()
	if !errors.Is(err, flow.ErrFenced) {
		s.Errorf("the late writer's Commit returned %v, want flow.ErrFenced", err)
	}
}
