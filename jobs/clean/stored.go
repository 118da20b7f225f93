package clean

import (
	"context"
	"sync"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Stored is the first step of the jobs that load the clean topic: it reads its records back. What another
// program put there and is not an observation is rejected. A record that comes again for another job is a duplicate.
type Stored struct {
	stage    string
	decoders sync.Pool // of *shape.Decoder: one for each batch that is stepped at the same time
}

// NewStored makes the step of one job ("to-pg").
func NewStored(stage string) *Stored {
	return &Stored{stage: stage, decoders: sync.Pool{New: func() any { return shape.NewDecoder() }}}
}

// Open implements flow.Step.
func (s *Stored) Open(int32, int64) {}

// Apply implements flow.Step.
func (s *Stored) Apply(_ context.Context, b *flow.Batch) error {
	decoder := s.decoders.Get().(*shape.Decoder)
	defer s.decoders.Put(decoder)
	b.MakeRoom()
	for i := range b.Records {
		if to := b.Records[i].Header(flow.HeaderStage); to != "" && to != s.stage {
			b.Duplicates++
			continue
		}
		if n := b.Records[i].Whole; n > 0 {
			b.Reject(i, meteo.Refuse(meteo.NotClean, "%d bytes: no observation has as many", n))
			continue
		}
		o, err := decoder.Observation(b.Records[i].Value)
		switch {
		case err != nil:
			b.Reject(i, meteo.Refuse(meteo.NotClean, "%s", refusalOf(err).Error()))
		case o.ID.IsZero() || o.Revision < 1 || o.Quality == "":
			b.Reject(i, meteo.Refuse(meteo.NotClean, "it has no id, revision and quality: it belongs on the raw topic"))
		case o.ID != o.Identity.ID():
			b.Reject(i, meteo.Refuse(meteo.NotClean, "its id is not that of its station, time, source and kind"))
		default:
			b.Add(i, &o)
		}
	}
	return nil
}
