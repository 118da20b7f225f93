package redis

import (
	"context"
	_ "embed"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
)

//go:embed commit.lua
var commitText string

var commitScript = redis.NewScript(commitText)

// changesKept is about how many entries the stream of changes holds. A reader that is further behind reads the hashes.
const changesKept = 10_000

// highestLatitude is the last one, in degrees, that a geographical set of Redis takes (Web Mercator's).
const highestLatitude = 85.05112878

// store runs the script that stores a batch, and returns its answer.
func (s *Store) store(ctx context.Context, b *flow.Batch, term int64) (answer []string, err error) {
	kept := flow.LastObservation.Kept(b.Observations)
	names := make([]string, 0, 4+len(kept))
	names = append(names, s.keys.offsets(), s.keys.index(), s.keys.stations(), s.keys.changes())
	args := make([]any, 0, 11+len(kept)*(12+2*len(meteo.Fields)))
	args = append(args, s.topic.ClusterID, s.topic.ID, b.Partition, s.writer, term,
		b.Start, b.End, len(b.Records), len(b.Observations), s.life.Milliseconds(), changesKept)
	for _, i := range kept {
		o := &b.Observations[i]
		names = append(names, s.keys.series(flow.SeriesOf(o)))
		args = appendObservation(args, o)
	}
	crash.At("redis.before-commit")
	err = s.call(ctx, func() (err error) {
		answer, err = commitScript.Run(ctx, s.client, names, args...).StringSlice()
		return err
	})
	crash.At("redis.after-commit")
	return answer, err
}

// appendObservation appends what the script wants of one observation.
func appendObservation(args []any, o *meteo.Observation) []any {
	longitude, latitude := any(""), any("")
	if meteo.Known(o.Longitude) && meteo.Known(o.Latitude) && math.Abs(o.Latitude) <= highestLatitude && math.Abs(o.Longitude) <= 180 {
		longitude, latitude = o.Longitude, o.Latitude
	}
	args = append(args, member(flow.SeriesOf(o)), orderOf(o), o.ObservedAt.UnixMilli(), longitude, latitude,
		o.StationID, o.Source, string(o.Kind), o.ID.String(), o.Revision, meteo.AppendTime(nil, o.ObservedAt))
	count := len(args)
	args = appendFields(append(args, 0), o)
	args[count] = len(args) - count - 1
	return args
}

// orderOf is what an observation is compared by: the microseconds since 1970 of observed_at, issued_at and fetched_at. A double, as
// Lua has it, represents those of the years 1685 to 2255.
func orderOf(o *meteo.Observation) []byte {
	text := appendMicroseconds(nil, o.ObservedAt)
	text = appendMicroseconds(append(text, ' '), o.IssuedAt)
	return appendMicroseconds(append(text, ' '), o.FetchedAt)
}

func appendMicroseconds(text []byte, t time.Time) []byte {
	if t.IsZero() { // not issued
		return append(text, '0')
	}
	return appendWhole(text, t.UnixMicro())
}
