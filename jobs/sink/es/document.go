package es

import (
	"strconv"
	"time"

	"senmeteo/jobs/meteo"
)

// A version has, from its low end, 10 bits for the revision, 42 for the milliseconds from 1970 (to the year 2109) and 11 for the epoch.
const (
	revisionBits = 10
	fetchedBits  = 42
)

// version is the external version of a revision: what was fetched later is newer, of equal times the higher revision, and a later
// epoch is newer than all of an earlier one.
func version(epoch int64, o *meteo.Observation) int64 {
	fetched := min(max(o.FetchedAt.UnixMilli(), 0), 1<<fetchedBits-1)
	return epoch<<(fetchedBits+revisionBits) | fetched<<revisionBits | min(o.Revision, 1<<revisionBits-1)
}

// item is one observation on its way into an index.
type item struct {
	observation int    // its index in the batch
	id          string // its _id
	lines       []byte // of the body of _bulk: the action and the document, each with its line end
}

// appendItem appends an observation's two lines for _bulk.
func appendItem(dst []byte, prefix string, epoch int64, o *meteo.Observation) []byte {
	dst = append(dst, `{"index":{"_index":"`...)
	dst = append(append(dst, prefix...), "-clean-"...)
	dst = o.ObservedAt.UTC().AppendFormat(dst, "2006.01")
	dst = append(append(append(dst, `","_id":"`...), o.ID.String()...), `","version":`...)
	dst = strconv.AppendInt(dst, version(epoch, o), 10)
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
