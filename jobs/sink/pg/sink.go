package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// Resume implements flow.Sink. With newTopic it first records that all partitions start again, whichever of them have
// records now, so that no later run needs the flag.
func (s *Store) Resume(ctx context.Context) (flow.Offsets, error) {
	if s.newTopic {
		const update = `UPDATE meteo.sink_offset SET next_offset = -1, cluster_id = $2, topic_id = $3, run_id = $4, updated_at = now(),
			read = 0, written = 0, duplicates = 0, rejected = 0
			WHERE topic = $1 AND (cluster_id, topic_id) <> ($2, $3)`
		if _, err := s.pool.Exec(ctx, update, s.topic.Name, s.topic.ClusterID, s.topic.ID, s.runID); err != nil {
			return nil, failed("starting again with a new topic", err)
		}
	}
	return s.offsets(ctx)
}

// offsets returns the next offset of each partition of which something is stored.
func (s *Store) offsets(ctx context.Context) (flow.Offsets, error) {
	const query = `SELECT partition, next_offset, cluster_id, topic_id FROM meteo.sink_offset WHERE topic = $1`
	rows, err := s.pool.Query(ctx, query, s.topic.Name)
	if err != nil {
		return nil, failed("asking how far the topic is stored", err)
	}
	out := flow.Offsets{}
	var partition int32
	var row offsetRow
	_, err = pgx.ForEachRow(rows, []any{&partition, &row.next, &row.clusterID, &row.topicID}, func() error {
		switch {
		case !row.of(s.topic):
			return s.recreated(partition)
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

// offsetRow is the row of a partition in meteo.sink_offset.
type offsetRow struct {
	next               int64 // -1: nothing is stored yet
	clusterID, topicID string
}

func (r offsetRow) of(t flow.Topic) bool { return r.clusterID == t.ClusterID && r.topicID == t.ID }

func (s *Store) recreated(partition int32) error {
	return flow.Fail(flow.Usage, "topic %s is not the one that partition %d was stored from: it was deleted and recreated; give --new-topic to start from its beginning", s.topic.Name, partition)
}

// Acquire implements flow.Sink. It locks nothing: each commit locks the partition's row and compares its offset.
func (s *Store) Acquire(ctx context.Context, partition int32) (int64, error) {
	all, err := s.offsets(ctx)
	if err != nil {
		return 0, err
	}
	if next, ok := all[partition]; ok {
		return next, nil
	}
	return -1, nil
}

// Release implements flow.Sink. Nothing is held between commits.
func (s *Store) Release(int32) {}

// attempts is how often a batch is tried that lost a deadlock or a serialization conflict, or whose month was dropped or
// detached meanwhile.
const attempts = 5

// Commit implements flow.Sink.
func (s *Store) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	for attempt := 1; ; attempt++ {
		out, err := s.tryCommit(ctx, b)
		if attempt < attempts {
			if c := code(err); c == deadlockDetected || c == serializationFailure {
				continue // all of it is rolled back, and the other transaction has ended
			}
			if lacksPartition(err) { // rolled back as well: the month was dropped or detached since it was created
				s.known.Load().forgetMonths()
				continue
			}
		}
		return out, s.classed(err)
	}
}

// classed returns flow.ErrRestart for a lost connection, after which only the store knows whether the batch is stored.
func (s *Store) classed(err error) error {
	var f *flow.Failure
	switch {
	case err == nil, errors.Is(err, flow.ErrFenced), errors.Is(err, flow.ErrRestart), errors.As(err, &f):
		return err
	case code(err) == "" || isShutdown(err):
		s.pool.Reset() // the other connections are as dead as this one
		s.forget()
		return fmt.Errorf("storing a batch (%s): %w", lastLine(err), flow.ErrRestart)
	}
	return failed("storing a batch", err)
}

// isShutdown reports whether the server ended the session or is about to: class 57P (operator intervention).
func isShutdown(err error) bool {
	c := code(err)
	return len(c) == 5 && c[:3] == "57P"
}

// tryCommit prepares and stores a batch by one connection: what the rows refer to is then of the server that stores them.
func (s *Store) tryCommit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	var out flow.Outcome
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return out, failed("connecting to PostgreSQL", err)
	}
	defer conn.Release()
	p := &preparer{conn: conn.Conn(), known: s.known.Load(), batch: b}
	rows, refused, err := p.prepare(ctx)
	if err != nil {
		return out, err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return out, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit it does nothing
	m := &merger{tx: tx, batch: b, rows: rows, refused: refused}
	if err := m.split(ctx); err != nil {
		return out, err
	}
	if err := m.copyIn(ctx); err != nil {
		return out, err
	}
	if err := s.lock(ctx, tx, b); err != nil {
		return out, err
	}
	if out, err = s.store(ctx, m); err != nil {
		return out, err
	}
	crash.At("pg.before-commit")
	err = tx.Commit(ctx)
	crash.At("pg.after-commit")
	return out, err
}

// store stores the rows of a batch, what is refused of it, and its end.
func (s *Store) store(ctx context.Context, m *merger) (out flow.Outcome, err error) {
	if err := m.merge(ctx); err != nil {
		return out, err
	}
	b := m.batch
	rejects, err := s.reject(ctx, m)
	if err != nil {
		return out, err
	}
	if len(rejects) > 0 && s.keep != nil {
		err := s.keep(ctx, &flow.Batch{Partition: b.Partition, Start: b.Start, End: b.End, Records: b.Records, Rejects: rejects})
		if err != nil {
			return out, err
		}
	}
	out.Written, out.Rejected = m.written, int64(len(rejects))
	out.Duplicates = int64(len(b.Observations)) - out.Written - out.Rejected // those superseded within the batch, too
	return out, s.moveOn(ctx, m.tx, b, out)
}

// lock locks the row of the partition until the end of the transaction and checks that the batch starts at its offset.
func (s *Store) lock(ctx context.Context, tx pgx.Tx, b *flow.Batch) error {
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
			return fmt.Errorf("another run has just stored the first batch of partition %d: %w", b.Partition, flow.ErrFenced)
		}
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case !row.of(s.topic):
		return s.recreated(b.Partition)
	case row.next >= 0 && row.next != b.Start:
		return fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, row.next, b.Start, flow.ErrFenced)
	}
	return nil
}

// moveOn updates the next offset and the counters.
func (s *Store) moveOn(ctx context.Context, tx pgx.Tx, b *flow.Batch, out flow.Outcome) error {
	const update = `UPDATE meteo.sink_offset SET next_offset = $3, run_id = $4, updated_at = now(),
		read = read + $5, written = written + $6, duplicates = duplicates + $7, rejected = rejected + $8
		WHERE topic = $1 AND partition = $2`
	_, err := tx.Exec(ctx, update, s.topic.Name, b.Partition, b.End, s.runID, len(b.Records), out.Written, out.Duplicates, out.Rejected)
	return err
}
