package pg

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

const presenceSeriesQuery = `SELECT s.series_id, s.station_id, coalesce(station.region, ''), s.source, s.kind, first.at, last.at
FROM meteo.series s
CROSS JOIN LATERAL (SELECT observed_at AS at FROM meteo.observation_data d WHERE d.series_id = s.series_id ORDER BY observed_at LIMIT 1) first
CROSS JOIN LATERAL (SELECT observed_at AS at FROM meteo.observation_data d WHERE d.series_id = s.series_id ORDER BY observed_at DESC LIMIT 1) last
LEFT JOIN meteo.station USING (station_id)
WHERE s.kind <> 'forecast'
ORDER BY s.station_id, s.source, s.kind`

// The readings of one series as sets of bits, in the order of meteo.Variables.
var (
	presentBits   = bits(func(v string) string { return v + " IS NOT NULL" })
	failedBits    = `CASE WHEN qc IS NULL THEN 0 ELSE ` + bits(func(v string) string { return "qc ? '" + v + "'" }) + ` END`
	presenceQuery = `SELECT observed_at, coalesce(interval_s >= 86400, false), coalesce(quality = 'b', false), ` + presentBits + `, ` + failedBits + `
		FROM meteo.observation_data WHERE series_id = $1 AND observed_at >= $2 AND observed_at <= $3 ORDER BY observed_at`
	// The first and the last reading of the moment, and of whole days, of a series that has both: near the ends of the index.
	endsQuery = `SELECT ` + strings.Join([]string{end("NOT", ""), end("NOT", "DESC"), end("", ""), end("", "DESC")}, ", ")
	// OFFSET 0 has it read the first days alone: joined to the months, PostgreSQL would read all of the series for each of them.
	everQuery = `SELECT DISTINCT long, present
		FROM generate_series(date_trunc('month', $2::timestamptz), $3::timestamptz, interval '1 month') month,
		LATERAL (SELECT coalesce(interval_s >= 86400, false) AS long, ` + presentBits + ` AS present FROM meteo.observation_data
			WHERE series_id = $1 AND observed_at >= greatest(month, $2) AND observed_at < greatest(month, $2) + interval '1 day' OFFSET 0) first_day`
)

// bits writes a bigint whose bits are the answers of a condition for each variable.
func bits(condition func(variable string) string) string {
	var terms []string
	for v, info := range meteo.Variables {
		terms = append(terms, fmt.Sprintf("CASE WHEN %s THEN %d::bigint ELSE 0 END", condition(info.Name), uint64(1)<<v))
	}
	return "(" + strings.Join(terms, " | ") + ")"
}

// end writes the subquery of the observed_at of the first reading, or the last, that is of whole days, or not.
func end(not, order string) string {
	var momentary []string
	for v, info := range meteo.Variables {
		if !meteo.Variable(v).Over() {
			momentary = append(momentary, info.Name)
		}
	}
	return fmt.Sprintf(`(SELECT observed_at FROM meteo.observation_data WHERE series_id = $1
		AND %s (coalesce(interval_s >= 86400, false) AND num_nonnulls(%s) = 0) ORDER BY observed_at %s LIMIT 1)`, not, strings.Join(momentary, ", "), order)
}

type presenceSeries struct {
	number int32
	query.Presence
}

// Presence implements query.PresenceReader; nothing is visited in a database without the schema.
func (s *Store) Presence(ctx context.Context, from, to time.Time, visit func(*query.Presence) error) error {
	return s.bySeries(ctx, "reading what is there", func(tx pgx.Tx, all []presenceSeries) error {
		for i := range all {
			p := &all[i]
			if err := p.read(ctx, tx, from, to); err != nil {
				return err
			}
			if err := visit(&p.Presence); err != nil {
				return err
			}
			if next := i + 1; next < len(all) {
				all[next].Readings, p.Readings = p.Readings[:0], nil
			}
		}
		return nil
	})
}

// bySeries asks a question about all series but those of forecasts, of which there are none in a database without the schema.
func (s *Store) bySeries(ctx context.Context, doing string, question func(tx pgx.Tx, all []presenceSeries) error) error {
	err := s.ask(ctx, doing, func(tx pgx.Tx) error {
		if err := narrowed(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, presenceSeriesQuery)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p presenceSeries, err error) {
			err = row.Scan(&p.number, &p.StationID, &p.Region, &p.Source, &p.Kind, &p.First, &p.Last)
			return p, err
		})
		if err != nil {
			return err
		}
		return question(tx, all)
	})
	return orNothing(err)
}

// narrowed reports a migration that is under way: months in their old form have no series yet.
func narrowed(ctx context.Context, tx pgx.Tx) error {
	var underWay bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass('meteo.observation_5') IS NOT NULL").Scan(&underWay); err != nil {
		return err
	}
	if underWay {
		return flow.Fail(flow.TryLater, "the migration of the database is under way: try again after it, or run `senmeteo to-pg` once, which ends it")
	}
	return nil
}

// read fills in what the series has in the window, and what it ever had.
func (p *presenceSeries) read(ctx context.Context, tx pgx.Tx, from, to time.Time) error {
	p.First, p.Last = p.First.UTC(), p.Last.UTC()
	var at time.Time
	var long, bad bool
	var present, failed int64
	rows, err := tx.Query(ctx, presenceQuery, p.number, from, to)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&at, &long, &bad, &present, &failed}, func() error {
		r := query.PresentAt{At: at.UTC(), Bad: bad, Present: query.VariableSet(present), Failed: query.VariableSet(failed)}
		r.OfDay = p.had(long, r.Present)
		p.Readings = append(p.Readings, r)
		return nil
	})
	if err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, everQuery, p.number, p.First, p.Last); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&long, &present}, func() error {
		p.had(long, query.VariableSet(present))
		return nil
	})
	if err != nil || p.EverOfDays == 0 {
		return err
	}
	return p.readEnds(ctx, tx)
}

// readEnds fills in when readings of the moment, and when those of whole days, began and ended.
func (p *presenceSeries) readEnds(ctx context.Context, tx pgx.Tx) error {
	var ends [4]pgtype.Timestamptz
	if err := tx.QueryRow(ctx, endsQuery, p.number).Scan(&ends[0], &ends[1], &ends[2], &ends[3]); err != nil {
		return err
	}
	for i, into := range []*time.Time{&p.First, &p.Last, &p.FirstOfDays, &p.LastOfDays} {
		*into = ends[i].Time.UTC() // zero when it is null
	}
	return nil
}

// had notes that a reading has had these values, and reports whether it is of a day.
func (p *presenceSeries) had(long bool, values query.VariableSet) (ofDay bool) {
	if long && values.OfDay() {
		p.EverOfDays |= values
		return true
	}
	p.Ever |= values
	return false
}
