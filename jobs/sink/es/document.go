package es

import (
	"encoding/hex"
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

// action makes the first lines of items: where a document goes, and as which version.
type action struct {
	prefix string
	epoch  int64
	month  int    // the last one: years times 12 and months
	index  []byte // the beginning of the line, with the index of that month
}

func newAction(prefix string, epoch int64) *action {
	return &action{prefix: prefix, epoch: epoch, month: -1}
}

// appendItem appends an observation's two lines for _bulk, and returns the position of the _id in them.
func (a *action) appendItem(dst []byte, o *meteo.Observation) (_ []byte, id int) {
	observedAt := o.ObservedAt.UTC()
	if month := observedAt.Year()*12 + int(observedAt.Month()); month != a.month {
		a.month = month
		a.index = append(append(append(a.index[:0], `{"index":{"_index":"`...), a.prefix...), "-clean-"...)
		a.index = append(observedAt.AppendFormat(a.index, "2006.01"), `","_id":"`...)
	}
	dst = append(dst, a.index...)
	id = len(dst)
	dst = append(hex.AppendEncode(dst, o.ID[:]), `","version":`...)
	dst = strconv.AppendInt(dst, version(a.epoch, o), 10)
	dst = append(dst, `,"version_type":"external"}}`+"\n"...)
	return append(appendDocument(dst, o), '\n'), id
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
