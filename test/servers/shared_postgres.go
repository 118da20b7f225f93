package servers

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// PostgresURL returns the URL of a new, empty database on the shared PostgreSQL, owned by the role in the URL. At
// the end of the test the database is dropped, together with connections that are still open.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := address(t, "SENMETEO_TEST_PG_URL")
	database := Unique(t)
	execute(t, server, "CREATE DATABASE "+database)
	t.Cleanup(func() { drop(t, server, database) })

	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("reading SENMETEO_TEST_PG_URL: it is not a URL") // the error would print the password
	}
	u.Path = "/" + database
	return u.String()
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	if err := tryExecute(ctx, server, statement); err != nil {
		t.Fatalf("executing %q on the shared PostgreSQL: %v", statement, err)
	}
}

// drop drops a database. An autovacuum worker is nobody's to end by force (42501), but it is done soon.
func drop(t testing.TB, server, database string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	for {
		err := tryExecute(ctx, server, "DROP DATABASE "+database+" WITH (FORCE)")
		var refused *pgconn.PgError
		if err == nil {
			return
		}
		if !errors.As(err, &refused) || refused.Code != "42501" || ctx.Err() != nil {
			t.Errorf("dropping %s from the shared PostgreSQL: %v", database, err)
			return
		}
		time.Sleep(100 * time.Millisecond) // nothing reports when a worker has ended
	}
}

func tryExecute(ctx context.Context, server, statement string) error {
	db, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, statement)
	return errors.Join(err, db.Close(ctx))
}
