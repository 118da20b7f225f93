package web

import (
	"context"
	"time"
)

// Pipeline is where the page reads what the jobs have done so far.
type Pipeline interface {
	Pipeline(ctx context.Context) (Counters, error)
}

// Counters are the pipeline's own ledger, stage by stage, in the order in which the data flows.
type Counters struct {
	Stages []Stage
}

// Stage counts records since the topic was created. Read = Written + Duplicates + Rejected + Rerouted, or
// the page shows the difference.
type Stage struct {
	Name       string // the verb of the job: stream, to-pg, to-hdfs, to-es
	Read       int64
	Written    int64
	Duplicates int64
	Rejected   int64 // dead letters
	Rerouted   int64 // sent on to their right partition
	Lag        int64 // records that are not read yet; negative when unknown
	UpdatedAt  time.Time
}

// Difference is the number of records that were read and that no other counter accounts for.
func (s Stage) Difference() int64 {
	return s.Read - s.Written - s.Duplicates - s.Rejected - s.Rerouted
}
