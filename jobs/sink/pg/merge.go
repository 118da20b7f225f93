package pg

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// All rows are copied into a temporary table first. During COPY the server waits for this program, and none of its timeouts ends the
// wait; so nothing that others need may be locked in it. From there, rows whose keys the database can't have are inserted, and the others
// are merged, which takes the server half as long again.

// createIncoming creates the table that a session copies a batch into: its rows with their numbers.
const createIncoming = `CREATE TEMPORARY TABLE IF NOT EXISTS incoming (n integer, LIKE meteo.observation_data) ON COMMIT DELETE ROWS`

var (
	copyIncoming = "copy incoming (n, " + strings.Join(dataColumns, ", ") + ") from stdin binary"

	// insertIncoming stores the rows below $1.
	insertIncoming = "INSERT INTO meteo.observation_data (" + strings.Join(dataColumns, ", ") + ") SELECT " + strings.Join(dataColumns, ", ") +
		" FROM incoming WHERE n < $1"

	// mergeIncoming stores those of the rows $1 to $2 whose key is unknown or that replace the stored revision of it:
	// meteo.Observation.Replaces as SQL.
	mergeIncoming = "INSERT INTO meteo.observation_data AS stored (" + strings.Join(dataColumns, ", ") + ") SELECT " + strings.Join(dataColumns, ", ") +
		" FROM incoming WHERE n >= $1 AND n < $2 ORDER BY n ON CONFLICT (series_id, observed_at) DO UPDATE SET " + assignments() +
		" WHERE excluded.fetched_at > stored.fetched_at OR excluded.fetched_at = stored.fetched_at AND excluded.revision <> stored.revision"
)

// assignments assigns every column that is not of the key.
func assignments() string {
	var set []string
	for _, c := range dataColumns {
		if c != "series_id" && c != "observed_at" {
			set = append(set, c+" = excluded."+c)
		}
	}
	return strings.Join(set, ", ")
}

// newestQuery returns, of each of the series $1, the newest time between $2 and $3 that is stored.
const newestQuery = `SELECT k.series_id, d.observed_at FROM unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) AS k (series_id, first, last)
	CROSS JOIN LATERAL (
		SELECT observed_at FROM meteo.observation_data
		WHERE series_id = k.series_id AND observed_at BETWEEN k.first AND k.last ORDER BY observed_at DESC LIMIT 1
	) d`

// merger stores the rows of one batch within its transaction.
type merger struct {
	tx      pgx.Tx
	batch   *flow.Batch
	rows    []row
	fresh   int           // so many of the first rows have keys that are not stored
	refused map[int]error // by the index of the observation
	written int64
}

// split moves the rows to the front whose keys can't be stored: those of a series that are later than all of it that is stored in their time.
func (m *merger) split(ctx context.Context) error {
	newest, err := m.newest(ctx)
	if err != nil {
		return err
	}
	var others []row
	fresh := m.rows[:0]
	for _, r := range m.rows {
		if at, stored := newest[r.series]; stored && r.observedAt <= at {
			others = append(others, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	m.fresh, m.rows = len(fresh), append(fresh, others...)
	return nil
}

// newest asks for the newest time that is stored of each series of the rows, within the times of the rows.
func (m *merger) newest(ctx context.Context) (map[int32]int64, error) {
	var series []int32
	var first, last []time.Time
	for i, r := range m.rows { // in the order of the key
		if i == 0 || r.series != m.rows[i-1].series {
			series, first, last = append(series, r.series), append(first, timeOf(r.observedAt)), append(last, time.Time{})
		}
		last[len(last)-1] = timeOf(r.observedAt)
	}
	found, err := m.tx.Query(ctx, newestQuery, series, first, last)
	if err != nil {
		return nil, err
	}
	newest := make(map[int32]int64, len(series))
	var number int32
	var at time.Time
	_, err = pgx.ForEachRow(found, []any{&number, &at}, func() error {
		newest[number] = microsecondsOf(at)
		return nil
	})
	return newest, err
}

// copyIn copies the rows to PostgreSQL.
func (m *merger) copyIn(ctx context.Context) error {
	if len(m.rows) == 0 {
		return nil
	}
	if _, err := m.tx.Exec(ctx, createIncoming); err != nil {
		return err
	}
	return m.bisect(ctx, 0, len(m.rows), func(save pgx.Tx, from, to int) error {
		_, err := save.Conn().PgConn().CopyFrom(ctx, &copyReader{b: m.batch, rows: m.rows[from:to], number: int32(from)}, copyIncoming)
		return err
	})
}

// merge stores the copied rows. Rows that were fresh and are refused, or stored by somebody else meanwhile, are merged as the others are.
func (m *merger) merge(ctx context.Context) error {
	if m.fresh > 0 {
		err := pgx.BeginFunc(ctx, m.tx, func(save pgx.Tx) error {
			tag, err := save.Exec(ctx, insertIncoming, m.fresh)
			m.written += tag.RowsAffected()
			return err
		})
		if isDataError(err) {
			m.fresh = 0
		} else if err != nil {
			return err
		}
	}
	return m.bisect(ctx, m.fresh, len(m.rows), func(save pgx.Tx, from, to int) error {
		tag, err := save.Exec(ctx, mergeIncoming, from, to)
		m.written += tag.RowsAffected()
		return err
	})
}

// bisect does something with the rows from..to in a savepoint. When PostgreSQL refuses one of them, the halves are tried
// in turn until each refused row is alone, so that all others are stored.
func (m *merger) bisect(ctx context.Context, from, to int, do func(save pgx.Tx, from, to int) error) error {
	if from == to {
		return nil
	}
	err := pgx.BeginFunc(ctx, m.tx, func(save pgx.Tx) error { return do(save, from, to) })
	switch {
	case err == nil || !isDataError(err):
		return err
	case to-from == 1:
		m.refused[m.rows[from].at] = err
		return nil
	}
	half := (from + to) / 2
	if err := m.bisect(ctx, from, half, do); err != nil {
		return err
	}
	return m.bisect(ctx, half, to, do)
}

// reject stores the records of the refused rows in meteo.rejected, with the reasons, and returns them.
func (s *Store) reject(ctx context.Context, m *merger) ([]flow.Reject, error) {
	const insert = `INSERT INTO meteo.rejected (topic, partition, "offset", key, value, reason, detail, run_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	var rejects []flow.Reject
	for _, i := range slices.Sorted(maps.Keys(m.refused)) {
		origin, why := m.batch.Origin[i], lastLine(m.refused[i])
		r := &m.batch.Records[origin]
		rejects = append(rejects, flow.Reject{Record: origin, Refusal: meteo.Refuse(meteo.StoreRefused, "PostgreSQL: %s", why)})
		_, err := m.tx.Exec(ctx, insert, s.topic.Name, r.Partition, r.Offset, r.Key, r.Value, string(meteo.StoreRefused), why, s.runID)
		if err != nil {
			return nil, err
		}
	}
	return rejects, nil
}
