package flow

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"senmeteo/jobs/meteo"
)

// DaySum sums up what a store holds of one station and one day of observed_at, UTC.
type DaySum struct {
	StationID string
	Day       time.Time // its first moment
	IDs       int64
	Rows      int64  // more than IDs where several revisions are kept
	Hash      uint64 // the sum over the ids of Hash of the last revision
	RowsHash  uint64 // the sum over the rows of Hash
	// The sums over the ids of the last revision's Number, and of its FetchedAt in milliseconds since 1970, modulo 2^64. They guard stores that keep
	// a revision's hash beside what it is the hash of: one of the two may have been changed without the other.
	Numbers, FetchedMs int64
}

// Hash is a hash of a revision that PostgreSQL computes as well, so that a store can sum up what it holds where the data is: the
// first 8 bytes, big-endian, of the MD5 of "id:number:milliseconds of fetched_at since 1970". It guards against errors,
// not against enemies.
func (r Revision) Hash() uint64 {
	text := make([]byte, 0, 80)
	text = hex.AppendEncode(text, r.ID[:])
	text = strconv.AppendInt(append(text, ':'), r.Number, 10)
	text = strconv.AppendInt(append(text, ':'), r.FetchedAt.UnixMilli(), 10)
	sum := md5.Sum(text)
	return binary.BigEndian.Uint64(sum[:8])
}

// Summer sums revisions up by station and day, for stores that have to read them. The revisions of one id are added in
// the order in which they were committed.
type Summer struct {
	last map[meteo.ID]lastRevision
	sums map[daySumKey]*DaySum
}

// lastRevision is the one of an id that Each counts.
type lastRevision struct {
	fetchedAt int64 // milliseconds since 1970
	number    int64
	hash      uint64
	sum       *DaySum // that counts it
}

// count adds the revision to its sum, or takes it away, as an id: by 1 or -1.
func (l *lastRevision) count(by int64) {
	l.sum.IDs += by
	l.sum.Hash += uint64(by) * l.hash
	l.sum.Numbers += by * l.number
	l.sum.FetchedMs += by * l.fetchedAt
}

type daySumKey struct {
	station string
	day     int64
}

// NewSummer returns a Summer of nothing. It holds one entry for each id of Add until Each.
func NewSummer() *Summer {
	return &Summer{last: map[meteo.ID]lastRevision{}, sums: map[daySumKey]*DaySum{}}
}

const secondsPerDay = 24 * 60 * 60

// DayNumber returns the days from 1970 to the day of t, UTC.
func DayNumber(t time.Time) int64 {
	seconds := t.Unix()
	day := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		day--
	}
	return day
}

// DayOfNumber returns the first moment of a day, UTC.
func DayOfNumber(day int64) time.Time { return time.Unix(day*secondsPerDay, 0).UTC() }

// Add takes a revision in.
func (s *Summer) Add(r Revision) {
	last := s.addRow(r)
	before, known := s.last[r.ID]
	if known {
		if last.fetchedAt < before.fetchedAt { // see Replaces
			return
		}
		before.count(-1)
	}
	last.count(1)
	s.last[r.ID] = last
}

// AddOnly takes in a revision of an id that has no other one, and keeps nothing of it but the sum.
func (s *Summer) AddOnly(r Revision) {
	only := s.addRow(r)
	only.count(1)
}

// AddSum takes in a sum of ids that are in no other one.
func (s *Summer) AddSum(part DaySum) {
	sum := s.sum(daySumKey{part.StationID, DayNumber(part.Day)})
	sum.IDs += part.IDs
	sum.Rows += part.Rows
	sum.Hash += part.Hash
	sum.RowsHash += part.RowsHash
	sum.Numbers += part.Numbers
	sum.FetchedMs += part.FetchedMs
}

// addRow counts a row, and returns what may count as an id.
func (s *Summer) addRow(r Revision) lastRevision {
	sum, hash := s.sum(daySumKey{r.StationID, DayNumber(r.ObservedAt)}), r.Hash()
	sum.Rows++
	sum.RowsHash += hash
	return lastRevision{r.FetchedAt.UnixMilli(), r.Number, hash, sum}
}

// sum returns the sum of a station and day.
func (s *Summer) sum(k daySumKey) *DaySum {
	sum := s.sums[k]
	if sum == nil {
		sum = &DaySum{StationID: k.station, Day: DayOfNumber(k.day)}
		s.sums[k] = sum
	}
	return sum
}

// Each calls each with the sums, in no order, and forgets them.
func (s *Summer) Each(each func(DaySum) error) error {
	for _, sum := range s.sums {
		if err := each(*sum); err != nil {
			return err
		}
	}
	clear(s.last)
	clear(s.sums)
	return nil
}
