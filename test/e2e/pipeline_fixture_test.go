package e2e_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/reconcile"
	"senmeteo/test/servers"
)

// pipeline is one test's own topics, database and lake.
type pipeline struct {
	program
	brokers, prefix, postgres, lake string
}

// newPipeline makes the topics of a pipeline on the shared servers.
func newPipeline(t testing.TB) pipeline {
	t.Helper()
	p := pipeline{brokers: servers.Brokers(t), prefix: servers.TopicPrefix(t), postgres: servers.PostgresURL(t), lake: filepath.Join(t.TempDir(), "lake")}
	p.dir = t.TempDir()
	p.program = p.with("SENMETEO_BROKERS", p.brokers, "SENMETEO_TOPIC_PREFIX", p.prefix, "SENMETEO_PG_URL", p.postgres, "SENMETEO_HDFS", "file://"+p.lake)
	p.must(t, "topics")
	return p
}

// settle runs the jobs behind the raw topic once, each to its end.
func (p pipeline) settle(t testing.TB) {
	t.Helper()
	for _, verb := range []string{"stream", "to-pg", "to-hdfs"} {
		p.must(t, verb)
	}
}

// books runs `reconcile` and fails the test when they do not balance.
func (p pipeline) books(t testing.TB) reconcile.Result {
	t.Helper()
	r := p.must(t, "reconcile", "--json")
	var books reconcile.Result
	if err := json.Unmarshal([]byte(r.stdout), &books); err != nil {
		t.Fatalf("%s: %v\n%s", r, err, r.output())
	}
	return books
}

// exec runs a statement in the pipeline's database.
func (p pipeline) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	p.database(t, func(ctx context.Context, db *pgx.Conn) error {
		_, err := db.Exec(ctx, statement, args...)
		return err
	})
}

// database lends a connection to the pipeline's database.
func (p pipeline) database(t testing.TB, use func(context.Context, *pgx.Conn) error) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), p.postgres)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	if err := use(t.Context(), db); err != nil {
		t.Fatalf("asking PostgreSQL: %v", err)
	}
}

// psql asks a query by psql, as an analyst would, and returns its lines.
func (p pipeline) psql(t testing.TB, query string) []string {
	t.Helper()
	cmd := exec.Command("psql", p.postgres, "--no-psqlrc", "--tuples-only", "--no-align", "--command", query)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}
