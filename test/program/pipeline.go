package program

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"senmeteo/test/servers"
)

// Pipeline is one test's own topics, database and lake.
type Pipeline struct {
	Program
	Brokers, Prefix, Postgres string
	Lake                      string // a folder
}

// NewPipeline makes the topics of a pipeline on the shared servers.
func NewPipeline(t testing.TB) Pipeline {
	t.Helper()
	return NewPipelineOn(t, servers.Brokers(t), servers.TopicPrefix(t))
}

// NewPipelineOn makes the topics of a pipeline on a Kafka of the test's own.
func NewPipelineOn(t testing.TB, brokers, prefix string) Pipeline {
	t.Helper()
	p := Pipeline{Brokers: brokers, Prefix: prefix, Postgres: servers.PostgresURL(t), Lake: filepath.Join(t.TempDir(), "lake")}
	p.Dir = t.TempDir()
	p.Program = p.With("SENMETEO_BROKERS", p.Brokers, "SENMETEO_TOPIC_PREFIX", p.Prefix, "SENMETEO_PG_URL", p.Postgres, "SENMETEO_HDFS", "file://"+p.Lake)
	p.Must(t, "topics")
	return p
}

// Exec runs a statement in the pipeline's database.
func (p Pipeline) Exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	p.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		_, err := db.Exec(ctx, statement, args...)
		return err
	})
}

// Database lends a connection to the pipeline's database.
func (p Pipeline) Database(t testing.TB, use func(context.Context, *pgx.Conn) error) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), p.Postgres)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	if err := use(t.Context(), db); err != nil {
		t.Fatalf("asking PostgreSQL: %v", err)
	}
}

// Psql asks a query by psql, as an analyst would, and returns its lines.
func (p Pipeline) Psql(t testing.TB, query string) []string {
	t.Helper()
	cmd := exec.Command("psql", p.Postgres, "--no-psqlrc", "--tuples-only", "--no-align", "--command", query)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}
