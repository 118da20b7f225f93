package pg

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// columns of meteo.observation, in the order of values.
var columns = func() []string {
	names := []string{
		"station_id", "observed_at", "source", "kind", "issued_at", "id", "revision", "region",
		"latitude", "longitude", "elevation_m", "fetched_at", "provider_id",
	}
	for _, v := range meteo.Variables {
		names = append(names, v.Name)
	}
	return append(names, "interval_s", "quality", "qc", "original")
}()

// createIncoming makes the table that a session copies a batch into.
const createIncoming = `CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE meteo.observation) ON COMMIT DELETE ROWS`

// mergeIncoming stores what is new: unknown ids, and other revisions of known ones that were not fetched earlier, as
// meteo.Observation.Replaces says.
var mergeIncoming = func() string {
	const key = "station_id, observed_at, source, kind, issued_at"
	list := strings.Join(columns, ", ")
	var set []string
	for _, c := range columns {
		if !slices.Contains(strings.Split(key, ", "), c) {
			set = append(set, c+" = excluded."+c)
		}
	}
	return "INSERT INTO meteo.observation AS stored (" + list + ") SELECT " + list + " FROM incoming ORDER BY " + key +
		" ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(set, ", ") +
		" WHERE excluded.fetched_at > stored.fetched_at OR excluded.fetched_at = stored.fetched_at AND excluded.revision <> stored.revision"
}()

// merge stores a batch's observations within its transaction.
func (s *Sink) merge(ctx context.Context, tx pgx.Tx, b *flow.Batch) (flow.Outcome, []flow.Reject, error) {
	rows := lastRevisions(b)
	if err := s.ensureStations(ctx, tx, b, rows); err != nil {
		return flow.Outcome{}, nil, err
	}
	var refused []flow.Reject
	out, err := s.storeRows(ctx, tx, b, rows, &refused)
	out.Duplicates += int64(len(b.Observations) - len(rows)) // superseded within the batch
	return out, refused, err
}

// lastRevisions returns the indexes of the observations to store: of each id the last revision, in the order of
// the primary key, so that two writers lock rows in the same order.
func lastRevisions(b *flow.Batch) []int {
	last := make(map[meteo.ID]int, len(b.Observations))
	for i := range b.Observations {
		o := &b.Observations[i]
		if before, ok := last[o.ID]; !ok || o.Replaces(&b.Observations[before]) {
			last[o.ID] = i
		}
	}
	rows := make([]int, 0, len(last))
	for _, i := range last {
		rows = append(rows, i)
	}
	slices.SortFunc(rows, func(i, j int) int {
		a, b := &b.Observations[i], &b.Observations[j]
		return cmp.Or(
			strings.Compare(a.StationID, b.StationID), a.ObservedAt.Compare(b.ObservedAt), strings.Compare(a.Source, b.Source),
			strings.Compare(string(a.Kind), string(b.Kind)), a.IssuedAt.Compare(b.IssuedAt),
		)
	})
	return rows
}

// storeRows copies rows in and merges them. When PostgreSQL refuses one of them, the others are stored all the same: halves are
// tried until the refused rows stand alone, which go to meteo.rejected and are added to refused.
func (s *Sink) storeRows(ctx context.Context, tx pgx.Tx, b *flow.Batch, rows []int, refused *[]flow.Reject) (flow.Outcome, error) {
	var out flow.Outcome
	if len(rows) == 0 {
		return out, nil
	}
	var written int64
	err := pgx.BeginFunc(ctx, tx, func(save pgx.Tx) error { // a savepoint
		if _, err := save.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, &copySource{b: b, rows: rows, at: -1}); err != nil {
			return err
		}
		tag, err := save.Exec(ctx, mergeIncoming)
		if err != nil {
			return err
		}
		written = tag.RowsAffected()
		_, err = save.Exec(ctx, "TRUNCATE incoming")
		return err
	})
	switch {
	case err == nil:
		out.Written, out.Duplicates = written, int64(len(rows))-written
		return out, nil
	case !isDataError(err):
		return out, err
	case len(rows) == 1:
		out.Rejected = 1
		*refused = append(*refused, flow.Reject{Record: b.Origin[rows[0]], Refusal: meteo.Refuse(meteo.StoreRefused, "PostgreSQL: %s", lastLine(err))})
		return out, s.reject(ctx, tx, b, rows[0], err)
	}
	for _, half := range [][]int{rows[:len(rows)/2], rows[len(rows)/2:]} {
		part, err := s.storeRows(ctx, tx, b, half, refused)
		if err != nil {
			return out, err
		}
		out.Written += part.Written
		out.Duplicates += part.Duplicates
		out.Rejected += part.Rejected
	}
	return out, nil
}

// reject keeps the record of a row that PostgreSQL refused, with its reason.
func (s *Sink) reject(ctx context.Context, tx pgx.Tx, b *flow.Batch, row int, refused error) error {
	const insert = `INSERT INTO meteo.rejected (topic, partition, "offset", key, value, reason, detail, run_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	r := &b.Records[b.Origin[row]]
	_, err := tx.Exec(ctx, insert, s.topic.Name, r.Partition, r.Offset, r.Key, r.Value, string(meteo.StoreRefused), lastLine(refused), s.runID)
	return err
}

// ensureStations adds further stations that observations name for the first time.
func (s *Sink) ensureStations(ctx context.Context, tx pgx.Tx, b *flow.Batch, rows []int) error {
	const insert = `INSERT INTO meteo.station (station_id, region, latitude, longitude, elevation_m)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	before := ""
	for _, i := range rows { // sorted by station
		o := &b.Observations[i]
		if o.StationID == before || s.once(func() bool { return s.stations[o.StationID] }) {
			continue
		}
		before = o.StationID
		err := pgx.BeginFunc(ctx, tx, func(save pgx.Tx) error {
			_, err := save.Exec(ctx, insert, o.StationID, o.Region, number(o.Latitude), number(o.Longitude), number(o.ElevationM))
			return err
		})
		if err != nil && !isDataError(err) { // a refused station is no reason to lose its observations
			return err
		}
	}
	return nil
}

// noteStations remembers, once a batch is committed, that its stations are there.
func (s *Sink) noteStations(b *flow.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b.Observations {
		s.stations[b.Observations[i].StationID] = true
	}
}

// copySource feeds rows to COPY.
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
	v := append(c.values[:0],
		o.StationID, timestamp(o.ObservedAt), o.Source, string(o.Kind), issued(o), o.ID.String(), o.Revision, o.Region,
		number(o.Latitude), number(o.Longitude), number(o.ElevationM), timestamp(o.FetchedAt), text(o.ProviderID))
	for _, x := range o.Values {
		v = append(v, number(x))
	}
	var interval any
	if o.IntervalS > 0 {
		interval = o.IntervalS
	}
	var qc, original any
	if len(o.QC) > 0 {
		qc = meteo.AppendFailures(nil, o.QC)
	}
	if o.Original != nil {
		original = o.Original.AppendJSON(nil)
	}
	c.values = append(v, interval, string(o.Quality), qc, original)
	return c.values, nil
}
