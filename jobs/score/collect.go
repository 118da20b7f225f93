package score

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
	"senmeteo/jobs/source/file"
)

// Source gives the records of a file, and then io.EOF: a *file.Reader.
type Source interface {
	Next() (file.Record, error)
}

// arrival is a reading as it arrived.
type arrival struct {
	o  meteo.Observation
	at time.Time
}

// receive reads everything. A reading arrives when it was fetched; one that does not say when, and has the time unsaid, when it was observed.
// It returns how many records could not be read.
func receive(ctx context.Context, from Source, unsaid time.Time) (readings []arrival, unreadable int, err error) {
	for ctx.Err() == nil {
		record, err := from.Next()
		if errors.Is(err, io.EOF) {
			return inOrder(readings), unreadable, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if record.Refusal != nil {
			unreadable++
		}
		for i := range record.Observations {
			o := &record.Observations[i]
			if o.Kind == meteo.Forecast {
				continue
			}
			if o.FetchedAt.Equal(unsaid) && o.ObservedAt.Before(unsaid) {
				o.FetchedAt = o.ObservedAt
			}
			readings = append(readings, arrival{*o, o.FetchedAt})
		}
	}
	return nil, 0, ctx.Err()
}

// mostLate is how far back in time the records of a file in the order of arrival go.
const mostLate = 24 * time.Hour

// inOrder leaves readings in the order of their file, unless that is not one of time, such as station after station: then it sorts them.
func inOrder(readings []arrival) []arrival {
	newest := time.Time{}
	for i := range readings {
		if newest.Sub(readings[i].at) > mostLate {
			slices.SortStableFunc(readings, func(a, b arrival) int { return a.at.Compare(b.at) })
			break
		}
		if readings[i].at.After(newest) {
			newest = readings[i].at
		}
	}
	return readings
}

// key names an observation as the truth does.
type key struct {
	station, source string
	at              int64 // microseconds since 1970
}

func keyOf(i *meteo.Identity) key { return key{i.StationID, i.Source, i.ObservedAt.UnixMicro()} }

// outcome is what became of one observation.
type outcome struct {
	key
	values     meteo.Values
	failures   []meteo.Failure // of its last revision
	revision   int64
	duplicates int
	late       bool // it came after a later one of its station
}

// outcomes is what became of all records of a file.
type outcomes struct {
	all        []*outcome // in the order of arrival
	byKey      map[key]*outcome
	duplicates int
	future     []meteo.Identity // refused since they were observed after they arrived
	unreadable int              // records that could not be read
	refused    int              // readings that were refused for another reason
}

// judge runs the checks and the rules on readings.
func judge(readings []arrival, unreadable int, limits clean.Limits) *outcomes {
	out := &outcomes{byKey: map[key]*outcome{}, unreadable: unreadable}
	cleaner, reviewer := clean.NewReadings(limits), review.New()
	newest := map[key]int64{} // by station and source
	for i := range readings {
		o := &readings[i].o
		duplicate, refusal := cleaner.Clean(o, readings[i].at)
		switch {
		case refusal != nil && refusal.Reason == meteo.Future:
			out.future = append(out.future, o.Identity)
		case refusal != nil:
			out.refused++
		case duplicate:
			out.duplicates++
			if known := out.byKey[keyOf(&o.Identity)]; known != nil {
				known.duplicates++
			}
		default:
			out.keep(o, newest)
			reviewer.Add(o)
			out.verdicts(reviewer)
		}
	}
	reviewer.Finish()
	out.verdicts(reviewer)
	return out
}

// keep notes an observation, or its next revision.
func (out *outcomes) keep(o *meteo.Observation, newest map[key]int64) {
	k := keyOf(&o.Identity)
	known := out.byKey[k]
	if known == nil {
		known = &outcome{key: k}
		out.byKey[k] = known
		out.all = append(out.all, known)
		series := key{station: k.station, source: k.source}
		known.late = newest[series] > k.at
		newest[series] = max(newest[series], k.at)
	}
	known.values, known.failures, known.revision = o.Values, o.QC, o.Revision
}

// verdicts notes what the reviewer has found, of the revisions that are still the last.
func (out *outcomes) verdicts(reviewer *review.Reviewer) {
	for _, v := range reviewer.Verdicts() {
		if known := out.byKey[keyOf(&v.Observation.Identity)]; known != nil && known.revision == v.Observation.Revision {
			known.failures = v.Observation.QC
		}
	}
}
