package e2e_test

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"senmeteo/test/program"
)

// healthy asks `senmeteo health`, with a patience that fits a test, and returns whether it exits with 0.
func healthy(t *testing.T, p program.Program, args ...string) bool {
	t.Helper()
	r := p.Run(t, append([]string{"health", "--silence", "3s"}, args...)...)
	if r.Code != 0 && r.Code != 1 {
		t.Fatalf("%s exits with %d, want 0 or 1\n%s", r, r.Code, r.Output())
	}
	return r.Code == 0
}

// becomes waits until the health is as wanted.
func becomes(t *testing.T, want bool, p program.Program, args ...string) {
	t.Helper()
	program.Until(t, func() bool { return healthy(t, p, args...) == want })
}

func TestHealthFollowsAJobThatIsStoppedGoesOnAndEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
	}{
		{"one that follows", []string{"stream", "--follow"}},
		{"a bounded one", []string{"fetch", "generate", "--from", "1960-01-01", "--to", "2026-01-01", "--out", "decades.csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := program.NewPipeline(t).With("SENMETEO_RUNTIME_DIR", t.TempDir())
			if healthy(t, p) {
				t.Error("healthy before any job runs")
			}
			job := p.Start(t, c.args...)
			becomes(t, true, p)
			if healthy(t, p, "to-es") {
				t.Error("to-es is healthy, which does not run")
			}
			job.Signal(t, syscall.SIGSTOP)
			becomes(t, false, p)
			job.Signal(t, syscall.SIGCONT)
			becomes(t, true, p, c.args[0])
			job.Terminate(t)
			if left, err := os.ReadDir(p.Env["SENMETEO_RUNTIME_DIR"]); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestAJobWhoseStoreHangsIsNotHealthyUntilItMakesProgress(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Program = p.With("SENMETEO_RUNTIME_DIR", t.TempDir())
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02")
	p.Must(t, "stream")
	p.Must(t, "to-pg", "--max-records", "1")
	p.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		lock, err := db.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err := lock.Exec(ctx, "LOCK TABLE meteo.observation IN SHARE MODE"); err != nil { // readers pass, writers wait
			return err
		}
		job := p.Start(t, "to-pg", "--follow", "--stall-after", "3s")
		becomes(t, true, p.Program)
		becomes(t, false, p.Program)
		if !job.Alive() {
			t.Errorf("the job has ended instead of waiting\n%s", job.Wait(t).Output())
		}
		if err := lock.Rollback(ctx); err != nil {
			return err
		}
		becomes(t, true, p.Program)
		job.Terminate(t)
		return nil
	})
}

func TestThePageIsAskedForItsHealth(t *testing.T) {
	t.Parallel()
	p := program.NewPipeline(t).With("SENMETEO_RUNTIME_DIR", t.TempDir())
	page := p.Start(t, "serve", "--listen", "127.0.0.1:0")
	page.Await(t, page.Stderr, "the page is up")
	if r := p.Must(t, "health", "serve"); !strings.Contains(r.Stdout, "serve") {
		t.Errorf("it says %q", r.Stdout)
	}
	page.Signal(t, syscall.SIGSTOP)
	if r := p.Run(t, "health", "--silence", "1h"); r.Code != 1 || !strings.Contains(r.Stderr, "asking it") {
		t.Errorf("a page that does not answer: exit %d, %q", r.Code, r.Stderr)
	}
	page.Signal(t, syscall.SIGCONT)
	page.Terminate(t)
}
