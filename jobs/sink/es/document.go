package es

import (
	"strconv"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// epochShift leaves the version 44 bits for the revision and 19 for the epoch.
const epochShift = 44

// version is the external version of a revision: a later epoch is newer than any revision of an earlier one.
func version(epoch, revision int64) int64 { return epoch<<epochShift | revision }

// item is one observation on its way into an index.
type item struct {
	observation int    // its index in the batch
	id          string // its _id
	lines       []byte // what _bulk wants: the action and the document, each with its line end
}

// appendItem appends an observation's two lines for _bulk.
func appendItem(dst []byte, prefix string, epoch int64, o *meteo.Observation) []byte {
	dst = append(dst, `{"index":{"_index":"`...)
	dst = append(append(dst, prefix...), "-clean-"...)
	dst = o.ObservedAt.UTC().AppendFormat(dst, "2006.01")
	dst = append(append(append(dst, `","_id":"`...), o.ID.String()...), `","version":`...)
	dst = strconv.AppendInt(dst, version(epoch, o.Revision), 10)
	dst = append(dst, `,"version_type":"external"}}`+"\n"...)
	return append(appendDocument(dst, o), '\n')
}

// appendDocument appends the observation's JSON with "@timestamp" and "location" before it.
func appendDocument(dst []byte, o *meteo.Observation) []byte {
	dst = append(dst, `{"@timestamp":"`...)
	dst = append(o.ObservedAt.UTC().AppendFormat(dst, time.RFC3339Nano), `",`...)
	if meteo.Known(o.Latitude) && meteo.Known(o.Longitude) {
		dst = meteo.AppendNumber(append(dst, `"location":{"lat":`...), o.Latitude)
		dst = meteo.AppendNumber(append(dst, `,"lon":`...), o.Longitude)
		dst = append(dst, "},"...)
	}
	brace := len(dst)
	dst = o.AppendJSON(dst)
	return append(dst[:brace], dst[brace+1:]...)
}

// lastRevisions returns the indexes of the observations to store, in the order of the batch: of each id the last revision.
func lastRevisions(b *flow.Batch) []int {
	last := make(map[meteo.ID]int, len(b.Observations))
	for i := range b.Observations {
		o := &b.Observations[i]
		if before, ok := last[o.ID]; !ok || b.Observations[before].Revision < o.Revision {
			last[o.ID] = i
		}
	}
	keep := make([]int, 0, len(last))
	for i := range b.Observations {
		if last[b.Observations[i].ID] == i {
			keep = append(keep, i)
		}
	}
	return keep
}
