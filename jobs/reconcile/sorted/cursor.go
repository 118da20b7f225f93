package sorted

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Cursor reads a Set from its first revision to its last. Those of one key come in the order in which they were added.
type Cursor struct {
	sources sources
	started bool
}

// Read returns a cursor before the first revision. Nothing may be added while a cursor is in use; several may be, by
// several goroutines, but for the first call.
func (s *Set) Read() *Cursor {
	s.sort()
	c := &Cursor{}
	for i, r := range s.runs {
		c.sources = append(c.sources, &source{order: i, in: bufio.NewReaderSize(io.NewSectionReader(s.file, r.offset, r.length), 32<<10)})
	}
	c.sources = append(c.sources, &source{order: len(s.runs), kept: s.latest})
	return c
}

// Next moves to the next revision and returns it, which is valid until the next call; at the end it returns nil.
func (c *Cursor) Next() (*Revision, error) {
	if !c.started {
		c.started = true
		return c.start()
	}
	if len(c.sources) == 0 {
		return nil, nil
	}
	more, err := c.sources[0].next()
	switch {
	case err != nil:
		return nil, err
	case more:
		heap.Fix(&c.sources, 0)
	default:
		heap.Pop(&c.sources)
	}
	return c.head(), nil
}

// start reads the first revision of every source.
func (c *Cursor) start() (*Revision, error) {
	var filled sources
	for _, s := range c.sources {
		more, err := s.next()
		if err != nil {
			return nil, err
		}
		if more {
			filled = append(filled, s)
		}
	}
	c.sources = filled
	heap.Init(&c.sources)
	return c.head(), nil
}

func (c *Cursor) head() *Revision {
	if len(c.sources) == 0 {
		return nil
	}
	return &c.sources[0].head
}

// source is a run in the file, or the revisions in memory.
type source struct {
	order int // a later run was added later
	in    *bufio.Reader
	kept  []numbered
	head  Revision
}

// next moves to the next revision, if there is one.
func (s *source) next() (bool, error) {
	if s.in == nil {
		if len(s.kept) == 0 {
			return false, nil
		}
		s.head, s.kept = s.kept[0].Revision, s.kept[1:]
		return true, nil
	}
	day, err := binary.ReadVarint(s.in)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err == nil {
		err = s.rest(day)
	}
	if err != nil {
		return false, fmt.Errorf("reading revisions that were put aside: %w", err)
	}
	return true, nil
}

// rest reads a revision after the first of its numbers.
func (s *source) rest(day int64) error {
	station, err := binary.ReadVarint(s.in)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(s.in, s.head.ID[:]); err != nil {
		return err
	}
	fetched, err := binary.ReadVarint(s.in)
	if err != nil {
		return err
	}
	if s.head.Number, err = binary.ReadVarint(s.in); err != nil {
		return err
	}
	s.head.Day += int32(day)
	s.head.Station += int32(station)
	s.head.FetchedAt += fetched
	return nil
}

// sources is a heap by the heads.
type sources []*source

func (s sources) Len() int { return len(s) }
func (s sources) Less(i, j int) bool {
	return cmp.Or(s[i].head.Compare(&s[j].head.Key), cmp.Compare(s[i].order, s[j].order)) < 0
}
func (s sources) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s *sources) Push(x any)   { *s = append(*s, x.(*source)) }
func (s *sources) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}
