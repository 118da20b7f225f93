package web

import (
	"cmp"
	"encoding/binary"
	"errors"
	"hash"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"time"

	"senmeteo/jobs/query"
)

// snapshot is what all visitors see at one time. It is never changed.
type snapshot struct {
	Version string // equal only for snapshots that show the same
	content string // the part of Version that is of everything but the survey

	Rows       []query.Latest // by station id; the last good ones while the store is down
	ReadAt     time.Time      // when Rows were read; zero: never
	StoreErr   error          // why they can't be read now; nil when they can
	StoreSince time.Time      // since when

	Stages      []query.Stage
	PipelineErr error

	Survey survey
}

// follow returns the snapshot after old (nil at first) with these answers of the store and the pipeline.
func follow(old *snapshot, now time.Time, rows []query.Latest, storeErr error, stages []query.Stage, pipelineErr error) *snapshot {
	s := &snapshot{Rows: rows, ReadAt: now, Stages: stages, PipelineErr: pipelineErr}
	if errors.Is(storeErr, query.ErrEmpty) {
		s.Rows, s.StoreErr = nil, storeErr
	} else if storeErr != nil {
		s.Rows, s.ReadAt, s.StoreErr, s.StoreSince = nil, time.Time{}, storeErr, now
		if old != nil {
			s.Rows, s.ReadAt = old.Rows, old.ReadAt
			if old.down() {
				s.StoreSince = old.StoreSince
			}
		}
	}
	slices.SortFunc(s.Rows, func(a, b query.Latest) int { return cmp.Compare(a.StationID, b.StationID) })
	s.content = s.fingerprint()
	s.Version = s.content
	return s
}

// with returns the snapshot with another survey.
func (s *snapshot) with(v survey) *snapshot {
	other := *s
	other.Survey, other.Version = v, s.content+v.fingerprint()
	return &other
}

// down reports whether the store does not answer; an empty one does.
func (s *snapshot) down() bool { return s.StoreErr != nil && !errors.Is(s.StoreErr, query.ErrEmpty) }

// fingerprint hashes all that the page shows but the survey, except for the time of reading.
func (s *snapshot) fingerprint() string {
	h := fnv.New64a()
	for i := range s.Rows {
		row := &s.Rows[i]
		_, _ = h.Write(row.AppendJSON(nil)) // a hash never fails
		add(h, math.Float64bits(row.Rain24.MM), uint64(row.Rain24.CoveredS))
	}
	for _, stage := range s.Stages {
		_, _ = h.Write([]byte(stage.Name))
		add(h, uint64(stage.Read), uint64(stage.Written), uint64(stage.Duplicates), uint64(stage.Rejected),
			uint64(stage.Rerouted), uint64(stage.Lag), uint64(stage.UpdatedAt.UnixMicro()))
	}
	add(h, flag(s.StoreErr != nil), flag(s.down()), flag(s.PipelineErr != nil))
	return strconv.FormatUint(h.Sum64(), 36)
}

func add(h hash.Hash, numbers ...uint64) {
	var buf [8]byte
	for _, n := range numbers {
		binary.LittleEndian.PutUint64(buf[:], n)
		_, _ = h.Write(buf[:]) // a hash never fails
	}
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

// row returns a station's newest observation, or nil.
func (s *snapshot) row(stationID string) *query.Latest {
	i, ok := slices.BinarySearchFunc(s.Rows, stationID, func(row query.Latest, id string) int { return cmp.Compare(row.StationID, id) })
	if !ok {
		return nil
	}
	return &s.Rows[i]
}
