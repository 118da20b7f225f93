package tomorrow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"senmeteo/jobs/flow"
)

// RedisLedger is a Ledger in Redis, for runs on machines that share no folder. It is for one goroutine.
type RedisLedger struct {
	client   *redis.Client
	key      string
	ahead    time.Duration // of the clock of Redis
	clockSet bool
}

// ledgerLife is how long Redis keeps a ledger that nobody changes: longer than the longest of the limits.
const ledgerLife = 25 * time.Hour

// NewRedisLedger returns the ledger of an API key in the Redis of a URL, redis://user:password@host:port/0, or rediss:// for TLS.
// Neither the URL, which may hold a password, nor the key is in an error. Close it at the end.
func NewRedisLedger(url, key string) (*RedisLedger, error) {
	o, err := redis.ParseURL(url)
	if err != nil || o.Network != "tcp" {
		return nil, errors.New("the URL of Redis is not of the form redis://HOST:PORT/0 or rediss://USER:PASSWORD@HOST:PORT/0")
	}
	silence()
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 5*time.Second, 3*time.Second, 3*time.Second
	o.MaxRetries, o.DialerRetries = -1, 1 // a transaction is not sent again when its answer was lost
	o.PoolSize, o.DisableIdentity = 2, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &RedisLedger{client: redis.NewClient(o), key: "senmeteo:" + LedgerName(key)}, nil
}

// silence keeps the library from writing lines of its own to standard error: what matters is in its errors.
var silence = sync.OnceFunc(func() { redis.SetLogger(noLines{}) })

type noLines struct{}

func (noLines) Printf(context.Context, string, ...any) {}

// Close ends the connection.
func (r *RedisLedger) Close() error { return r.client.Close() }

// Now is the time as Redis has it since the first Change, so that the runs of several machines count by one clock.
func (r *RedisLedger) Now() time.Time { return time.Now().Add(r.ahead) }

// setClock finds out how far the clock of Redis is ahead.
func (r *RedisLedger) setClock(ctx context.Context) error {
	if r.clockSet {
		return nil
	}
	began := time.Now()
	there, err := r.client.Time(ctx).Result()
	if err != nil {
		return r.failure(ctx, err)
	}
	r.ahead, r.clockSet = there.Sub(began.Add(time.Since(began)/2)), true
	return nil
}

// Change implements Ledger: optimistically, by WATCH and MULTI. It begins again when another run was faster.
func (r *RedisLedger) Change(ctx context.Context, change func([]byte) ([]byte, error)) error {
	if err := r.setClock(ctx); err != nil {
		return err
	}
	for {
		err := r.client.Watch(ctx, func(tx *redis.Tx) error {
			text, err := tx.Get(ctx, r.key).Bytes()
			if err != nil && !errors.Is(err, redis.Nil) {
				return r.failure(ctx, err)
			}
			if text, err = change(text); err != nil {
				return fmt.Errorf("the key %s of Redis: %w", r.key, err)
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				return p.Set(ctx, r.key, text, ledgerLife).Err()
			})
			return err
		}, r.key)
		var known *flow.Failure
		switch {
		case err == nil:
			return nil
		case errors.Is(err, redis.TxFailedErr):
			continue
		case errors.As(err, &known):
			return err
		}
		return r.failure(ctx, err)
	}
}

// failure classes an error of Redis.
func (r *RedisLedger) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	const counted = "without the count of calls nothing is asked"
	var said redis.Error
	if errors.As(err, &said) {
		for _, refusal := range []string{"NOAUTH", "WRONGPASS", "NOPERM", "ERR invalid password", "ERR AUTH", "ERR DB index", "WRONGTYPE"} {
			if strings.HasPrefix(said.Error(), refusal) {
				return flow.Fail(flow.Usage, "Redis refuses: %w: %s; check SENMETEO_REDIS_URL or the file that SENMETEO_REDIS_URL_FILE names", err, counted)
			}
		}
	}
	return flow.Fail(flow.Unavailable, "counting the calls in Redis: %w: %s; check that Redis runs, then run it again", err, counted)
}
