package redis

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Latest implements query.LatestReader. Of several series of a station the one with the newest observation counts, as in PostgreSQL's
// view meteo.latest: forecasts and values of a day do not.
func (s *Store) Latest(ctx context.Context) ([]query.Latest, error) {
	const doing = "reading the latest observations"
	newest := map[string]meteo.Observation{}
	err := s.observations(ctx, doing, flow.Selection{}, func(o *meteo.Observation) error {
		before, known := newest[o.StationID]
		if o.Kind != meteo.Forecast && !o.IsOfDay() &&
			(!known || cmp.Or(o.ObservedAt.Compare(before.ObservedAt), o.FetchedAt.Compare(before.FetchedAt)) > 0) {
			newest[o.StationID] = *o
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(newest) == 0 {
		o, err := s.readOffsets(ctx)
		if err == nil && len(o.partitions) == 0 {
			err = query.ErrEmpty
		}
		return nil, err
	}
	all := make([]query.Latest, 0, len(newest))
	for _, o := range newest {
		all = append(all, query.Latest{Observation: o, Rain24: query.Nothing()})
	}
	return all, nil
}

// changeWait is how long one question for further changes waits for them: a context that ends is seen after it.
const changeWait = time.Second

// Changes implements query.Changes by the stream.
func (s *Store) Changes(ctx context.Context, changed func()) error {
	const doing = "waiting for changes"
	last := "0-0"
	newest, err := s.client.XRevRangeN(ctx, s.keys.changes(), "+", "-", 1).Result()
	if err != nil {
		return failed(ctx, doing, err)
	}
	if len(newest) > 0 {
		last = newest[0].ID
	}
	for ctx.Err() == nil {
		streams, err := s.client.XRead(ctx, &redis.XReadArgs{Streams: []string{s.keys.changes(), last}, Block: changeWait, Count: 1000}).Result()
		switch {
		case errors.Is(err, redis.Nil):
			continue // none came
		case err != nil:
			return failed(ctx, doing, err)
		}
		for _, stream := range streams {
			if n := len(stream.Messages); n > 0 {
				last = stream.Messages[n-1].ID
			}
		}
		changed()
	}
	return ctx.Err()
}
