package status

import (
	"context"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
)

// Counters are the Stages of one pipeline, to be asked again and again: what the page shows.
type Counters struct {
	Admin  *kafka.Admin
	Names  kafka.Names
	Stores []pipeline.Opened
}

// Stages reads them.
func (c *Counters) Stages(ctx context.Context) ([]query.Stage, error) {
	return Stages(ctx, c.Admin, c.Names, c.Stores)
}
