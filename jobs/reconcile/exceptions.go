package reconcile

import (
	"crypto/sha256"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// origin is where a record of the clean topic, or of the raw topic, was read.
type origin struct {
	partition int32
	offset    int64
}

// refusals are the records that a store has ever refused, with the hashes of their values.
type refusals map[origin][sha256.Size]byte

func (f refusals) add(partition int32, offset int64, sum [sha256.Size]byte) {
	f[origin{partition, offset}] = sum
}

func (f refusals) has(r *flow.Record) bool {
	sum, ok := f[origin{r.Partition, r.Offset}]
	return ok && sum == sumOf(r.Value)
}

func sumOf(value []byte) [sha256.Size]byte { return sha256.Sum256(value) }

// exceptions are the observations whose last revision a store refused, and when that was fetched.
type exceptions map[meteo.ID]time.Time

// note takes the next record of the clean topic that the store's job reads. What was replayed and is not refused again ends an exception, as
// does a later revision; an earlier one, which a store takes where it has none, says nothing of the one that it refused.
func (e exceptions) note(o *meteo.Observation, refused bool) {
	fetchedAt, excepted := e[o.ID]
	switch {
	case excepted && o.FetchedAt.Before(fetchedAt):
	case refused:
		e[o.ID] = o.FetchedAt
	default:
		delete(e, o.ID)
	}
}

func (e exceptions) ids() map[meteo.ID]bool {
	ids := make(map[meteo.ID]bool, len(e))
	for id := range e {
		ids[id] = true
	}
	return ids
}
