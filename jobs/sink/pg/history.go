package pg

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// The values of one series, and as bits those that have failed a check.
var historyQuery = `SELECT observed_at, coalesce(interval_s, 0), ` + failedBits + `, ` + strings.Join(variableNames(), ", ") + `
	FROM meteo.observation_data WHERE series_id = $1 AND observed_at >= $2 AND observed_at <= $3 ORDER BY observed_at`

func variableNames() []string {
	var names []string
	for _, info := range meteo.Variables {
		names = append(names, info.Name)
	}
	return names
}

// History implements query.HistoryReader; nothing is visited in a database without the schema.
func (s *Store) History(ctx context.Context, from, to time.Time, visit func(*query.Origin, *query.Measured) error) error {
	return s.bySeries(ctx, "reading what was measured", func(tx pgx.Tx, all []presenceSeries) error {
		for i := range all {
			if err := all[i].history(ctx, tx, from, to, visit); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *presenceSeries) history(ctx context.Context, tx pgx.Tx, from, to time.Time, visit func(*query.Origin, *query.Measured) error) error {
	rows, err := tx.Query(ctx, historyQuery, p.number, from, to)
	if err != nil {
		return err
	}
	var m query.Measured
	var failed int64
	var values [meteo.NumVariables]pgtype.Float8
	into := []any{&m.At, &m.IntervalS, &failed}
	for v := range values {
		into = append(into, &values[v])
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		var present query.VariableSet
		for v, x := range values {
			m.Values[v] = math.NaN()
			if x.Valid {
				present |= 1 << v
				if failed>>v&1 == 0 {
					m.Values[v] = x.Float64
				}
			}
		}
		m.At, m.OfDay = m.At.UTC(), m.IntervalS >= 86400 && present.OfDay()
		return visit(&p.Origin, &m)
	})
	return err
}
