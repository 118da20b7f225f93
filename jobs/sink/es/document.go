package es

import (
	"encoding/hex"
	"slices"
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

// appendDocument appends the observation's JSON after what searches need beside it, "@timestamp", "location", "interval_grid",
// "qc_rules" and "qc_failed", and after the hash of its revision.
func appendDocument(dst []byte, o *meteo.Observation) []byte {
	dst = append(dst, `{"@timestamp":"`...)
	dst = append(o.ObservedAt.UTC().AppendFormat(dst, time.RFC3339Nano), `",`...)
	if meteo.Known(o.Latitude) && meteo.Known(o.Longitude) {
		dst = meteo.AppendNumber(append(dst, `"location":{"lat":`...), o.Latitude)
		dst = meteo.AppendNumber(append(dst, `,"lon":`...), o.Longitude)
		dst = append(dst, "},"...)
	}
	dst = appendHash(appendRules(appendGrid(dst, o), o.QC), o)
	brace := len(dst)
	dst = o.AppendJSON(dst)
	return append(dst[:brace], dst[brace+1:]...)
}

// appendGrid appends the length of the observation's interval and by how much its end is past a multiple of it, "3600/0". Intervals of
// one grid, of one station, source and kind, are the same or do not overlap, so that what fell in them may be summed.
func appendGrid(dst []byte, o *meteo.Observation) []byte {
	length := int64(o.IntervalS)
	if length <= 0 {
		return dst
	}
	past := o.ObservedAt.Unix() % length
	if past < 0 {
		past += length
	}
	dst = strconv.AppendInt(append(dst, `"interval_grid":"`...), length, 10)
	return append(strconv.AppendInt(append(dst, '/'), past, 10), `",`...)
}

// appendRules appends the rules that the observation fails, each once, and each failure as its variable and rule, "temperature_c.step":
// Kibana counts them, which it can't in "qc".
func appendRules(dst []byte, failures []meteo.Failure) []byte {
	if len(failures) == 0 {
		return dst
	}
	dst = append(dst, `"qc_rules":[`...)
	for i, f := range failures {
		if slices.ContainsFunc(failures[:i], func(before meteo.Failure) bool { return before.Rule == f.Rule }) {
			continue
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.Rule...), '"')
	}
	dst = append(dst, `],"qc_failed":[`...)
	for i, f := range failures {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.Subject...), '.')
		dst = append(append(dst, f.Rule...), '"')
	}
	return append(dst, "],"...)
}
