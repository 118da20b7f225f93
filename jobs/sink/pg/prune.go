package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
)

// Prune implements flow.Pruner. It drops the tables of the months, each in a transaction of its own; a month that somebody detached stays.
func (s *Store) Prune(ctx context.Context, before time.Time) (flow.Pruned, error) {
	const doing = "deleting old months"
	var done flow.Pruned
	rows, err := s.pool.Query(ctx, `SELECT c.relname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'meteo.observation_data'::regclass ORDER BY c.relname`)
	if err != nil {
		return done, failed(doing, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return done, failed(doing, err)
	}
	for _, table := range tables {
		month, err := time.Parse("observation_2006_01", table)
		if err != nil || month.AddDate(0, 1, 0).After(before) {
			continue // a table of somebody else, or a month that stays
		}
		count, err := s.dropMonth(ctx, table)
		if err != nil {
			return done, failed(fmt.Sprintf("deleting the month %s", month.Format("2006-01")), err)
		}
		done.Months, done.Observations = append(done.Months, month.Format("2006-01")), done.Observations+count
	}
	return done, nil
}

// dropMonth drops the table of a month and returns how many rows it had. While it waits for readers, for lock_timeout at the most, others
// wait for it.
func (s *Store) dropMonth(ctx context.Context, table string) (rows int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		name := pgx.Identifier{"meteo", table}.Sanitize()
		if _, err := tx.Exec(ctx, "LOCK TABLE meteo.observation_data, "+name+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+name).Scan(&rows); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DROP TABLE "+name)
		return err
	})
	return rows, err
}
