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

// migrate applies the numbered files of sql/ that the database does not have. Each file is one transaction, which acquires an
// advisory lock and changes nothing when it runs a second time, so two jobs may start at once. Changing a table of many years
// may take long: no timeout applies.
func migrate(ctx context.Context, cfg *pgx.ConnConfig) error {
	cfg.RuntimeParams["statement_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return failed("connecting to PostgreSQL", err)
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is pending
	have, err := version(ctx, conn)
	if err != nil {
		return failed("asking for the schema's version", err)
	}
	files, err := fs.Glob(sql.Migrations, "*.sql")
	if err != nil {
		return fmt.Errorf("listing the migrations: %w", err)
	}
	newest := 0
	for _, name := range files { // Glob sorts
		number, err := strconv.Atoi(name[:strings.IndexByte(name, '_')])
		if err != nil {
			return fmt.Errorf("reading the number of migration %s: %w", name, err)
		}
		newest = number
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
	if have > newest {
		return flow.Fail(flow.Usage, "the database has schema version %d and this senmeteo knows %d: update senmeteo", have, newest)
	}
	return nil
}

// version returns the version of the schema, 0 for a database without it.
func version(ctx context.Context, conn *pgx.Conn) (int, error) {
	var v int
	err := conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM meteo.migration").Scan(&v)
	if c := code(err); c == undefinedTable || c == invalidSchema {
		return 0, nil
	}
	return v, err
}
