package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/query"
)

// The counts of each region, and how many of its observations failed each rule.
const (
	qualityQuery = `SELECT region, count(*), count(*) FILTER (WHERE quality = 'good'), count(*) FILTER (WHERE quality = 'suspect'),
			count(*) FILTER (WHERE quality = 'bad'), count(original)
		FROM meteo.observation WHERE observed_at >= $1 AND observed_at < $2 AND kind <> 'forecast' GROUP BY region ORDER BY region`
	failuresQuery = `SELECT region, variable.key || '.' || rule, count(*)
		FROM meteo.observation, jsonb_each(qc) AS variable, jsonb_array_elements_text(variable.value) AS rule
		WHERE observed_at >= $1 AND observed_at < $2 AND kind <> 'forecast' GROUP BY 1, 2`
	flagsQuery = `SELECT station_id, variable.key, rule, count(*)
		FROM meteo.observation, jsonb_each(qc) AS variable, jsonb_array_elements_text(variable.value) AS rule
		WHERE observed_at >= $1 AND observed_at < $2 AND kind <> 'forecast' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
)

// Quality implements query.QualityReader. In a database without the schema no region has any observation.
func (s *Store) Quality(ctx context.Context, from, to time.Time) ([]query.Quality, error) {
	var all []query.Quality
	err := s.ask(ctx, "reading the quality", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, qualityQuery, from, to)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (q query.Quality, err error) {
			err = row.Scan(&q.Region, &q.Observations, &q.Good, &q.Suspect, &q.Bad, &q.Corrected)
			q.Failed = map[string]int64{}
			return q, err
		})
		if err != nil {
			return err
		}
		return addFailures(ctx, tx, all, from, to)
	})
	return all, orNothing(err)
}

// Flags implements query.FlagReader. In a database without the schema nothing failed.
func (s *Store) Flags(ctx context.Context, from, to time.Time) ([]query.Flag, error) {
	var all []query.Flag
	err := s.ask(ctx, "reading which rules failed", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, flagsQuery, from, to)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[query.Flag])
		return err
	})
	return all, orNothing(err)
}

// addFailures fills in the failed rules of regions.
func addFailures(ctx context.Context, tx pgx.Tx, all []query.Quality, from, to time.Time) error {
	of := make(map[string]map[string]int64, len(all))
	for _, q := range all {
		of[q.Region] = q.Failed
	}
	rows, err := tx.Query(ctx, failuresQuery, from, to)
	if err != nil {
		return err
	}
	var region, rule string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&region, &rule, &n}, func() error {
		of[region][rule] = n
		return nil
	})
	return err
}
