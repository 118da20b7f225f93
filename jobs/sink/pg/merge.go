package pg

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// createIncoming creates the table that a session copies a batch into: its rows with their numbers.
const createIncoming = `CREATE TEMPORARY TABLE IF NOT EXISTS incoming (n integer, LIKE meteo.observation) ON COMMIT DELETE ROWS`

// mergeIncoming stores those of the rows $1 to $2 whose id is unknown or that replace the stored revision of it:
// meteo.Observation.Replaces as SQL.
var mergeIncoming = func() string {
	const key = "station_id, observed_at, source, kind, issued_at"
	list := strings.Join(columns, ", ")
	var set []string
	for _, c := range columns {
		if !slices.Contains(strings.Split(key, ", "), c) {
			set = append(set, c+" = excluded."+c)
		}
	}
	return "INSERT INTO meteo.observation AS stored (" + list + ") SELECT " + list + " FROM incoming WHERE n >= $1 AND n < $2 ORDER BY n" +
		" ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(set, ", ") +
		" WHERE excluded.fetched_at > stored.fetched_at OR excluded.fetched_at = stored.fetched_at AND excluded.revision <> stored.revision"
}()

// merger stores one batch within its transaction.
type merger struct {
	store   *Store
	tx      pgx.Tx
	batch   *flow.Batch
	rows    []int // of the batch's observations, those to store
	refused map[int]error
	written int64
}

// copyIn copies the rows to PostgreSQL. During COPY the server waits for this program, and none of its timeouts ends the
// wait; so nothing that others need may be locked yet.
func (m *merger) copyIn(ctx context.Context) error {
	withNumber := append([]string{"n"}, columns...)
	return m.bisect(ctx, 0, len(m.rows), func(save pgx.Tx, from, to int) error {
		_, err := save.CopyFrom(ctx, pgx.Identifier{"incoming"}, withNumber, &copySource{b: m.batch, rows: m.rows[:to], at: from - 1})
		return err
	})
}

// merge stores the copied rows.
func (m *merger) merge(ctx context.Context) (flow.Outcome, []flow.Reject, error) {
	var out flow.Outcome
	if err := m.store.ensureStations(ctx, m.tx, m.batch, m.rows); err != nil {
		return out, nil, err
	}
	err := m.bisect(ctx, 0, len(m.rows), func(save pgx.Tx, from, to int) error {
		tag, err := save.Exec(ctx, mergeIncoming, from, to)
		m.written += tag.RowsAffected()
		return err
	})
	if err != nil {
		return out, nil, err
	}
	var refused []flow.Reject
	for _, row := range slices.Sorted(maps.Keys(m.refused)) {
		i, why := m.rows[row], m.refused[row]
		refused = append(refused, flow.Reject{Record: m.batch.Origin[i], Refusal: meteo.Refuse(meteo.StoreRefused, "PostgreSQL: %s", lastLine(why))})
		if err := m.store.reject(ctx, m.tx, m.batch, i, why); err != nil {
			return out, nil, err
		}
	}
	out.Written, out.Rejected = m.written, int64(len(refused))
	out.Duplicates = int64(len(m.batch.Observations)) - out.Written - out.Rejected // those superseded within the batch, too
	return out, refused, nil
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
		m.refused[from] = err
		return nil
	}
	half := (from + to) / 2
	if err := m.bisect(ctx, from, half, do); err != nil {
		return err
	}
	return m.bisect(ctx, half, to, do)
}

// inKeyOrder returns the indexes of the observations to store: of each id the last revision, in the order of the primary key, so that
// two writers lock rows in the same order.
func inKeyOrder(b *flow.Batch) []int {
	rows := b.LastRevisions()
	slices.SortFunc(rows, func(i, j int) int {
		a, b := &b.Observations[i], &b.Observations[j]
		return cmp.Or(
			strings.Compare(a.StationID, b.StationID), a.ObservedAt.Compare(b.ObservedAt), strings.Compare(a.Source, b.Source),
			strings.Compare(string(a.Kind), string(b.Kind)), a.IssuedAt.Compare(b.IssuedAt),
		)
	})
	return rows
}

// reject stores the record of a refused row in meteo.rejected, with the reason.
func (s *Store) reject(ctx context.Context, tx pgx.Tx, b *flow.Batch, row int, refused error) error {
	const insert = `INSERT INTO meteo.rejected (topic, partition, "offset", key, value, reason, detail, run_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	r := &b.Records[b.Origin[row]]
	_, err := tx.Exec(ctx, insert, s.topic.Name, r.Partition, r.Offset, r.Key, r.Value, string(meteo.StoreRefused), lastLine(refused), s.runID)
	return err
}

// ensureStations inserts the stations that are new.
func (s *Store) ensureStations(ctx context.Context, tx pgx.Tx, b *flow.Batch, rows []int) error {
	const insert = `INSERT INTO meteo.station (station_id, region, latitude, longitude, elevation_m)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	before := ""
	for _, i := range rows { // sorted by station
		o := &b.Observations[i]
		if o.StationID == before || s.known.hasStation(o.StationID) {
			continue
		}
		before = o.StationID
		err := pgx.BeginFunc(ctx, tx, func(save pgx.Tx) error {
			_, err := save.Exec(ctx, insert, o.StationID, o.Region, number(o.Latitude), number(o.Longitude), number(o.ElevationM))
			return err
		})
		if err != nil && !isDataError(err) { // a station may be refused without its observations
			return err
		}
	}
	return nil
}

// copySource feeds rows to COPY, each after its number.
type copySource struct {
	b      *flow.Batch
	rows   []int
	at     int
	values []any
}

func (c *copySource) Next() bool { c.at++; return c.at < len(c.rows) }

func (c *copySource) Err() error { return nil }

func (c *copySource) Values() ([]any, error) {
	o := &c.b.Observations[c.rows[c.at]]
	c.values = append(c.values[:0], int32(c.at))
	for i := range stored {
		c.values = append(c.values, value(&stored[i], o))
	}
	return c.values, nil
}
