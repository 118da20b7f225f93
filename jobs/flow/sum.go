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
	last map[meteo.ID]Revision
	rows map[daySumKey]int64
}

type daySumKey struct {
	station string
	day     int64 // days since 1970
}

// NewSummer returns a Summer of nothing. It holds one entry for each id until Each.
func NewSummer() *Summer { return &Summer{last: map[meteo.ID]Revision{}, rows: map[daySumKey]int64{}} }

const secondsPerDay = 24 * 60 * 60

func keyOf(r Revision) daySumKey {
	seconds := r.ObservedAt.Unix()
	day := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		day--
	}
	return daySumKey{r.StationID, day}
}

// Add takes a revision in.
func (s *Summer) Add(r Revision) {
	s.rows[keyOf(r)]++
	if before, ok := s.last[r.ID]; !ok || r.Replaces(before) {
		s.last[r.ID] = r
	}
}

// Each calls each with the sums, in no order, and forgets them.
func (s *Summer) Each(each func(DaySum) error) error {
	sums := make(map[daySumKey]DaySum, len(s.rows))
	for _, r := range s.last {
		k := keyOf(r)
		sum := sums[k]
		sum.IDs++
		sum.Hash += r.Hash()
		sums[k] = sum
	}
	for k, sum := range sums {
		sum.StationID, sum.Day, sum.Rows = k.station, time.Unix(k.day*secondsPerDay, 0).UTC(), s.rows[k]
		if err := each(sum); err != nil {
			return err
		}
	}
	clear(s.last)
	clear(s.rows)
	return nil
}
