package flowtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"senmeteo/jobs/flow"
)

// writerCases are the promises when two runs of a job work at the same time, or one follows a killed one.
func writerCases() []testCase {
	return []testCase{
		{"a run that follows a killed one goes on after it", afterAKill},
		{"a late writer is fenced and changes nothing", lateWriter},
		{"of two writers at one offset one wins", oneWins},
		{"writers at the same moment never both succeed", sameMoment},
		{"a fenced writer goes on with a partition that nobody took", otherPartition},
		{"writers that race through the same batches store each once", race},
	}
}

func afterAKill(s *suite) {
	a := run(0, 0, 0, 10)
	killed := s.open(-1, 0, 1)
	s.commit(killed, a)

	b := run(0, a.End, 10, 20)
	next := s.open(a.End, 0)
	s.commit(next, b)
	s.close(next)
	s.expect(a, b)
}

func lateWriter(s *suite) {
	a := run(0, 0, 0, 10)
	late := s.open(-1, 0)
	s.commit(late, a)

	b := run(0, a.End, 10, 20)
	rival := s.open(a.End, 0)
	s.commit(rival, b)

	_, err := late.Commit(s.ctx(), run(0, a.End, 100, 130))
	s.fenced(err)
	s.expect(a, b)
	s.close(late)

	c := run(0, b.End, 20, 30)
	s.commit(rival, c)
	s.close(rival)
	s.expect(a, b, c)
}

// oneWins lets the earlier writer commit first, at the offset at which the later one stands too. Whether taking a partition
// over fences at once or only a commit does is the store's affair.
func oneWins(s *suite) {
	earlier := s.open(-1, 0)
	later := s.open(-1, 0)
	mine, theirs := run(0, 0, 0, 10), run(0, 0, 100, 120)
	_, err := earlier.Commit(s.ctx(), clone(mine))
	_, laterErr := later.Commit(s.ctx(), clone(theirs))
	s.oneOf(err, laterErr, mine, theirs)
	s.close(earlier)
	s.close(later)
}

// oneOf checks that exactly one of two commits succeeded and that the store holds its batch alone.
func (s *suite) oneOf(first, second error, a, b *flow.Batch) {
	s.Helper()
	switch {
	case first == nil && second == nil:
		s.Errorf("both writers committed at offset %d", a.Start)
	case first != nil && second != nil:
		s.Errorf("no writer committed: %v; %v", first, second)
	case first == nil:
		s.fenced(second)
		s.expect(a)
	default:
		s.fenced(first)
		s.expect(b)
	}
}

func sameMoment(s *suite) {
	sinks := [2]flow.Sink{s.open(-1, 0), s.open(-1, 0)}
	batches := [2]*flow.Batch{run(0, 0, 0, 10), run(0, 0, 100, 120)}
	var errs [2]error
	var both sync.WaitGroup
	for i := range sinks {
		both.Go(func() { _, errs[i] = sinks[i].Commit(s.ctx(), clone(batches[i])) })
	}
	both.Wait()
	s.oneOf(errs[0], errs[1], batches[0], batches[1])
	s.close(sinks[0])
	s.close(sinks[1])
}

func otherPartition(s *suite) {
	first := s.open(-1, 0, 1)
	rival := s.open(-1, 0)
	a, b := run(0, 0, 0, 10), run(1, 0, 0, 10)
	s.commit(rival, a)
	s.commit(first, b)
	s.close(first)
	s.close(rival)
	s.expect(a, b)
}

// race lets several writers commit the same batches, each from where it finds the partition, as runs do that are started again
// and again.
func race(s *suite) {
	const writers, batches = 3, 5
	var all []*flow.Batch
	byStart := map[int64]*flow.Batch{}
	end := int64(0)
	for i := range batches {
		b := run(0, end, 10*i, 10*i+10)
		all, byStart[b.Start], end = append(all, b), b, b.End
	}
	failures := make([]error, writers)
	starts := make(chan chan<- flow.Sink)
	start := func() flow.Sink {
		started := make(chan flow.Sink)
		starts <- started
		return <-started
	}
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() { failures[i] = s.runUntil(end, start, byStart) })
	}
	go func() { group.Wait(); close(starts) }()
	for started := range starts {
		started <- s.store.Open(s) // here, since it may end the test
	}
	for _, err := range failures {
		if err != nil {
			s.Errorf("a writer that races others: %v", err)
		}
	}
	s.expect(all...)
}

// runUntil commits batches of partition 0 until the store is at the end. After a lost race it starts a new run, as after ErrFenced, or
// acquires the partition again.
func (s *suite) runUntil(end int64, start func() flow.Sink, byStart map[int64]*flow.Batch) error {
	var lost error
	sink := start()
	for range 60 {
		next, err := sink.Acquire(s.ctx(), 0)
		for err == nil && next < end {
			b := byStart[max(next, 0)]
			if b == nil {
				return fmt.Errorf("the partition is at %d, where no batch starts", next)
			}
			if _, err = sink.Commit(s.ctx(), clone(b)); err == nil {
				next = b.End
			}
		}
		switch {
		case err == nil:
			return sink.Close()
		case flow.ClassOf(err) != flow.TryLater:
			return err
		}
		lost = err
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		if !errors.Is(err, flow.ErrRestart) {
			if err := sink.Close(); err != nil {
				return err
			}
			sink = start()
		}
	}
	return fmt.Errorf("it has not come to the end; the last time since: %w", lost)
}

