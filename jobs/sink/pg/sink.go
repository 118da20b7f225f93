package pg

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
)

// Topic names the topic whose observations are stored. ID and ClusterID change when it is made again.
type Topic struct {
	Name, ID, ClusterID string
}

// Sink implements flow.Sink. Batches of different partitions may be committed at the same time.
type Sink struct {
	store    *Store
	topic    Topic
	runID    string
	newTopic bool
	keep     Keep

	mu       sync.Mutex
	months   map[time.Time]bool // whose partitions exist
	stations map[string]bool    // which meteo.station holds
}

// Keep makes dead letters of a batch's Rejects durable before the batch is committed; it may be called twice with the same. The
// batch has nothing else than its records and what PostgreSQL has refused of them.
type Keep func(ctx context.Context, b *flow.Batch) error

// NewSink makes the sink of a topic. With newTopic it starts again where the topic was deleted and made again. Refused rows go
// to meteo.rejected, and to keep when it is not nil.
func NewSink(store *Store, topic Topic, runID string, newTopic bool, keep Keep) *Sink {
	s := &Sink{store: store, topic: topic, runID: runID, newTopic: newTopic, keep: keep, months: map[time.Time]bool{}, stations: map[string]bool{}}
	for _, st := range meteo.Stations {
		s.stations[st.ID] = true // the migration put them there
	}
	return s
}

// Resume implements flow.Sink. With newTopic it first writes down that all partitions start again, whichever of them have
// records now: the runs after it need not be told.
func (s *Sink) Resume(ctx context.Context) (flow.Offsets, error) {
	if s.newTopic {
		const update = `UPDATE meteo.sink_offset SET next_offset = -1, cluster_id = $2, topic_id = $3, run_id = $4, updated_at = now(),
			read = 0, written = 0, duplicates = 0, rejected = 0
			WHERE topic = $1 AND (cluster_id, topic_id) <> ($2, $3)`
		if _, err := s.store.pool.Exec(ctx, update, s.topic.Name, s.topic.ClusterID, s.topic.ID, s.runID); err != nil {
			return nil, failed("starting again with a new topic", err)
		}
	}
	return s.offsets(ctx)
}

// offsets are the next ones of the partitions that something is stored of.
func (s *Sink) offsets(ctx context.Context) (flow.Offsets, error) {
	const query = `SELECT partition, next_offset, cluster_id, topic_id FROM meteo.sink_offset WHERE topic = $1`
	rows, err := s.store.pool.Query(ctx, query, s.topic.Name)
	if err != nil {
		return nil, failed("asking how far the topic is stored", err)
	}
	out := flow.Offsets{}
	var partition int32
	var row offsetRow
	_, err = pgx.ForEachRow(rows, []any{&partition, &row.next, &row.clusterID, &row.topicID}, func() error {
		switch {
		case !row.of(s.topic):
			return s.madeAgain(partition)
		case row.next >= 0:
			out[partition] = row.next
		}
		return nil
	})
	if err != nil {
		return nil, failed("asking how far the topic is stored", err)
	}
	return out, nil
}

// offsetRow is what meteo.sink_offset says of a partition.
type offsetRow struct {
	next               int64 // -1: nothing is stored yet
	clusterID, topicID string
}

func (r offsetRow) of(t Topic) bool { return r.clusterID == t.ClusterID && r.topicID == t.ID }

func (s *Sink) madeAgain(partition int32) error {
	return flow.Fail(flow.Usage, "topic %s is not the one that partition %d was stored from: it was deleted and made again; say --new-topic to start from its beginning", s.topic.Name, partition)
}

// Acquire implements flow.Sink. It locks nothing: the row is locked and compared in each commit.
func (s *Sink) Acquire(ctx context.Context, partition int32) (int64, error) {
	all, err := s.offsets(ctx)
	if err != nil {
		return 0, err
	}
	if next, ok := all[partition]; ok {
		return next, nil
	}
	return -1, nil
}

// Release implements flow.Sink; there is nothing to give up between commits.
func (s *Sink) Release(int32) {}

// Close implements flow.Sink. The store belongs to the caller.
func (s *Sink) Close() error { return nil }

// attempts are how often a batch is tried that lost a deadlock or a serialization conflict, or whose month's partition was taken away.
const attempts = 5

