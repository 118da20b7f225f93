package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/flow"
	"senmeteo/sql"
)

// migrate applies the numbered files of sql/ that the database has not seen. Each file is a transaction that takes
// the advisory lock itself and changes nothing when run again, so two jobs that start at once do no harm. A change of a table of
// many years takes as long as it takes.
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

// version is the schema's version, 0 for a database without the schema.
func version(ctx context.Context, conn *pgx.Conn) (int, error) {
	var v int
	err := conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM meteo.migration").Scan(&v)
	var pe *pgconn.PgError
	if errors.As(err, &pe) && (pe.Code == undefinedTable || pe.Code == invalidSchema) {
		return 0, nil
	}
	return v, err
}
