package pg

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/sql"
)

// migrate applies the numbered files of sql/ that the database does not have, and completes what they leave to be done. One job at a time
// does; the others wait for it as long as for any lock. Changing a table of many years may take long: no other timeout applies.
func migrate(ctx context.Context, cfg *pgx.ConnConfig) error {
	cfg.RuntimeParams["statement_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return failed("connecting to PostgreSQL", err)
	}
	defer func() { _ = conn.Close(ctx) }()         // nothing is pending
	files, err := fs.Glob(sql.Migrations, "*.sql") // sorted
	if err != nil {
		return fmt.Errorf("listing the migrations: %w", err)
	}
	have, complete, err := version(ctx, conn)
	if err != nil {
		return failed("asking for the schema's version", err)
	}
	newest, err := migrationNumber(files[len(files)-1])
	if err != nil {
		return err
	}
	if have > newest {
		return flow.Fail(flow.Usage, "the database has schema version %d and this senmeteo knows %d: update senmeteo", have, newest)
	}
	if have == newest && complete {
		return nil
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(7236839, 4)"); err != nil {
		return failed("waiting for another job that changes the schema", err)
	}
	if have, _, err = version(ctx, conn); err != nil {
		return failed("asking for the schema's version", err)
	}
	for _, name := range files {
		number, err := migrationNumber(name)
		if err != nil {
			return err
		}
		if number <= have {
			continue
		}
		text, err := fs.ReadFile(sql.Migrations, name)
		if err != nil {
			return fmt.Errorf("reading migration %s: %w", name, err)
		}
		if _, err := conn.PgConn().Exec(ctx, string(text)).ReadAll(); err != nil {
			return failed("applying sql/"+name, err)
		}
	}
	if _, err := conn.Exec(ctx, "CALL meteo.move_months()"); err != nil { // what migration 6 leaves to be done
		return failed("moving the months of schema version 5", err)
	}
	return nil
}

// migrationNumber returns the number that the name of a migration begins with.
func migrationNumber(name string) (int, error) {
	number, err := strconv.Atoi(name[:strings.IndexByte(name, '_')])
	if err != nil {
		return 0, fmt.Errorf("reading the number of migration %s: %w", name, err)
	}
	return number, nil
}

// version returns the version of the schema, 0 for a database without it, and whether nothing is left to be done of its migrations.
func version(ctx context.Context, conn *pgx.Conn) (v int, complete bool, err error) {
	const query = "SELECT coalesce(max(version), 0), to_regclass('meteo.observation_5') IS NULL FROM meteo.migration"
	err = conn.QueryRow(ctx, query).Scan(&v, &complete)
	if c := code(err); c == undefinedTable || c == invalidSchema {
		return 0, false, nil
	}
	return v, complete, err
}
