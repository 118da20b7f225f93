package reconcile

import (
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile/sorted"
)

// version distinguishes two revisions of an id.
type version struct {
	fetched  int64 // milliseconds since 1970
	revision int64
}

func (v version) hash(id meteo.ID) uint64 {
	r := flow.Revision{ID: id, Number: v.revision, FetchedAt: time.UnixMilli(v.fetched)}
	return r.Hash()
}

// history is all that the topic, or a store, has of one id.
type history struct {
	sorted.Key
	rows     int64
	last     version   // the valid one, as flow.Revision.Replaces says
	versions []counted // the different ones
}

type counted struct {
	version
	times int64
}

func (h *history) add(r *sorted.Revision) {
	v := version{r.FetchedAt, r.Number}
	if h.rows == 0 || v.fetched >= h.last.fetched {
		h.last = v
	}
	h.rows++
	for i := range h.versions {
		if h.versions[i].version == v {
			h.versions[i].times++
			return
		}
	}
	h.versions = append(h.versions, counted{v, 1})
}

// times returns how often a version is there; nil has none.
func (h *history) times(v version) int64 {
	if h != nil {
		for _, c := range h.versions {
			if c.version == v {
				return c.times
			}
		}
	}
	return 0
}

// histories reads sorted revisions id by id.
type histories struct {
	cursor *sorted.Cursor
	ahead  *sorted.Revision // the first of the next id
	begun  bool
	now    history
}

// next returns the next id's history, valid until the next call, and nil at the end.
func (h *histories) next() (*history, error) {
	var err error
	if !h.begun {
		h.begun = true
		if h.ahead, err = h.cursor.Next(); err != nil {
			return nil, err
		}
	}
	if h.ahead == nil {
		return nil, nil
	}
	h.now = history{Key: h.ahead.Key, versions: h.now.versions[:0]}
	for h.ahead != nil && h.ahead.Key == h.now.Key {
		h.now.add(h.ahead)
		if h.ahead, err = h.cursor.Next(); err != nil {
			return nil, err
		}
	}
	return &h.now, nil
}