// Commit implements flow.Sink.
func (s *Sink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	for attempt := 1; ; attempt++ {
		if err := s.prepare(ctx, b); err != nil {
			return flow.Outcome{}, err
		}
		out, err := s.tryCommit(ctx, b)
		if attempt < attempts {
			if c := code(err); c == deadlockDetected || c == serializationFailure {
				continue // rolled back whole; the other transaction has ended by now
			}
			if lacksPartition(err) { // rolled back, too: somebody dropped or detached it since it was made
				s.once(func() bool { clear(s.months); return true })
				continue
			}
		}
		if err == nil {
			s.noteStations(b)
		}
		return out, s.classed(err)
	}
}

// classed tells a lost connection, after which only the store knows what happened, from other errors.
func (s *Sink) classed(err error) error {
	var f *flow.Failure
	switch {
	case err == nil, errors.Is(err, flow.ErrFenced), errors.As(err, &f):
		return err
	case code(err) == "" || isShutdown(err):
		s.store.pool.Reset() // the other connections are as dead as this one
		return fmt.Errorf("storing a batch (%s): %w", lastLine(err), flow.ErrRestart)
	}
	return failed("storing a batch", err)
}

// isShutdown tells whether the server ended the session or is about to: class 57P (operator intervention).
func isShutdown(err error) bool {
	c := code(err)
	return len(c) == 5 && c[:3] == "57P"
}

func (s *Sink) tryCommit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	var out flow.Outcome
	conn, err := s.store.pool.Acquire(ctx)
	if err != nil {
		return out, failed("connecting to PostgreSQL", err)
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return out, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	m := &merger{sink: s, tx: tx, batch: b, rows: inKeyOrder(b), refused: map[int]error{}}
	if err := m.copyIn(ctx); err != nil {
		return out, err
	}
	if err := s.lock(ctx, tx, b); err != nil {
		return out, err
	}
	out, refused, err := m.merge(ctx)
	if err != nil {
		return out, err
	}
	if len(refused) > 0 && s.keep != nil {
		err := s.keep(ctx, &flow.Batch{Partition: b.Partition, Start: b.Start, End: b.End, Records: b.Records, Rejects: refused})
		if err != nil {
			return out, err
		}
	}
	if err := s.moveOn(ctx, tx, b, out); err != nil {
		return out, err
	}
	crash.At("pg.before-commit")
	err = tx.Commit(ctx)
	crash.At("pg.after-commit")
	return out, err
}

// lock makes this writer the only one of the partition and checks that nobody was quicker.
func (s *Sink) lock(ctx context.Context, tx pgx.Tx, b *flow.Batch) error {
	const insert = `INSERT INTO meteo.sink_offset (topic, partition, next_offset, cluster_id, topic_id)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	const query = `SELECT next_offset, cluster_id, topic_id FROM meteo.sink_offset WHERE topic = $1 AND partition = $2 FOR UPDATE`
	var row offsetRow
	err := tx.QueryRow(ctx, query, s.topic.Name, b.Partition).Scan(&row.next, &row.clusterID, &row.topicID)
	if errors.Is(err, pgx.ErrNoRows) {
		tag, err := tx.Exec(ctx, insert, s.topic.Name, b.Partition, b.Start, s.topic.ClusterID, s.topic.ID)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("partition %d was begun by another run: %w", b.Partition, flow.ErrFenced)
		}
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case !row.of(s.topic):
		return s.madeAgain(b.Partition)
	case row.next >= 0 && row.next != b.Start:
		return fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, row.next, b.Start, flow.ErrFenced)
	}
	return nil
}

// moveOn writes the next offset and the counters.
func (s *Sink) moveOn(ctx context.Context, tx pgx.Tx, b *flow.Batch, out flow.Outcome) error {
	const update = `UPDATE meteo.sink_offset SET next_offset = $3, run_id = $4, updated_at = now(),
		read = read + $5, written = written + $6, duplicates = duplicates + $7, rejected = rejected + $8
		WHERE topic = $1 AND partition = $2`
	_, err := tx.Exec(ctx, update, s.topic.Name, b.Partition, b.End, s.runID, len(b.Records), out.Written, out.Duplicates, out.Rejected)
	return err
}

// prepare makes what the rows of a batch refer to: the partitions of their months. It is done before and apart
// from the batch's transaction, which then locks nothing but rows.
func (s *Sink) prepare(ctx context.Context, b *flow.Batch) error {
	for i := range b.Observations {
		at := b.Observations[i].ObservedAt
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		if !s.once(func() bool { return s.months[month] }) {
			if _, err := s.store.pool.Exec(ctx, "SELECT meteo.ensure_month($1)", month); err != nil {
				return s.classed(err)
			}
			s.once(func() bool { s.months[month] = true; return true })
		}
	}
	return nil
}

// once runs f while no other committer does.
func (s *Sink) once(f func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}
