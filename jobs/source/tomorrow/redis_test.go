package tomorrow_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
	"senmeteo/jobs/source/tomorrow"
	"senmeteo/test/servers"
)

// newRedisBudget is a budget of one run in the shared Redis; runs with one key share it.
func newRedisBudget(t *testing.T, key string, c *clock) *tomorrow.Budget {
	t.Helper()
	ledger, err := tomorrow.NewRedisLedger(servers.RedisURL(t), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	return &tomorrow.Budget{Ledger: ledger, Limits: tomorrow.FreeLimits, Now: c.time, Sleep: c.sleep}
}

// redisClient speaks to the shared Redis and removes what the test has left there.
func redisClient(t *testing.T, key string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(servers.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() {
		if err := errors.Join(c.Del(context.Background(), nameInRedis(key)).Err(), c.Close()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func nameInRedis(key string) string { return "senmeteo:" + tomorrow.LedgerName(key) }

func TestRunsThatOverlapShareTheHourInRedis(t *testing.T) {
	key := servers.Unique(t)
	server := redisClient(t, key)
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 8 {
		run := newRedisBudget(t, key, c)
		wg.Go(func() {
			for range 10 {
				_, err := run.Reserve(t.Context(), 1)
				var notDue *tomorrow.NotDueError
				if err != nil && !errors.As(err, &notDue) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					got++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if got != 25 {
		t.Errorf("8 runs got %d calls, want 25", got)
	}
	if left := server.TTL(t.Context(), nameInRedis(key)).Val(); left < 24*time.Hour || left > 25*time.Hour {
		t.Errorf("Redis forgets the count after %s, want a little more than the day that counts", left)
	}
}

func TestARoundInRedisIsKeptOverRestartsAndGivesBackWhatWasNotCalled(t *testing.T) {
	key := servers.Unique(t)
	redisClient(t, key)
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	r, err := newRedisBudget(t, key, c).Reserve(t.Context(), 14)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	round(t, newRedisBudget(t, key, c), 14)
	c.advance(30 * time.Minute)
	_, err = newRedisBudget(t, key, c).Reserve(t.Context(), 14)
	var notDue *tomorrow.NotDueError
	if !errors.As(err, &notDue) || notDue.Until.Before(c.time().Add(29*time.Minute)) || notDue.Until.After(c.time().Add(31*time.Minute)) {
		t.Errorf("got %v", err)
	}
	c.advance(31 * time.Minute)
	round(t, newRedisBudget(t, key, c), 14)
}

func TestADamagedCountInRedisSaysWhatToDo(t *testing.T) {
	key := servers.Unique(t)
	server := redisClient(t, key)
	if err := server.Set(t.Context(), nameInRedis(key), "{", 0).Err(); err != nil {
		t.Fatal(err)
	}
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	_, err := newRedisBudget(t, key, c).Reserve(t.Context(), 1)
	if flow.ClassOf(err) != flow.BadInput || !strings.Contains(err.Error(), nameInRedis(key)) || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("got %v", err)
	}
}

func TestTheClockOfRedisIsTheRunsClock(t *testing.T) {
	key := servers.Unique(t)
	redisClient(t, key)
	ledger, err := tomorrow.NewRedisLedger(servers.RedisURL(t), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ledger.Close() }()
	if err := ledger.Change(t.Context(), func([]byte) ([]byte, error) { return []byte("{}"), nil }); err != nil {
		t.Fatal(err)
	}
	if apart := time.Until(ledger.Now()).Abs(); apart > time.Minute { // one machine, one clock
		t.Errorf("the clocks are %s apart", apart)
	}
}

func TestARedisThatIsDownOrRefusesEndsTheRunAndKeepsItsPassword(t *testing.T) {
	shared, err := url.Parse(servers.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, c := range map[string]struct {
		url  string
		want flow.Class
	}{
		"nobody listens":   {"redis://user:hush@127.0.0.1:1/0", flow.Unavailable},
		"it never answers": {"redis://user:hush@" + silent.Addr().String() + "/0", flow.Unavailable},
		"a wrong password": {"redis://user:hush@" + shared.Host + "/0", flow.Usage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ledger, err := tomorrow.NewRedisLedger(c.url, "any")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ledger.Close() }()
			budget := &tomorrow.Budget{Ledger: ledger, Limits: tomorrow.FreeLimits, Now: ledger.Now, Sleep: retry.Sleep}
			_, err = budget.Reserve(t.Context(), 1)
			if flow.ClassOf(err) != c.want || strings.Contains(err.Error(), "hush") {
				t.Errorf("got %s: %v, want %s", flow.ClassOf(err), err, c.want)
			}
		})
	}
	for _, bad := range []string{"", "127.0.0.1:6379", "http://user:hush@host/0", "redis://user:hush@host:x/0", "unix:///tmp/hush", "redis://user:hush@h/0/1"} {
		if _, err := tomorrow.NewRedisLedger(bad, "any"); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}
