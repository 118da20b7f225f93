package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/sink/pg"
	"senmeteo/test/gates"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// P1. Rows and offset are one transaction: before COMMIT none of it is there, after it all.
func TestP1TheLoaderIsKilledBeforeAndAfterCOMMIT(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round)
		for kill := range 3 {
			s.crash(t, fmt.Sprintf("pg.before-commit:%d", 1+(kill+round)%4), "to-pg", "--batch-records", "100")
			s.crash(t, fmt.Sprintf("pg.after-commit:%d", 1+(kill+round)%3), "to-pg", "--batch-records", "100")
		}
		s.recovers(t)
	})
}

// P2. After a COMMIT without an answer the offset's row reports whether it was done.
func TestP2TheAnswerOfCOMMITIsDropped(t *testing.T) {
	for name, cut := range map[string]gates.Cut{"the request, too": gates.BeforeCommit, "the answer alone": gates.AfterCommit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeat(t, func(t *testing.T, round int) {
				s := newScenario(t)
				u, err := url.Parse(s.Postgres)
				if err != nil {
					t.Fatal(err)
				}
				gate := gates.NewPostgres(t, u.Host)
				u.Host = gate.Addr()
				s.Program = s.With("SENMETEO_PG_URL", u.String())
				s.Must(t, "to-pg") // makes the tables, by commits of their own
				s.sendDay(t, round)
				s.Must(t, "stream")
				r := s.sleeper(t, "pg.before-commit:3", "to-pg", "--batch-records", "100")
				gate.Arm(cut)
				expect(t, wake(t, r), 0)
				if !gate.Done() {
					t.Error("no COMMIT was cut")
				}
				s.recovers(t)
			})
		})
	}
}

// onOwnPostgres takes a PostgreSQL that the test may break.
func (s *scenario) onOwnPostgres(t testing.TB) (*scenario, *servers.Postgres) {
	t.Helper()
	set := own(t, servers.NamePostgres)
	s.Postgres = set.Postgres.URL
	s.Program = s.With("SENMETEO_PG_URL", s.Postgres)
	return s, set.Postgres
}

// P3. The transaction under way is gone with the server, and is repeated when it is back.
func TestP3PostgreSQLShutsDownImmediatelyInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	s, postgres := newScenario(t).onOwnPostgres(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		s.Must(t, "stream")
		r := s.sleeper(t, "pg.before-commit:2", "to-pg", "--batch-records", "200")
		if err := syscall.Kill(postgres.PID(), syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		s.kills++
		program.Until(t, func() bool { return postgres.PID() == 0 })
		if err := postgres.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, wake(t, r), 0)
		s.recovers(t)
	})
}

// P4. A writer that sleeps in its transaction holds the partition until PostgreSQL ends its session (30 s); another run stores the rest
// and says 75 until then. What the sleeper does when it wakes up is not a commit.
func TestP4TheLoaderSleepsWhileItHoldsTheLock(t *testing.T) {
	t.Parallel()
	connections := pg.Kind().Committers     // by which to-pg stores at a time
	s, _ := newScenario(t).onOwnPostgres(t) // on which no other test has a database to drop: that would wait for the sleeper, too
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		s.Must(t, "stream")
		zombie := s.sleeper(t, "pg.before-commit", "to-pg")
		locked := 0
		for {
			r := s.Run(t, "to-pg")
			if r.Code == 0 {
				break
			}
			if expect(t, r, 75); locked == 0 {
				report, stored := r.Report(t), 0
				for p, next := range report.To {
					if next > report.From[p] {
						stored++
					}
				}
				if stored < partitions-connections { // the zombie was at work on no more
					t.Errorf("%s stores only %d partitions\n%s", r, stored, r.Output())
				}
			}
			if locked++; locked > 10 {
				t.Fatal("the lock is never freed")
			}
		}
		if locked == 0 {
			t.Error("the sleeper held no lock")
		}
		woken := wake(t, zombie)
		expect(t, woken, 0, 69, 75) // 0: it has found that everything is stored
		if !strings.Contains(woken.Stderr, "idle-in-transaction timeout") {
			t.Errorf("%s does not say that PostgreSQL had ended its session: did it commit?\n%s", woken, woken.Output())
		}
		s.recovers(t)
	})
}

// P5. The loader takes rows in the order of their key; who takes them in another can lock it up. PostgreSQL ends one of the
// two, and when it is the loader, it tries again.
func TestP5ADeadlockIsForced(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.settle(t)
		for attempt := 0; !s.deadlock(t); attempt++ {
			if attempt == 5 {
				t.Fatal("the loader was never the one that PostgreSQL ended")
			}
		}
		s.recovers(t)
	})
}

// deadlock locks the loader and itself up, and reports whether the loader was the victim: that one looks first which began to wait
// first, after a second.
func (s *scenario) deadlock(t testing.TB) (loader bool) {
	t.Helper()
	s.Exec(t, "UPDATE meteo.sink_offset SET next_offset = 0") // it works on every row again
	s.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		const row = "SELECT id FROM meteo.observation_data WHERE series_id IN (SELECT series_id FROM meteo.series WHERE station_id = 'SN-DK') ORDER BY observed_at %s LIMIT 1 FOR UPDATE"
		tx, err := db.Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(ctx) }() // ends it when it failed
		if _, err := tx.Exec(ctx, fmt.Sprintf(row, "DESC")); err != nil {
			return err
		}
		r := s.Start(t, "to-pg")
		program.Until(t, func() bool { // somebody waits for us
			var waits bool
			err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)").Scan(&waits)
			return err != nil || waits
		})
		_, err = tx.Exec(ctx, fmt.Sprintf(row, "ASC"))
		var ended *pgconn.PgError
		if loader = err == nil; !loader && (!errors.As(err, &ended) || ended.Code != "40P01") {
			return err
		}
		if err := tx.Rollback(ctx); err != nil {
			return err
		}
		expect(t, r.Wait(t), 0)
		return nil
	})
	return loader
}
