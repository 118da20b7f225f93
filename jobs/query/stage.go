package query

import (
	"context"
	"time"
)

// Counter is where the counts of the jobs are read.
type Counter interface {
	// Stages returns the counts of each job, in the order in which the data flows.
	Stages(ctx context.Context) ([]Stage, error)
}

// Stage counts the records of one job since its topic was created. Read = Written + Duplicates + Rejected + Rerouted, unless some are
// unaccounted for.
type Stage struct {
	Name       string // of the job: stream, to-pg, to-hdfs, to-es
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
