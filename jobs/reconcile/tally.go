package reconcile

import (
	"fmt"
	"slices"
	"strconv"

	"senmeteo/jobs/meteo"
)

// Tally sums up what a topic or store holds. Equal hashes mean equal ids, each with an equal last revision.
type Tally struct {
	Name         string           `json:"name"`
	Observations int64            `json:"observations"` // ids
	Records      int64            `json:"records"`      // rows or records: more than ids where every revision is kept
	Hashes       map[int32]string `json:"hashes"`       // by partition of the station, 16 hexadecimal digits
}

// Hash is the hash over all partitions.
func (t Tally) Hash() string {
	var sum uint64
	for _, text := range t.Hashes {
		h, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			return text // not made by summing
		}
		sum += h
	}
	return fmt.Sprintf("%016x", sum)
}

// summing is a Tally in the making. Its hashes are the sums of flow.Revision.Hash of last revisions, in any order.
type summing struct {
	observations, records int64
	hashes                map[int32]uint64
}

func (s *summing) add(partition int32, observations, records int64, hash uint64) {
	if s.hashes == nil {
		s.hashes = map[int32]uint64{}
	}
	s.observations += observations
	s.records += records
	s.hashes[partition] += hash
}

func (s *summing) tally(name string) Tally {
	t := Tally{Name: name, Observations: s.observations, Records: s.records, Hashes: map[int32]string{}}
	for p, h := range s.hashes {
		t.Hashes[p] = fmt.Sprintf("%016x", h)
	}
	return t
}

// Differences are what a store has otherwise than the clean topic. Each list names the first ids in their order.
type Differences struct {
	Store   string   `json:"store"`
	Missing []string `json:"missing,omitempty"` // in the clean topic, not in the store
	Extra   []string `json:"extra,omitempty"`   // in the store, not in the clean topic
	Stale   []string `json:"stale,omitempty"`   // another revision than the clean topic's last
	Doubled []string `json:"doubled,omitempty"` // the same revision more often than the topic has it
	Count   int64    `json:"count"`             // of all, named or not
}

// named is how many ids each list of Differences names at the most.
const named = 10

// list counts ids and keeps the first in their order.
type list struct {
	count int64
	first []meteo.ID
}

func (l *list) add(id meteo.ID) {
	l.count++
	at, _ := slices.BinarySearchFunc(l.first, id, func(a, b meteo.ID) int { return slices.Compare(a[:], b[:]) })
	l.first = slices.Insert(l.first, at, id)
	l.first = l.first[:min(len(l.first), named)]
}

func (l *list) names() []string {
	var out []string
	for _, id := range l.first {
		out = append(out, id.String())
	}
	return out
}
