package pg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// errNothingThere is the answer of a database without the schema.
var errNothingThere = errors.New("the database has no senmeteo tables yet")

// ask runs a question in a transaction that sees one state of the database and can't write. PostgreSQL works on each statement no longer than the context
// leaves time, whatever the timeout of the session is: a page's question takes seconds, and the reading of a whole table as
// long as it takes. When the context ends, pgx closes the connection and cancels the statement. Failures are *flow.Failure, or errNothingThere.
func (s *Store) ask(ctx context.Context, doing string, question func(tx pgx.Tx) error) error {
	limit := time.Duration(0) // none
	if deadline, ok := ctx.Deadline(); ok {
		limit = max(time.Until(deadline), time.Millisecond)
	}
	begin := "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = " + milliseconds(limit)
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: begin}, question)
	switch c := code(err); {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return flow.Fail(flow.Interrupted, "%s: %w", doing, context.Canceled)
	case ctx.Err() != nil || c == queryCanceled:
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL did not answer in time: is it running, and is --pg-url right?", doing)
	case c == undefinedTable || c == invalidSchema:
		return errNothingThere
	case c == undefinedColumn || c == undefinedFunction:
		return flow.Fail(flow.Usage, "%s: the database has an older schema: run `senmeteo to-pg` once, which updates it", doing)
	case c == lockNotAvailable:
		return flow.Fail(flow.TryLater, "%s: a change of the schema has locked the table: try again after it", doing)
	}
	return failed(doing, err)
}

// rows calls each for every row of a question's answer, which is none in a database without the schema. After an error of
// each no further row is read.
func (s *Store) rows(ctx context.Context, doing, sql string, args, into []any, each func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var caller error
	err := s.ask(ctx, doing, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, into, func() error {
			if caller = each(); caller != nil {
				stop() // or closing the rows would read them all
			}
			return caller
		})
		return err
	})
	switch {
	case caller != nil:
		return caller
	case errors.Is(err, errNothingThere):
		return nil
	}
	return err
}

// Progress implements flow.Store.
func (s *Store) Progress(ctx context.Context) (map[int32]flow.Progress, error) {
	const query = `SELECT partition, topic_id, next_offset, read, written, duplicates, rejected, updated_at FROM meteo.sink_offset
		WHERE topic = $1 AND next_offset >= 0`
	out := map[int32]flow.Progress{}
	var partition int32
	var p flow.Progress
	into := []any{&partition, &p.TopicID, &p.Next, &p.Read, &p.Written, &p.Duplicates, &p.Rejected, &p.UpdatedAt}
	err := s.rows(ctx, "reading how far the topic is stored", query, []any{s.topic.Name}, into, func() error {
		out[partition] = p
		return nil
	})
	return out, err
}

// where is the condition of a selection, with its arguments. What is not limited is absent, so that the plan uses the key.
func where(sel flow.Selection) (sql string, args []any) {
	sql = "WHERE true"
	add := func(condition string, arg any) {
		args = append(args, arg)
		sql += " AND " + condition + " $" + strconv.Itoa(len(args))
	}
	if sel.StationID != "" {
		add("station_id =", sel.StationID)
	}
	if !sel.From.IsZero() {
		add("observed_at >=", sel.From)
	}
	if !sel.To.IsZero() {
		add("observed_at <", sel.To)
	}
	return sql, args
}

// Revisions implements flow.Store.
func (s *Store) Revisions(ctx context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	const query = `SELECT id, station_id, observed_at, revision, fetched_at FROM meteo.observation `
	condition, args := where(sel)
	var id string
	var r flow.Revision
	return s.rows(ctx, "reading the revisions", query+condition, args, []any{&id, &r.StationID, &r.ObservedAt, &r.Number, &r.FetchedAt}, func() error {
		var ok bool
		if r.ID, ok = meteo.ParseID(id); !ok {
			return flow.Fail(flow.Negative, "meteo.observation has the id %q: it is not one of senmeteo", id)
		}
		return each(r)
	})
}

// sumsQuery computes flow.Revision.Hash of the rows of a condition and adds it up, with the numbers and times.
var sumsQuery = "SELECT station_id, day, count(*), " + wrapped("hash") + ", " + wrapped("revision") + ", " + wrapped("fetched_ms") + `
FROM (
    SELECT station_id, day, revision, fetched_ms, ('x' || left(md5(id || ':' || revision || ':' || fetched_ms), 16))::bit(64)::bigint AS hash
    FROM (
        SELECT id, station_id, (observed_at AT TIME ZONE 'UTC')::date AS day, revision, floor(extract(epoch FROM fetched_at) * 1000)::bigint AS fetched_ms
        FROM meteo.observation %s
    ) revisions
) hashes
GROUP BY station_id, day`

// wrapped is the sum of a column modulo 2^64, as text: it may be more than a bigint holds.
func wrapped(column string) string {
	const modulus = "18446744073709551616"
	return "mod(mod(sum(" + column + "), " + modulus + ") + " + modulus + ", " + modulus + ")::text"
}

// Sums implements flow.Store. PostgreSQL computes them, so that no row has to leave it.
func (s *Store) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	const doing = "summing up the observations"
	condition, args := where(sel)
	var sum flow.DaySum
	var texts [3]string
	into := []any{&sum.StationID, &sum.Day, &sum.IDs, &texts[0], &texts[1], &texts[2]}
	return s.rows(ctx, doing, fmt.Sprintf(sumsQuery, condition), args, into, func() error {
		var sums [len(texts)]uint64
		for i, text := range texts {
			var err error
			if sums[i], err = strconv.ParseUint(text, 10, 64); err != nil {
				return fmt.Errorf("%s: %w", doing, err)
			}
		}
		sum.Hash, sum.Numbers, sum.FetchedMs = sums[0], int64(sums[1]), int64(sums[2])
		sum.Rows, sum.RowsHash = sum.IDs, sum.Hash // one revision of each
		return each(sum)
	})
}

// Refused implements flow.Store by the table meteo.rejected.
func (s *Store) Refused(ctx context.Context, each func(flow.Refused) error) error {
	const query = `SELECT partition, "offset", sha256(coalesce(value, '')) FROM meteo.rejected WHERE topic = $1`
	var r flow.Refused
	var sum []byte
	return s.rows(ctx, "reading the refused records", query, []any{s.topic.Name}, []any{&r.Partition, &r.Offset, &sum}, func() error {
		r.Sum = [sha256.Size]byte(sum)
		return each(r)
	})
}
