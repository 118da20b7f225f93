package status

import (
	"context"
	"slices"
	"time"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
)

// Counters are the Stages of one pipeline, to be asked again and again: what the page shows.
type Counters struct {
	Admin  *kafka.Admin
	Names  kafka.Names
	Stores []pipeline.Opened
	Newest *pipeline.Opened // left out while it does not answer; nil: there is none
}

// newestTimeout leaves the others time to answer when Newest does not.
const newestTimeout = time.Second

// Stages reads them.
func (c *Counters) Stages(ctx context.Context) ([]query.Stage, error) {
	if c.Newest != nil {
		if all, err := c.withNewest(ctx); err == nil {
			return all, nil
		}
	}
	return Stages(ctx, c.Admin, c.Names, c.Stores)
}

func (c *Counters) withNewest(ctx context.Context) ([]query.Stage, error) {
	ctx, cancel := context.WithTimeout(ctx, newestTimeout)
	defer cancel()
	return Stages(ctx, c.Admin, c.Names, append(slices.Clone(c.Stores), *c.Newest))
}
