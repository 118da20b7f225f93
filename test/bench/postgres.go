package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// postgresJob is `to-pg`: all of the clean topic into an empty database.
func postgresJob() job {
	return job{name: "to-pg", needs: []string{needsKafka, needsPostgres}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		template, run, copied, peer := r.Prefix+"_template", r.Prefix+"_run", r.Prefix+"_limit", r.Prefix+"_peer"
		for _, database := range []string{template, run, copied, peer} {
			r.cleanup = append(r.cleanup, func(ctx context.Context) error { return r.Servers.dropDatabase(ctx, database) })
		}
		path := filepath.Join(r.Dir, "rows.copy")
		columns, rows, err := r.rows(ctx, template, path)
		if err != nil {
			return 0, nil, err
		}
		empty := func(ctx context.Context) error { return r.Servers.recreate(ctx, run, "") }
		all := append(r.builds(empty, "to-pg", "--pg-url", r.Servers.database(run)), contender{
			name: limit, counts: rows, // an observation that was corrected is one row

			ready: func(ctx context.Context) error { return r.Servers.recreate(ctx, copied, template) },
			command: func(ctx context.Context) *exec.Cmd {
				return exec.CommandContext(ctx, "psql", "--no-psqlrc", "--dbname", r.Servers.database(copied), "--command",
					fmt.Sprintf(`\copy meteo.observation_data (%s) from '%s'`, columns, path))
			},
		})
		return observations, append(all, r.postgresPeer(peer)...), nil
	}}
}

// rows fills a database by the program, writes its rows to a file as COPY does, and leaves its tables and partitions behind,
// empty, as a template. It returns the columns and
// the number of rows.
func (r *runner) rows(ctx context.Context, template, path string) (columns string, stored int64, err error) {
	if err := r.Servers.recreate(ctx, template, ""); err != nil {
		return "", 0, err
	}
	if _, err := r.program(ctx, "to-pg", "--pg-url", r.Servers.database(template)); err != nil {
		return "", 0, err
	}
	db, err := pgx.Connect(ctx, r.Servers.database(template))
	if err != nil {
		return "", 0, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close(ctx)) }()
	const list = `SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
		WHERE table_schema = 'meteo' AND table_name = 'observation_data' AND is_generated = 'NEVER'`
	const size = `SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'meteo.observation_data'::regclass`
	var onDisk int64
	if err := errors.Join(
		db.QueryRow(ctx, list).Scan(&columns),
		db.QueryRow(ctx, size).Scan(&onDisk),
		db.QueryRow(ctx, "SELECT count(*) FROM meteo.observation_data").Scan(&stored),
	); err != nil {
		return "", 0, fmt.Errorf("looking at the table: %w", err)
	}
	r.results.size("PostgreSQL", stored, onDisk, 0)
	f, err := os.Create(path)
	if err != nil {
		return "", 0, err
	}
	_, err = db.PgConn().CopyTo(ctx, f, "COPY (SELECT "+columns+" FROM meteo.observation_data) TO STDOUT")
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, fmt.Errorf("writing the rows to a file: %w", err)
	}
	_, err = db.Exec(ctx, "TRUNCATE meteo.observation_data, meteo.sink_offset, meteo.rejected")
	return columns, stored, err
}
