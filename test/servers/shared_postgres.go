package servers

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
)

// PostgresURL returns the URL of a new, empty database on the shared PostgreSQL, owned by the role in the URL. At
// the end of the test the database is dropped, together with connections that are still open.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := address(t, "SENMETEO_TEST_PG_URL")
	database := Unique(t)
	execute(t, server, "CREATE DATABASE "+database)
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+database+" WITH (FORCE)") })

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
	db, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connecting to the shared PostgreSQL: %v", err)
	}
	if _, err := db.Exec(ctx, statement); err != nil {
		t.Errorf("executing %q: %v", statement, err)
	}
	if err := db.Close(ctx); err != nil {
		t.Errorf("closing the connection to the shared PostgreSQL: %v", err)
	}
}
