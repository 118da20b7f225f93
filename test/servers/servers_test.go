package servers_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/test/servers"
)

func start(t *testing.T, names ...servers.Name) *servers.Set {
	t.Helper()
	set, err := servers.Start(t.Context(), servers.Options{Only: names})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	return set
}

func TestKafkaKeepsItsRecordsAndPortWhenKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	kafka := start(t, servers.NameKafka).Kafka
	createTopic(t, kafka.Brokers, "kept")
	produce(t, kafka.Brokers, "kept", "before the crash")
	first := kafka.PID()

	if err := kafka.Kill(); err != nil {
		t.Fatal(err)
	}
	if running(first) {
		t.Errorf("process %d still runs after Kill", first)
	}
	if err := kafka.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	produce(t, kafka.Brokers, "kept", "after the crash")
	got := strings.Join(consume(t, kafka.Brokers, "kept", 2), ", ")
	if want := "before the crash, after the crash"; got != want {
		t.Errorf("topic holds %q, want %q", got, want)
	}
}

func TestPostgresKeepsItsRowsAndPortWhenKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	postgres := start(t, servers.NamePostgres).Postgres
	query(t, postgres.URL, "CREATE TABLE kept AS SELECT 42 AS answer")

	if err := postgres.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), postgres.URL); err == nil {
		t.Error("PostgreSQL still accepts connections after Kill")
	}
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, postgres.URL, "SELECT answer FROM kept"); got != int32(42) {
		t.Errorf("answer is %v after the restart, want 42", got)
	}
}

func TestPostgresAsksForThePassword(t *testing.T) {
	t.Parallel()
	postgres := start(t, servers.NamePostgres).Postgres
	config, err := pgx.ParseConfig(postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	config.Password = "wrong"
	if db, err := pgx.ConnectConfig(t.Context(), config); err == nil {
		t.Error("PostgreSQL let a wrong password in")
		_ = db.Close(t.Context())
	}
}

func TestAPausedServerAnswersOnlyAfterItIsResumed(t *testing.T) {
	t.Parallel()
	postgres := start(t, servers.NamePostgres).Postgres
	db, err := pgx.Connect(t.Context(), postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }()

	if err := postgres.Pause(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { answered <- db.Ping(context.Background()) }()
	select {
	case err := <-answered:
		t.Fatalf("a paused server answered (%v)", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := postgres.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("the connection did not survive the pause: %v", err)
	}
}

func TestStopEndsAServerInItsOrderlyWayAlsoWhilePaused(t *testing.T) {
	t.Parallel()
	postgres := start(t, servers.NamePostgres).Postgres
	pid := postgres.PID()
	if err := postgres.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if running(pid) {
		t.Errorf("process %d still runs after Stop", pid)
	}
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAStoppedSetLeavesNoProcessAndNoFile(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	set, err := servers.Start(t.Context(), servers.Options{Only: []servers.Name{servers.NameRedis}})
	if err != nil {
		t.Fatal(err)
	}
	pid := set.Redis.PID()
	if err := set.Stop(); err != nil {
		t.Fatal(err)
	}
	if running(pid) {
		t.Errorf("process %d still runs", pid)
	}
	left, err := os.ReadDir(temporary)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%v is left in the temporary folder", left)
	}
}

func TestAServerThatCannotStartShowsWhatItLogged(t *testing.T) {
	t.Parallel()
	redis := start(t, servers.NameRedis).Redis
	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	squatter := listen(t, strings.TrimSuffix(strings.TrimPrefix(redis.URL, "redis://"), "/0"))
	defer func() { _ = squatter.Close() }()

	err := redis.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "starting Redis") || !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("the error is %v; want it to name Redis and to hold its log", err)
	}
}

func TestARunningServerIsNotStartedTwice(t *testing.T) {
	t.Parallel()
	redis := start(t, servers.NameRedis).Redis
	if err := redis.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "already running") {
		t.Errorf("a second start gave %v", err)
	}
}

func TestParseNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, list, want string
	}{
		{"one name", "kafka", "[kafka]"},
		{"names with spaces", "kafka, postgres", "[kafka postgres]"},
		{"an unknown name", "kafka,oracle", `reading server names: there is no "oracle"`},
		{"an empty name", "kafka,", `reading server names: there is no ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			names, err := servers.ParseNames(c.list)
			got := formatted(names, err)
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
