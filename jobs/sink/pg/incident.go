package pg

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

// Note implements query.IncidentStore. Looks take turns by the rows of meteo.alert_look.
func (s *Store) Note(ctx context.Context, look query.Look) error {
	return s.change(ctx, "noting incidents", func(tx pgx.Tx) error {
		kinds, err := acquire(ctx, tx, look)
		if err != nil || len(kinds) == 0 {
			return err
		}
		return noteConditions(ctx, tx, kinds, look.At, look.Conditions)
	})
}

// acquire returns the kinds of a look that no newer look has noted, and keeps other looks at these waiting.
func acquire(ctx context.Context, tx pgx.Tx, look query.Look) ([]string, error) {
	const turn = `INSERT INTO meteo.alert_look AS l (kind, looked_at) SELECT kind, $2 FROM unnest($1::text[]) kind ORDER BY kind
		ON CONFLICT (kind) DO UPDATE SET looked_at = EXCLUDED.looked_at WHERE l.looked_at < EXCLUDED.looked_at RETURNING kind`
	rows, err := tx.Query(ctx, turn, look.Kinds, look.At)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// noteConditions closes the incidents of these kinds that are over, and opens those that have begun.
func noteConditions(ctx context.Context, tx pgx.Tx, kinds []string, at time.Time, found []query.Condition) error {
	var conditions [3][]string
	for _, c := range found {
		for i, text := range []string{c.Kind, c.Subject, c.Message} {
			conditions[i] = append(conditions[i], text)
		}
	}
	const end = `UPDATE meteo.incident i SET closed_at = greatest(opened_at, $2) WHERE closed_at IS NULL AND kind = ANY($1)
		AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) c (kind, subject) WHERE c.kind = i.kind AND c.subject = i.subject)`
	if _, err := tx.Exec(ctx, end, kinds, at, conditions[0], conditions[1]); err != nil {
		return err
	}
	const begin = `INSERT INTO meteo.incident (kind, subject, message, opened_at)
		SELECT kind, subject, message, $2 FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY c (kind, subject, message, place)
		WHERE kind = ANY($1) ORDER BY place ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING`
	_, err := tx.Exec(ctx, begin, kinds, at, conditions[0], conditions[1], conditions[2])
	return err
}

// Raise implements query.IncidentStore.
func (s *Store) Raise(ctx context.Context, c query.Condition, at time.Time) (bool, error) {
	return s.changed(ctx, "opening an incident", `INSERT INTO meteo.incident (kind, subject, message, opened_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING`, c.Kind, c.Subject, c.Message, at)
}

// Clear implements query.IncidentStore.
func (s *Store) Clear(ctx context.Context, kind, subject string, at time.Time) (bool, error) {
	return s.changed(ctx, "closing an incident", `UPDATE meteo.incident SET closed_at = greatest(opened_at, $3)
		WHERE kind = $1 AND subject = $2 AND closed_at IS NULL`, kind, subject, at)
}

// sendLock is held by the one who sends incidents.
const sendLock = "SELECT pg_try_advisory_xact_lock(7236839, 5)"

// Send implements query.IncidentStore: each opening and closing in a transaction of its own, whose lock others find taken.
func (s *Store) Send(ctx context.Context, send func(context.Context, *query.Incident, bool) error) error {
	for {
		var more bool
		err := s.change(ctx, "sending incidents", func(tx pgx.Tx) (err error) {
			more, err = sendOne(ctx, tx, send)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// sendOne sends the oldest opening or closing that was not sent; false when there is none, or somebody else sends.
func sendOne(ctx context.Context, tx pgx.Tx, send func(context.Context, *query.Incident, bool) error) (bool, error) {
	var mine bool
	if err := tx.QueryRow(ctx, sendLock).Scan(&mine); err != nil || !mine {
		return false, err
	}
	const unsent = `SELECT incident_id, kind, subject, message, opened_at, closed_at, opened_sent_at IS NOT NULL FROM meteo.incident
		WHERE opened_sent_at IS NULL OR closed_at IS NOT NULL AND closed_sent_at IS NULL ORDER BY incident_id LIMIT 1`
	rows, err := tx.Query(ctx, unsent)
	if err != nil {
		return false, err
	}
	var closing bool
	incidents, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (query.Incident, error) { return scanIncident(row, &closing) })
	if err != nil || len(incidents) == 0 {
		return false, err
	}
	i := &incidents[0]
	if err := send(ctx, i, closing); err != nil {
		return false, err
	}
	sent := "UPDATE meteo.incident SET opened_sent_at = now() WHERE incident_id = $1"
	if closing {
		sent = "UPDATE meteo.incident SET closed_sent_at = now() WHERE incident_id = $1"
	}
	_, err = tx.Exec(ctx, sent, i.ID)
	return true, err
}

// Incidents implements query.IncidentStore; there are none in a database without the schema.
func (s *Store) Incidents(ctx context.Context, since time.Time) ([]query.Incident, error) {
	var all []query.Incident
	err := s.ask(ctx, "reading incidents", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT incident_id, kind, subject, message, opened_at, closed_at FROM meteo.incident
			WHERE closed_at IS NULL OR closed_at >= $1 ORDER BY closed_at IS NOT NULL, opened_at DESC, incident_id DESC`, since)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (query.Incident, error) { return scanIncident(row) })
		return err
	})
	return all, orNothing(err)
}

// Mute implements query.IncidentStore.
func (s *Store) Mute(ctx context.Context, stationID string, until time.Time) (bool, error) {
	return s.changed(ctx, "muting a station", `INSERT INTO meteo.muted_station (station_id, until) SELECT station_id, $2 FROM meteo.station WHERE station_id = $1
		ON CONFLICT (station_id) DO UPDATE SET until = EXCLUDED.until`, stationID, until)
}

// Muted implements query.IncidentStore.
func (s *Store) Muted(ctx context.Context, at time.Time) ([]string, error) {
	var stations []string
	err := s.ask(ctx, "reading the muted stations", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT station_id FROM meteo.muted_station WHERE until > $1 ORDER BY station_id", at)
		if err != nil {
			return err
		}
		stations, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return stations, orNothing(err)
}

// scanIncident reads an incident, and what comes after its columns.
func scanIncident(row pgx.CollectableRow, after ...any) (query.Incident, error) {
	var i query.Incident
	var closed pgtype.Timestamptz
	err := row.Scan(append([]any{&i.ID, &i.Kind, &i.Subject, &i.Message, &i.OpenedAt, &closed}, after...)...)
	i.OpenedAt = i.OpenedAt.UTC()
	if closed.Valid {
		i.ClosedAt = closed.Time.UTC()
	}
	return i, err
}

// changed reports whether a statement has changed a row.
func (s *Store) changed(ctx context.Context, doing, sql string, args ...any) (bool, error) {
	var n int64
	err := s.change(ctx, doing, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, args...)
		n = tag.RowsAffected()
		return err
	})
	return n > 0, err
}

// change runs a transaction that is not part of a batch. Failures are *flow.Failure, those of work as they are.
func (s *Store) change(ctx context.Context, doing string, work func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, work)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return flow.Fail(flow.Interrupted, "%s: %w", doing, context.Canceled)
	}
	return failed(doing, err)
}

// orNothing is nil for a database without the tables.
func orNothing(err error) error {
	if errors.Is(err, errNothingThere) {
		return nil
	}
	return err
}