// fault lets one commit go wrong and goes on with a new sink, as after a crash.
func (s *suite) fault(f Fault) {
	a := run(0, 0, 0, 10)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	f.Arm(s, sink)
	b := run(0, a.End, 10, 20)
	_, err := sink.Commit(s.ctx(), clone(b))
	s.settle(err, []*flow.Batch{a}, b)
	_ = sink.Close() // whatever the fault has left of it
}

// takingFault lets the taking over of a partition go wrong, first of one that was never stored and then of one that was. The sink that
// met the fault goes on, or where it gives up the next run; whoever held the partition before is fenced.
func (s *suite) takingFault(f Fault) {
	a := run(0, 0, 0, 10)
	b := run(0, a.End, 10, 20)
	first := s.takeAndMeet(f, -1)
	s.commit(first, a)
	s.expect(a)
	second := s.takeAndMeet(f, a.End)
	s.commit(second, b)
	_, err := first.Commit(s.ctx(), run(0, a.End, 100, 130))
	s.fenced(err)
	s.close(first)
	s.close(second)
	s.expect(a, b)
}

// takeAndMeet opens a sink that meets a fault when it acquires partition 0, which must be at next, and returns one that holds it.
func (s *suite) takeAndMeet(f Fault, next int64) flow.Sink {
	s.Helper()
	sink := s.open(next)
	f.Arm(s, sink)
	got, err := sink.Acquire(s.ctx(), 0)
	switch {
	case errors.Is(err, flow.ErrFenced):
		s.Fatalf("Acquire after a fault returned %v, though nobody else is there", err)
	case errors.Is(err, flow.ErrRestart):
		s.acquire(sink, 0, next)
	case err != nil:
		s.Logf("the fault ends the run: %v", err)
		_ = sink.Close()
		return s.open(next, 0)
	case got != next:
		s.Errorf("Acquire after a fault says that the next offset is %d, want %d", got, next)
	}
	return sink
}

// takingFaultAndAnother lets another run take the partition over from one whose taking over went wrong.
func (s *suite) takingFaultAndAnother(f Fault) {
	var stored []*flow.Batch
	next, start := int64(-1), int64(0)
	for i := range 2 { // of a partition that was never stored, and of one that was
		unlucky := s.open(next)
		f.Arm(s, unlucky)
		_, err := unlucky.Acquire(s.ctx(), 0)
		other := s.open(next, 0)
		b := run(0, start, 10*i, 10*i+10)
		s.commit(other, b)
		stored = append(stored, b)
		if err == nil {
			_, err = unlucky.Commit(s.ctx(), run(0, start, 100, 130))
			s.fenced(err)
		}
		_ = unlucky.Close() // whatever the fault has left of it
		s.close(other)
		s.expect(stored...)
		next, start = b.End, b.End
	}
}

// settle goes on, with a new sink, after a commit that may have failed, and checks that everything is there once.
func (s *suite) settle(err error, stored []*flow.Batch, b *flow.Batch) {
	s.Helper()
	sink := s.store.Open(s)
	defer s.close(sink)
	s.resume(sink)
	s.goOn(sink, err, stored, b)
}

// faultAndGoOn lets one commit go wrong and goes on with the same sink, as flow.Run does.
func (s *suite) faultAndGoOn(f Fault) {
	a := run(0, 0, 0, 10)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	f.Arm(s, sink)
	b := run(0, a.End, 10, 20)
	_, err := sink.Commit(s.ctx(), clone(b))
	if err != nil && !errors.Is(err, flow.ErrRestart) {
		s.Logf("the fault ends the run: %v", err)
		_ = sink.Close()
		s.settle(err, []*flow.Batch{a}, b)
		return
	}
	s.goOn(sink, err, []*flow.Batch{a}, b)
	s.close(sink)
}

// goOn acquires the partition again, commits the batch if the store says that it is not there, and one more.
func (s *suite) goOn(sink flow.Sink, err error, stored []*flow.Batch, b *flow.Batch) {
	s.Helper()
	next, acquireErr := sink.Acquire(s.ctx(), b.Partition)
	switch {
	case acquireErr != nil:
		s.Fatalf("Acquire after a commit that returned %v: %v", err, acquireErr)
	case next == b.Start && err == nil:
		s.Fatalf("Commit returned no error, but the next offset is still %d", next)
	case next == b.Start:
		s.commit(sink, b)
	case next != b.End:
		s.Fatalf("the next offset is %d, want %d or %d", next, b.Start, b.End)
	}
	last := run(b.Partition, b.End, 50, 60)
	s.commit(sink, last)
	s.expect(append(stored, b, last)...)
}
