package flow

import (
	"slices"
	"sync"

	"senmeteo/jobs/meteo"
)

// spares are slices of batches that are stored, for later batches: they are the largest that a run allocates. Several goroutines may use
// them.
type spares struct {
	most    int // of each kind
	largest int // slices of more are left to the collector: one value may have made a batch of many observations

	mu           sync.Mutex
	records      [][]Record
	observations [][]meteo.Observation
	origins      [][]int
}

// keep takes the slices of a batch that is stored. What they refer to is given up.
func (s *spares) keep(b *Batch) {
	clear(b.Records)
	clear(b.Observations)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = keepOne(s, s.records, b.Records)
	s.observations = keepOne(s, s.observations, b.Observations)
	s.origins = keepOne(s, s.origins, b.Origin)
}

// forRecords returns a slice for the records of a batch; nil when there is none.
func (s *spares) forRecords() (spare []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spare, s.records = takeOne(s.records)
	return spare
}

// equip gives a batch slices for what the steps make of it.
func (s *spares) equip(b *Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.Observations, s.observations = takeOne(s.observations)
	b.Origin, s.origins = takeOne(s.origins)
}

func keepOne[T any](s *spares, kept [][]T, one []T) [][]T {
	if len(kept) >= s.most || cap(one) == 0 || cap(one) > s.largest {
		return kept
	}
	return append(kept, one[:0])
}

func takeOne[T any](kept [][]T) (one []T, rest [][]T) {
	n := len(kept)
	if n == 0 {
		return nil, kept
	}
	one = kept[n-1]
	return one, slices.Delete(kept, n-1, n)
}
