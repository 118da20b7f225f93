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
	corrected  bool            // by a later record
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

// judge runs the checks and the rules.
type judge struct {
	*outcomes
	cleaner  *clean.Readings
	reviewer *review.Reviewer
	newest   map[key]int64 // by station and source
}

// judgeAll runs the checks and the rules on readings, as `stream` and `review` would that follow what arrives.
func judgeAll(readings []arrival, unreadable int, limits clean.Limits) *outcomes {
	j := &judge{
		outcomes: &outcomes{byKey: map[key]*outcome{}, unreadable: unreadable},
		cleaner:  clean.NewReadings(limits), reviewer: review.New(), newest: map[key]int64{},
	}
	last := time.Time{}
	for i := range readings {
		last = readings[i].at
		j.reading(&readings[i].o, last)
	}
	j.reviewer.Finish()
	j.verdicts(last)
	return j.outcomes
}

func (j *judge) reading(o *meteo.Observation, arrived time.Time) {
	duplicate, refusal := j.cleaner.Clean(o, arrived)
	switch {
	case refusal != nil && refusal.Reason == meteo.Future:
		j.future = append(j.future, o.Identity)
	case refusal != nil:
		j.refused++
	case duplicate:
		j.duplicates++
		if known := j.byKey[keyOf(&o.Identity)]; known != nil {
			known.duplicates++
		}
	default:
		j.keep(o)
		j.reviewer.Add(o)
		j.verdicts(arrived)
	}
}

// keep notes an observation, or its next revision.
func (j *judge) keep(o *meteo.Observation) {
	k := keyOf(&o.Identity)
	known := j.byKey[k]
	if known == nil {
		known = &outcome{key: k}
		j.byKey[k] = known
		j.all = append(j.all, known)
		series := key{station: k.station, source: k.source}
		known.late = j.newest[series] > k.at
		j.newest[series] = max(j.newest[series], k.at)
	} else {
		known.corrected = true
	}
	known.values, known.failures = o.Values, o.QC
}

// verdicts notes what the reviewer has found, of the revisions that are still the last, and lets stream and the reviewer know of it.
func (j *judge) verdicts(arrived time.Time) {
	for _, v := range j.reviewer.Verdicts() {
		o := &v.Observation
		if !j.cleaner.Judge(o, arrived) {
			continue
		}
		j.reviewer.Add(o)
		if known := j.byKey[keyOf(&o.Identity)]; known != nil {
			known.failures = o.QC
		}
	}
}
