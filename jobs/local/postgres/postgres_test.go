package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// openFolder returns a new folder that every user can enter, which those of
// t.TempDir are not.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "senmeteo-postgres-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func startPostgres(t *testing.T, cfg Config) *Server {
	t.Helper()
	p, err := Start(testContext(t, 2*time.Minute), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePostgres(t, p) })
	return p
}

func closePostgres(t *testing.T, p *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func queryText(t *testing.T, conn *pgx.Conn, sql string) string {
	t.Helper()
	var text string
	if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPostgresIsSafeOnDiskAndKeepsItsDataAndPort(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	first := startPostgres(t, Config{Dir: dir})
	conn := connect(t, first.URL())
	for sql, want := range map[string]string{
		"SHOW fsync":              "on",
		"SHOW synchronous_commit": "on",
		"SHOW server_encoding":    "UTF8",
		"SHOW data_checksums":     "on",
		"SHOW listen_addresses":   "127.0.0.1",
		"SELECT current_user":     "senmeteo",
		"SELECT 'Thiès'":          "Thiès",
	} {
		if got := queryText(t, conn, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'yes' AS answer"); err != nil {
		t.Fatal(err)
	}
	closePostgres(t, first)
	second := startPostgres(t, Config{Dir: dir})
	if second.URL() != first.URL() {
		t.Errorf("address %s, before the restart %s", second.URL(), first.URL())
	}
	if got := queryText(t, connect(t, second.URL()), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("read %q", got)
	}
}

func TestPostgresKeepsItsPasswordToItsOwner(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	p := startPostgres(t, Config{Dir: dir})
	info, err := os.Stat(filepath.Join(dir, passFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v; want mode 0600", info.Mode(), err)
	}
	password, err := readPassword(filepath.Join(dir, passFile))
	if err != nil || len(password) != 32 {
		t.Errorf("password of %d characters, %v", len(password), err)
	}
	if strings.Contains(p.URL(), password) {
		t.Error("the address holds the password")
	}
	address, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	address.RawQuery = "sslmode=disable"
	address.User = url.UserPassword(databaseUser, "guess")
	if _, err := pgx.Connect(t.Context(), address.String()); err == nil {
		t.Error("a wrong password was let in")
	}
}

// runPostgresChild writes rows and says each one after its commit, until killed.
func runPostgresChild() {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	p, err := Start(ctx, Config{Dir: os.Getenv("SENMETEO_LOCAL_TEST_DIR")})
	fail(err)
	conn, err := pgx.Connect(ctx, p.URL())
	fail(err)
	_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS kept (n bigint)")
	fail(err)
	for {
		var n int64
		fail(conn.QueryRow(ctx, "INSERT INTO kept SELECT count(*) + 1 FROM kept RETURNING n").Scan(&n))
		fmt.Println(n)
	}
}

func TestPostgresEndsWithItsParentAndComesBackWithEveryCommit(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	written := int64(0)
	for range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childRole+"=postgres", "SENMETEO_LOCAL_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for said := 0; said < 50 && lines.Scan(); said++ {
			n, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatalf("child: %s", lines.Text())
			}
			written = n
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // and at once again, while the old server is still there
	}
	p := startPostgres(t, Config{Dir: dir})
	count, err := strconv.ParseInt(queryText(t, connect(t, p.URL()), "SELECT count(*)::text FROM kept"), 10, 64)
	if err != nil || count < written {
		t.Errorf("%d rows, %v; %d were committed", count, err, written)
	}
}

func TestPostgresEndsWhenItsParentIsKilled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Log("only Linux signals a child at its parent's death; the next start ends it elsewhere")
		return
	}
	dir := openFolder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"=postgres", "SENMETEO_LOCAL_TEST_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "1\n" {
		t.Fatalf("child: %q, %v", line, err)
	}
	pid := postmasterPID(t, filepath.Join(dir, dataFolder))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	ctx := testContext(t, time.Minute)
	for servesFolder(ctx, pid, filepath.Join(dir, dataFolder)) {
		if ctx.Err() != nil {
			t.Fatalf("process %d outlives its parent", pid)
		}
		runtime.Gosched()
	}
}

func postmasterPID(t *testing.T, data string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, pidFile))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestPostgresStartsOverTheTracesOfADeadServer(t *testing.T) {
	t.Parallel()
	other := exec.Command("sleep", "60") // somebody else's process with a pid that a server had once
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	for _, tt := range []struct {
		name string
		pid  int
	}{
		{"its process id is free", 1<<22 - 1},
		{"its process id is another process's now", other.Process.Pid},
		{"its process id is our own", os.Getpid()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := openFolder(t)
			closePostgres(t, startPostgres(t, Config{Dir: dir}))
			account, err := serverAccount()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, dataFolder, pidFile)
			content := fmt.Sprintf("%d\n%s\n1700000000\n1\n\n\n", tt.pid, filepath.Dir(path))
			if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), account.own(path)); err != nil {
				t.Fatal(err)
			}
			startPostgres(t, Config{Dir: dir})
			if err := other.Process.Signal(syscall.Signal(0)); err != nil {
				t.Errorf("the other process was harmed: %v", err)
			}
		})
	}
}

func TestPostgresClearsAwayWhatAKilledInitLeft(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	leftover := filepath.Join(dir, dataFolder+".new-123")
	if err := os.MkdirAll(filepath.Join(leftover, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, Config{Dir: dir})
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestPostgresTakesAnotherPortWhenTheLastIsInUse(t *testing.T) {
	t.Parallel()
	dir, otherDir := openFolder(t), openFolder(t)
	first := startPostgres(t, Config{Dir: dir})
	port, err := os.ReadFile(filepath.Join(dir, portFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(otherDir, portFile), port, 0o644); err != nil {
		t.Fatal(err)
	}
	second := startPostgres(t, Config{Dir: otherDir})
	if a, b := connect(t, first.URL()).Config().Port, connect(t, second.URL()).Config().Port; a == b {
		t.Errorf("both on port %d", a)
	}
}

func TestPostgresSaysWhenItHasEnded(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	p := startPostgres(t, Config{Dir: dir})
	if err := p.Err(); err != nil {
		t.Errorf("while it runs: %v", err)
	}
	other, err := os.FindProcess(postmasterPID(t, filepath.Join(p.Home(), dataFolder)))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Failed():
	case <-testContext(t, time.Minute).Done():
		t.Fatal("nobody was told")
	}
	if p.Err() == nil {
		t.Error("no reason given")
	}
	startPostgres(t, Config{Dir: dir}) // and it recovers
}

func TestPostgresTakesOverFromAServerThatOutlivedItsParent(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	first := startPostgres(t, Config{Dir: dir})
	if _, err := connect(t, first.URL()).Exec(t.Context(), "CREATE TABLE kept AS SELECT 'yes' AS answer"); err != nil {
		t.Fatal(err)
	}
	second := startPostgres(t, Config{Dir: dir})
	if first.Err() == nil {
		t.Error("two servers on one folder")
	}
	if got := queryText(t, connect(t, second.URL()), "SELECT answer FROM kept"); got != "yes" {
		t.Errorf("read %q", got)
	}
}
