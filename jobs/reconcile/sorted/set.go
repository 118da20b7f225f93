// Package sorted keeps revisions by day, station and id in bounded memory: what does not fit goes to a temporary file, in
// sorted runs that are merged when they are read.
package sorted

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"senmeteo/jobs/meteo"
)

// Revision is what is kept of a flow.Revision.
type Revision struct {
	Key
	FetchedAt int64 // milliseconds since 1970
	Number    int64
}

// Key is the order of revisions.
type Key struct {
	Day     int32 // of the observation, since 1970, UTC
	Station int32 // a number of the caller's
	ID      meteo.ID
}

// Compare orders keys by day, station and id.
func (k *Key) Compare(other *Key) int {
	return cmp.Or(cmp.Compare(k.Day, other.Day), cmp.Compare(k.Station, other.Station), bytes.Compare(k.ID[:], other.ID[:]))
}

// InMemory is how many revisions a Set keeps in memory, at 48 bytes each, beside 32 KiB for each run when it is read.
const InMemory = 1 << 17

// Set is revisions, added first and then read as often as needed.
type Set struct {
	limit  int
	latest []numbered // added since the last run was written
	sorted bool       // latest is
	file   *os.File   // has no name any more; nil before the first run
	runs   []run
	size   int64 // of file
}

// numbered keeps the order in which revisions of one key were added.
type numbered struct {
	Revision
	place int32
}

// run is a part of the file.
type run struct{ offset, length int64 }

// New returns an empty Set that keeps so many revisions in memory.
func New(limit int) *Set { return &Set{limit: limit} }

// Add adds a revision.
func (s *Set) Add(r Revision) error {
	if len(s.latest) == s.limit {
		if err := s.writeRun(); err != nil {
			return fmt.Errorf("putting revisions aside in %s (set TMPDIR to a folder with room: about 24 bytes for each): %w", os.TempDir(), err)
		}
	}
	s.latest = append(s.latest, numbered{r, int32(len(s.latest))})
	s.sorted = false
	return nil
}

// sort brings the revisions in memory into order.
func (s *Set) sort() {
	if s.sorted {
		return
	}
	slices.SortFunc(s.latest, func(a, b numbered) int { return cmp.Or(a.Compare(&b.Key), cmp.Compare(a.place, b.place)) })
	s.sorted = true
}

// writeRun moves the revisions in memory to the file.
func (s *Set) writeRun() error {
	if s.file == nil {
		file, err := os.CreateTemp("", "senmeteo-*")
		if err != nil {
			return err
		}
		s.file = file
		if err := os.Remove(file.Name()); err != nil { // a process that is killed leaves nothing
			return err
		}
	}
	s.sort()
	to := &counted{file: s.file}
	out := bufio.NewWriterSize(to, 64<<10)
	var before Revision
	var buf []byte
	for i := range s.latest {
		r := &s.latest[i].Revision
		buf = r.appendAfter(buf[:0], &before)
		if _, err := out.Write(buf); err != nil {
			return err
		}
		before = *r
	}
	if err := out.Flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, run{s.size, to.written})
	s.size += to.written
	s.latest = s.latest[:0]
	return nil
}

// counted counts what is written to a file.
type counted struct {
	file    *os.File
	written int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.file.Write(p)
	c.written += int64(n)
	return n, err
}

// appendAfter writes a revision as it is in the file: about 24 bytes, since all but the id differs little from the one before.
func (r *Revision) appendAfter(buf []byte, before *Revision) []byte {
	buf = binary.AppendVarint(buf, int64(r.Day)-int64(before.Day))
	buf = binary.AppendVarint(buf, int64(r.Station)-int64(before.Station))
	buf = append(buf, r.ID[:]...)
	buf = binary.AppendVarint(buf, r.FetchedAt-before.FetchedAt)
	return binary.AppendVarint(buf, r.Number)
}

// Close removes the file. Cursors must not be used after it.
func (s *Set) Close() error {
	s.latest, s.runs = nil, nil
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
