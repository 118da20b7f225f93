package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// offsets is the hash of that name.
type offsets struct {
	clusterID, topicID string // "": nothing is stored
	partitions         map[int32]flow.Progress
}

// readOffsets reads how far each partition is stored. One that was acquired and never stored is absent.
func (s *Store) readOffsets(ctx context.Context) (offsets, error) {
	const doing = "asking how far the topic is stored"
	o := offsets{partitions: map[int32]flow.Progress{}}
	var hash map[string]string
	err := s.call(ctx, func() (err error) {
		hash, err = s.client.HGetAll(ctx, s.keys.offsets()).Result()
		return err
	})
	if err != nil {
		return o, failed(ctx, doing, err)
	}
	o.clusterID, o.topicID = hash["cluster_id"], hash["topic_id"]
	for name := range hash {
		number, ok := strings.CutSuffix(name, ":next")
		if !ok {
			continue
		}
		partition, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			return o, fmt.Errorf("%s: the key %s of Redis has a field %q: remove it", doing, s.keys.offsets(), name)
		}
		p := flow.Progress{TopicID: o.topicID}
		var updated int64
		for field, into := range map[string]*int64{
			"next": &p.Next, "read": &p.Read, "written": &p.Written, "duplicates": &p.Duplicates, "updated_at": &updated,
		} {
			if *into, err = strconv.ParseInt(hash[number+":"+field], 10, 64); err != nil {
				return o, fmt.Errorf("%s: the field %s:%s of the key %s is not a number: %w", doing, number, field, s.keys.offsets(), err)
			}
		}
		p.UpdatedAt = time.UnixMilli(updated).UTC()
		o.partitions[int32(partition)] = p
	}
	return o, nil
}

// Progress implements flow.Store.
func (s *Store) Progress(ctx context.Context) (map[int32]flow.Progress, error) {
	o, err := s.readOffsets(ctx)
	return o.partitions, err
}

// Revisions implements flow.Store.
func (s *Store) Revisions(ctx context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	return s.observations(ctx, "reading the observations", sel, func(o *meteo.Observation) error { return each(flow.RevisionOf(o)) })
}

// Sums implements flow.Store.
func (s *Store) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	sums := flow.NewSummer()
	err := s.observations(ctx, "summing up the observations", sel, func(o *meteo.Observation) error {
		sums.AddOnly(flow.RevisionOf(o))
		return nil
	})
	if err != nil {
		return err
	}
	return sums.Each(each)
}

// page is how many hashes are asked for at a time.
const page = 500

// observations calls each with the selected ones, by time.
func (s *Store) observations(ctx context.Context, doing string, sel flow.Selection, each func(*meteo.Observation) error) error {
	members, err := s.members(ctx, sel)
	if err != nil {
		return failed(ctx, doing, err)
	}
	for len(members) > 0 {
		n := min(page, len(members))
		hashes, err := s.hashes(ctx, members[:n])
		if err != nil {
			return failed(ctx, doing, err)
		}
		for i, hash := range hashes {
			if len(hash) == 0 {
				continue // it has expired
			}
			o, err := observationOf(s.keys.observation(members[i]), hash)
			if err != nil {
				return flow.Fail(flow.Unavailable, "%s: %w", doing, err)
			}
			if !sel.Has(o.StationID, o.ObservedAt) {
				continue
			}
			if err := each(&o); err != nil {
				return err
			}
		}
		members = members[n:]
	}
	return nil
}

// members returns the series that may have something selected.
func (s *Store) members(ctx context.Context, sel flow.Selection) (all []string, err error) {
	q := redis.ZRangeArgs{Key: s.keys.index(), ByScore: true, Start: "-inf", Stop: "+inf"}
	if !sel.From.IsZero() {
		q.Start = sel.From.UnixMilli()
	}
	if !sel.To.IsZero() {
		q.Stop = sel.To.UnixMilli()
	}
	err = s.call(ctx, func() (err error) {
		all, err = s.client.ZRangeArgs(ctx, q).Result()
		return err
	})
	if err != nil || sel.StationID == "" {
		return all, err
	}
	kept := all[:0]
	for _, m := range all {
		if strings.HasPrefix(m, sel.StationID+":") {
			kept = append(kept, m)
		}
	}
	return kept, nil
}

// hashes reads those of series; one that has expired is empty.
func (s *Store) hashes(ctx context.Context, members []string) ([]map[string]string, error) {
	all := make([]map[string]string, len(members))
	err := s.call(ctx, func() error {
		answers, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, m := range members {
				p.HGetAll(ctx, s.keys.observation(m))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, a := range answers {
			all[i] = a.(*redis.MapStringStringCmd).Val()
		}
		return nil
	})
	return all, err
}
