package pg

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/meteo"
)

// Revision is what is stored of an observation, for comparisons.
type Revision struct {
	ID        meteo.ID
	StationID string
	Revision  int64
	FetchedAt time.Time
}

// Revisions calls each with every observation of [from, to); the zero time is no limit.
func (s *Store) Revisions(ctx context.Context, from, to time.Time, each func(Revision) error) error {
	const query = `SELECT id, station_id, revision, fetched_at FROM meteo.observation
		WHERE ($1::timestamptz IS NULL OR observed_at >= $1) AND ($2::timestamptz IS NULL OR observed_at < $2)`
	rows, err := s.pool.Query(ctx, query, timestamp(from), timestamp(to))
	if err != nil {
		return failed("reading the observations", err)
	}
	var id string
	var r Revision
	_, err = pgx.ForEachRow(rows, []any{&id, &r.StationID, &r.Revision, &r.FetchedAt}, func() error {
		var ok bool
		if r.ID, ok = meteo.ParseID(id); !ok {
			return nil // the table's check forbids it
		}
		return each(r)
	})
	if err != nil {
		return failed("reading the observations", err)
	}
	return nil
}

// Counters is how far one partition is stored, and what came of it.
type Counters struct {
	TopicID                                   string // of the topic that it was stored from; another one when that was made again
	Next, Read, Written, Duplicates, Rejected int64
	UpdatedAt                                 time.Time
}

// Counters returns the counters of a topic's partitions; those that nothing was stored of are absent.
func (s *Store) Counters(ctx context.Context, topic string) (map[int32]Counters, error) {
	const query = `SELECT partition, topic_id, next_offset, read, written, duplicates, rejected, updated_at FROM meteo.sink_offset
		WHERE topic = $1 AND next_offset >= 0`
	rows, err := s.pool.Query(ctx, query, topic)
	if err != nil {
		return nil, failed("reading the counters", err)
	}
	out := map[int32]Counters{}
	var p int32
	var c Counters
	_, err = pgx.ForEachRow(rows, []any{&p, &c.TopicID, &c.Next, &c.Read, &c.Written, &c.Duplicates, &c.Rejected, &c.UpdatedAt}, func() error {
		out[p] = c
		return nil
	})
	if err != nil {
		return nil, failed("reading the counters", err)
	}
	return out, nil
}

// Rejected calls each with the origins of the records that PostgreSQL has ever refused, and the SHA-256 of their values: where the
// topic was made again, another record may stand there.
func (s *Store) Rejected(ctx context.Context, topic string, each func(partition int32, offset int64, sum [sha256.Size]byte) error) error {
	rows, err := s.pool.Query(ctx, `SELECT partition, "offset", sha256(coalesce(value, '')) FROM meteo.rejected WHERE topic = $1`, topic)
	if err != nil {
		return failed("reading the rejected records", err)
	}
	var p int32
	var offset int64
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&p, &offset, &sum}, func() error { return each(p, offset, [sha256.Size]byte(sum)) })
	if err != nil {
		return failed("reading the rejected records", err)
	}
	return nil
}

// Latest returns for each station the time of its newest observation that is no forecast.
func (s *Store) Latest(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.pool.Query(ctx, `SELECT station_id, observed_at FROM meteo.latest`)
	if err != nil {
		return nil, failed("reading the newest observations", err)
	}
	out := map[string]time.Time{}
	var id string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &at}, func() error {
		out[id] = at.UTC()
		return nil
	})
	if err != nil {
		return nil, failed("reading the newest observations", err)
	}
	return out, nil
}
