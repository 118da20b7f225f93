package flowtest

import (
	"context"
	"sync"

	"senmeteo/jobs/flow"
)

// contractCases are the promises to one writer.
func contractCases() []testCase {
	return []testCase{
		{"a partition that was never stored has no offset", neverStored},
		{"what is committed is resumed behind", resumedBehind},
		{"a partition may begin at any offset", beginsAnywhere},
		{"data and offset move together", moveTogether},
		{"a batch that comes again after a restart is refused or absorbed", repeated},
		{"an empty batch moves the offset", emptyBatch},
		{"a partition may begin with an empty batch", beginsEmpty},
		{"a batch that leaves a gap changes nothing", gap},
		{"a huge batch is stored whole", hugeBatch},
		{"the latest revision inside a batch wins", revisionsInside},
		{"revisions that come in the wrong order keep the latest", revisionsAcross},
		{"the same revision in two batches is stored once by a store of latest revisions", repeatedRevision},
		{"observations of every form are stored with every field", everyForm},
		{"a later revision replaces every field", everyFieldReplaced},
		{"partitions are independent and may be committed at the same time", severalPartitions},
		{"a commit whose context has ended is whole or absent", contextEnded},
		{"closing twice and releasing what was not acquired are harmless", closing},
	}
}

func neverStored(s *suite) {
	sink := s.store.Open(s)
	if next := s.resume(sink); len(next) != 0 {
		s.Errorf("Resume of an empty store says %v, want nothing", next)
	}
	s.acquire(sink, 0, -1)
	s.acquire(sink, 3, -1)
	s.close(sink)
	s.expect()
}

func resumedBehind(s *suite) {
	a := run(0, 0, 0, 10)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	s.close(sink)
	s.expect(a)

	b := run(0, a.End, 10, 25)
	sink = s.open(a.End, 0)
	s.commit(sink, b)
	s.close(sink)
	s.expect(a, b)
}

func beginsAnywhere(s *suite) {
	b := run(2, 1_000_000_000_000, 0, 3)
	sink := s.open(-1, 2)
	s.commit(sink, b)
	s.close(sink)
	s.expect(b)
}

func moveTogether(s *suite) {
	sink := s.open(-1, 1)
	var stored []*flow.Batch
	start := int64(0)
	for i := range 5 {
		b := run(1, start, 7*i, 7*i+7)
		s.commit(sink, b)
		start = b.End
		stored = append(stored, b)
		s.expect(stored...)
	}
	s.close(sink)
}

func repeated(s *suite) {
	b := run(0, 0, 0, 10)
	first := s.open(-1, 0)
	s.commit(first, b)
	s.close(first)

	second := s.open(b.End, 0)
	_, _ = second.Commit(s.ctx(), clone(b)) // refused or absorbed: the store knows
	s.expect(b)
	s.close(second)

	c := run(0, b.End, 10, 12)
	third := s.open(b.End, 0)
	s.commit(third, c)
	s.close(third)
	s.expect(b, c)
}

func emptyBatch(s *suite) {
	a := run(0, 0, 0, 3)
	empty := &flow.Batch{Partition: 0, Start: a.End, End: a.End + 5}
	b := run(0, empty.End, 3, 6)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	s.commit(sink, empty)
	s.expect(a, empty)
	s.commit(sink, b)
	s.close(sink)
	s.expect(a, empty, b)
}

func beginsEmpty(s *suite) {
	empty := &flow.Batch{Partition: 1, Start: 7, End: 9}
	b := run(1, empty.End, 0, 3)
	sink := s.open(-1, 1)
	s.commit(sink, empty)
	s.expect(empty)
	s.commit(sink, b)
	s.close(sink)
	s.expect(empty, b)
}

func gap(s *suite) {
	a := run(0, 0, 0, 10)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	if _, err := sink.Commit(s.ctx(), run(0, a.End+5, 15, 20)); err == nil {
		s.Errorf("a batch that starts at %d is committed behind one that ends at %d", a.End+5, a.End)
	}
	s.close(sink)
	s.expect(a)
}

func hugeBatch(s *suite) {
	n := s.Huge
	if n == 0 {
		n = 20_000
	}
	b := run(0, 0, 0, n)
	sink := s.open(-1, 0)
	s.commit(sink, b)
	s.close(sink)
	s.expect(b)
}

func revisionsInside(s *suite) {
	b := Batch(0, 0, Observation(0, 0, 1), Observation(0, 1, 1), Observation(0, 0, 3), Observation(0, 0, 2), Observation(0, 2, 1))
	sink := s.open(-1, 0)
	s.commit(sink, b)
	s.close(sink)
	s.expect(b)
}

func revisionsAcross(s *suite) {
	a := Batch(0, 0, Observation(0, 0, 2), Observation(0, 1, 1))
	b := Batch(0, a.End, Observation(0, 0, 1), Observation(0, 1, 2))
	sink := s.open(-1, 0)
	s.commit(sink, a)
	s.commit(sink, b)
	s.close(sink)
	s.expect(a, b)
}

func repeatedRevision(s *suite) {
	a := Batch(0, 0, Observation(0, 0, 1), Observation(0, 1, 1))
	b := Batch(0, a.End, Observation(0, 1, 1), Observation(0, 2, 1))
	sink := s.open(-1, 0)
	s.commit(sink, a)
	s.commit(sink, b)
	s.close(sink)
	s.expect(a, b)
}

func everyForm(s *suite) {
	b := Batch(0, 0, forms()...)
	sink := s.open(-1, 0)
	s.commit(sink, b)
	s.close(sink)
	s.expect(b)
}

func everyFieldReplaced(s *suite) {
	a := Batch(0, 0, forms()...)
	b := Batch(0, a.End, correctedForms()...)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	s.commit(sink, b)
	s.close(sink)
	s.expect(a, b)
}

func severalPartitions(s *suite) {
	var partitions []int32
	for p := range int32(Partitions) {
		partitions = append(partitions, p)
	}
	sink := s.open(-1, partitions...)
	stored := make([][]*flow.Batch, Partitions)
	failures := make([]error, Partitions)
	var all sync.WaitGroup
	for _, p := range partitions {
		all.Go(func() {
			start := int64(10 * p)
			for i := range 4 {
				b := run(p, start, 50*i, 50*i+50)
				if _, failures[p] = sink.Commit(s.ctx(), clone(b)); failures[p] != nil {
					return
				}
				start = b.End
				stored[p] = append(stored[p], b)
			}
		})
	}
	all.Wait()
	s.close(sink)
	var batches []*flow.Batch
	for p, err := range failures {
		if err != nil {
			s.Fatalf("Commit of partition %d beside others: %v", p, err)
		}
		batches = append(batches, stored[p]...)
	}
	s.expect(batches...)
}

func contextEnded(s *suite) {
	a := run(0, 0, 0, 10)
	sink := s.open(-1, 0)
	s.commit(sink, a)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	b := run(0, a.End, 10, 20)
	_, err := sink.Commit(ended, clone(b))
	s.close(sink)
	s.settle(err, []*flow.Batch{a}, b)
}

func closing(s *suite) {
	b := run(0, 0, 0, 3)
	sink := s.open(-1, 0)
	sink.Release(2)
	s.commit(sink, b)
	sink.Release(0)
	sink.Release(0)
	s.acquire(sink, 0, b.End)
	s.close(sink)
	s.close(sink)
	sink.Release(0)
	s.expect(b)

	unused := s.store.Open(s)
	s.close(unused)
	s.expect(b)
}
