package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/query"
)

// NoteJobs implements query.IncidentStore.
func (s *Store) NoteJobs(ctx context.Context, look query.Look, stages []query.Stage, judge func([]query.Trail) []query.Condition) error {
	return s.change(ctx, "noting incidents of jobs", func(tx pgx.Tx) error {
		kinds, err := acquire(ctx, tx, look)
		if err != nil || len(kinds) == 0 {
			return err
		}
		if err := measure(ctx, tx, look.At, stages); err != nil {
			return err
		}
		trails, err := trails(ctx, tx, kinds)
		if err != nil {
			return err
		}
		return noteConditions(ctx, tx, kinds, look.At, judge(trails))
	})
}

// measure keeps what a look has measured, and forgets what is older than a day.
func measure(ctx context.Context, tx pgx.Tx, at time.Time, stages []query.Stage) error {
	if _, err := tx.Exec(ctx, "DELETE FROM meteo.job_measure WHERE measured_at < $1::timestamptz - interval '1 day'", at); err != nil {
		return err
	}
	for i := range stages {
		s := &stages[i]
		const keep = `INSERT INTO meteo.job_measure (job, measured_at, lag, read, rejected) VALUES ($1, $2, $3, $4, $5)`
		if _, err := tx.Exec(ctx, keep, s.Name, at, s.Lag, s.Read, s.Rejected); err != nil {
			return err
		}
	}
	return nil
}

// trails returns what is known of each job.
func trails(ctx context.Context, tx pgx.Tx, kinds []string) ([]query.Trail, error) {
	const known = `SELECT job, measured_at, lag, read, rejected,
			ARRAY(SELECT kind FROM meteo.incident WHERE closed_at IS NULL AND kind = ANY($1) AND subject = job ORDER BY kind)
		FROM meteo.job_measure ORDER BY job, measured_at`
	rows, err := tx.Query(ctx, known, kinds)
	if err != nil {
		return nil, err
	}
	var all []query.Trail
	var job string
	var m query.Measure
	var open []string
	_, err = pgx.ForEachRow(rows, []any{&job, &m.At, &m.Lag, &m.Read, &m.Rejected, &open}, func() error {
		if len(all) == 0 || all[len(all)-1].Job != job {
			all = append(all, query.Trail{Job: job, Open: append([]string(nil), open...)})
		}
		m.At = m.At.UTC()
		last := &all[len(all)-1]
		last.Measures = append(last.Measures, m)
		return nil
	})
	return all, err
}
