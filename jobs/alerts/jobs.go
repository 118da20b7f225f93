package alerts

import (
	"fmt"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

// The kinds of incidents whose subjects are jobs.
const (
	Lag         = "lag"          // a job is late, and was later at each of three looks
	DeadLetters = "dead-letters" // a job rejects more than a share of what it reads
)

// Limits say when a job is wrong.
type Limits struct {
	Lag  int64   // records; a job with no more than these never lags
	Dead float64 // share of the records of the last hour, 0 to 1, that may be dead letters
}

// NewLimits checks limits.
func NewLimits(lag int64, dead float64) (Limits, error) {
	if lag < 0 {
		return Limits{}, flow.Fail(flow.Usage, "--max-lag is %d: it is a number of records, such as 1000", lag)
	}
	if !(dead >= 0 && dead <= 1) {
		return Limits{}, flow.Fail(flow.Usage, "--max-dead-ratio is %g: it is between 0 and 1, such as 0.05", dead)
	}
	return Limits{Lag: lag, Dead: dead}, nil
}

const (
	apart    = 30 * time.Second // looks that are nearer to each other count as one, as those of two processes
	hour     = time.Hour        // of which dead letters are counted, as far back as looks allow
	fewReads = 100              // with fewer records read, dead letters are a share of so many
)

// Judge finds what is wrong with the jobs at a time, the one of the newest look. It is pure.
func (l Limits) Judge(at time.Time, trails []query.Trail) []query.Condition {
	var found []query.Condition
	for i := range trails {
		t := &trails[i]
		if n := len(t.Measures); n == 0 || !t.Measures[n-1].At.Equal(at) {
			continue // is not looked at any more
		}
		if lag := t.Measures[len(t.Measures)-1].Lag; lag > l.Lag && (slices.Contains(t.Open, Lag) || grows(t.Measures)) {
			found = append(found, query.Condition{Kind: Lag, Subject: t.Job, Message: fmt.Sprintf("%s lags: %d records wait, and their number grows", t.Job, lag)})
		}
		if read, dead := lastHour(t.Measures); float64(dead) > l.Dead*float64(max(read, fewReads)) {
			found = append(found, query.Condition{
				Kind: DeadLetters, Subject: t.Job,
				Message: fmt.Sprintf("%s rejects: %d of the last %d records are dead letters", t.Job, dead, read),
			})
		}
	}
	return found
}

// grows reports whether the lag was higher at each of the last three looks than at the one before it.
func grows(measures []query.Measure) bool {
	next, rises := measures[len(measures)-1], 0
	for i := len(measures) - 2; i >= 0 && rises < 2; i-- {
		m := measures[i]
		if next.At.Sub(m.At) < apart {
			continue
		}
		if m.Lag >= next.Lag {
			return false
		}
		next = m
		rises++
	}
	return rises == 2
}

// lastHour returns how many records were read and rejected since the newest look that is an hour old, or since the first look where there
// is none. Counters that have fallen started from zero.
func lastHour(measures []query.Measure) (read, rejected int64) {
	n := len(measures) - 1
	for i := n; i > 0; i-- {
		now, before := measures[i], measures[i-1]
		if now.Read < before.Read || now.Rejected < before.Rejected {
			before = query.Measure{}
		}
		read += now.Read - before.Read
		rejected += now.Rejected - before.Rejected
		if measures[n].At.Sub(measures[i-1].At) >= hour {
			break
		}
	}
	return read, rejected
}
