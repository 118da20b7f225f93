package pg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// latestQuery takes the newest row of each station from the view, and sums the rain of the 24 hours that
// end there, from the same source. A row counts when its interval lies within the 24 hours and begins no
// earlier than the row before it ends: reports of 6 and of 24 hours in one series do not add up twice.
var latestQuery = `
SELECT ` + strings.Join(columnsOf("l."), ", ") + `, r.mm, r.covered
FROM meteo.latest l
CROSS JOIN LATERAL (
    SELECT sum(rain_mm) AS mm, sum(interval_s)::bigint AS covered
    FROM (
        SELECT o.rain_mm, o.interval_s, o.observed_at - o.interval_s * interval '1 second' AS begins,
               lag(o.observed_at) OVER (ORDER BY o.observed_at) AS before
        FROM meteo.observation o
        WHERE o.station_id = l.station_id AND o.source = l.source AND o.kind = l.kind
          AND o.observed_at > l.observed_at - interval '24 hours' AND o.observed_at <= l.observed_at
          AND o.rain_mm IS NOT NULL AND o.interval_s IS NOT NULL AND NOT coalesce(o.qc ? 'rain_mm', false)
    ) intervals
    WHERE begins >= l.observed_at - interval '24 hours' AND (before IS NULL OR begins >= before)
) r
ORDER BY l.station_id`

// Latest implements query.Reader by the view meteo.latest.
func (s *Store) Latest(ctx context.Context) ([]query.Latest, error) {
	var latest []query.Latest
	err := s.ask(ctx, "reading the latest observations", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, latestQuery)
		if err != nil {
			return err
		}
		latest, err = pgx.CollectRows(rows, scanLatest)
		return err
	})
	return latest, emptyOr(err)
}

// seriesQuery leaves the variable's column to fmt: it comes from meteo.Variables.
const seriesQuery = `
SELECT source, kind, observed_at, %[1]s, interval_s, qc -> '%[1]s'
FROM meteo.observation
WHERE station_id = $1 AND observed_at > $2 AND observed_at <= $3 AND kind <> 'forecast'
  AND (%[1]s IS NOT NULL OR NOT meteo.is_of_day(observation)) -- the row of a day is not a gap between readings
ORDER BY source, kind, observed_at`

// Series implements query.Reader by the view meteo.observation: the station's series, and of each the rows of these times by their key.
func (s *Store) Series(ctx context.Context, q query.SeriesQuery) ([]query.Line, error) {
	var lines []query.Line
	err := s.ask(ctx, "reading a series", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, fmt.Sprintf(seriesQuery, q.Variable), q.StationID, q.From, q.To)
		if err != nil {
			return err
		}
		lines, err = collectLines(rows)
		return err
	})
	return lines, emptyOr(err)
}

// emptyOr is query.ErrEmpty for a database without the schema.
func emptyOr(err error) error {
	if errors.Is(err, errNothingThere) {
		return query.ErrEmpty
	}
	return err
}

// collectLines reads the rows of seriesQuery. Lines without any value are left out.
func collectLines(rows pgx.Rows) ([]query.Line, error) {
	var lines []query.Line
	var source string
	var kind meteo.Kind
	var at time.Time
	var value *float64
	var interval *int64
	var failed []meteo.Rule
	_, err := pgx.ForEachRow(rows, []any{&source, &kind, &at, &value, &interval, &failed}, func() error {
		if n := len(lines); n == 0 || lines[n-1].Source != source || lines[n-1].Kind != kind {
			lines = append(lines, query.Line{Source: source, Kind: kind})
		}
		line := &lines[len(lines)-1]
		p := query.Point{At: at.UTC(), Value: math.NaN(), Failed: failed}
		if value != nil {
			p.Value = *value
		}
		if interval != nil {
			p.IntervalS = *interval
		}
		line.Points = append(line.Points, p)
		failed = nil // the point keeps this one
		return nil
	})
	return slices.DeleteFunc(lines, func(l query.Line) bool {
		return !slices.ContainsFunc(l.Points, func(p query.Point) bool { return meteo.Known(p.Value) })
	}), err
}

// scanLatest reads a row of latestQuery.
func scanLatest(row pgx.CollectableRow) (query.Latest, error) {
	var latest query.Latest
	values, err := row.Values()
	if err != nil {
		return latest, err
	}
	for i := range stored {
		setValue(&stored[i], &latest.Observation, values[i])
	}
	latest.Rain24.MM = numberOf(values[len(stored)])
	latest.Rain24.CoveredS, _ = values[len(stored)+1].(int64)
	return latest, nil
}
