package generate

import (
	"context"

	"senmeteo/jobs/flow"
)

// Source gives the readings of a Config: a flow.Source.
type Source struct {
	config Config
	model  *Model
}

// New makes the source of a configuration, which it validates.
func New(c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	model, err := NewModel(c.Seed, c.Every)
	if err != nil {
		return nil, err
	}
	return &Source{config: c, model: model}, nil
}

// Fetch gives the readings ordered by time, then in the order of Config.Stations.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	for t := s.config.From; t.Before(s.config.To); t = t.Add(s.config.Every) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range s.config.Stations {
			if err := put(&flow.Item{Reading: s.model.At(s.config.Stations[i], t)}); err != nil {
				return err
			}
		}
	}
	return nil
}
