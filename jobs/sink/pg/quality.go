package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Quality tells how good the observations of one region were. Forecasts do not count.
type Quality struct {
	Region       string           `json:"region"`
	Observations int64            `json:"observations"`
	Good         int64            `json:"good"`
	Suspect      int64            `json:"suspect"`
	Bad          int64            `json:"bad"`
	Corrected    int64            `json:"corrected"`        // in which a value was replaced
	Failed       map[string]int64 `json:"failed,omitempty"` // "temperature_c.step" -> observations that failed that rule
}

// Quality sums up the observations of [from, to) by region, in the regions' alphabetical order. A region without
// any is not among them.
func (s *Store) Quality(ctx context.Context, from, to time.Time) ([]Quality, error) {
	const counts = `SELECT region, count(*), count(*) FILTER (WHERE quality = 'good'), count(*) FILTER (WHERE quality = 'suspect'),
			count(*) FILTER (WHERE quality = 'bad'), count(original)
		FROM meteo.observation WHERE observed_at >= $1 AND observed_at < $2 AND kind <> 'forecast' GROUP BY region ORDER BY region`
	const rules = `SELECT region, variable.key || '.' || rule, count(*)
		FROM meteo.observation, jsonb_each(qc) AS variable, jsonb_array_elements_text(variable.value) AS rule
		WHERE observed_at >= $1 AND observed_at < $2 AND kind <> 'forecast' GROUP BY 1, 2`
	rows, err := s.pool.Query(ctx, counts, from, to)
	if err != nil {
		return nil, failed("reading the quality", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (q Quality, err error) {
		err = row.Scan(&q.Region, &q.Observations, &q.Good, &q.Suspect, &q.Bad, &q.Corrected)
		q.Failed = map[string]int64{}
		return q, err
	})
	if err != nil {
		return nil, failed("reading the quality", err)
	}
	of := make(map[string]map[string]int64, len(all))
	for _, q := range all {
		of[q.Region] = q.Failed
	}
	if rows, err = s.pool.Query(ctx, rules, from, to); err != nil {
		return nil, failed("reading the rules that failed", err)
	}
	var region, rule string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&region, &rule, &n}, func() error {
		if failures := of[region]; failures != nil { // nil: its first observation came between the two queries
			failures[rule] = n
		}
		return nil
	})
	if err != nil {
		return nil, failed("reading the rules that failed", err)
	}
	return all, nil
}
