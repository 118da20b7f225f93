package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says where PostgreSQL is.
type Config struct {
	URL         string        // libpq URL; may hold a password, so it is never logged or put into an error
	Application string        // shown in pg_stat_activity: "senmeteo-to-pg"
	Connections int           // at most (2)
	Statement   time.Duration // how long PostgreSQL may work on one statement (60 s)
}

func (c *Config) setDefaults() {
	c.Connections = max(2, c.Connections)
	if c.Statement == 0 {
		c.Statement = time.Minute
	}
}

// The timeouts of a session. A stopped writer loses its locks after idleInTransaction.
const (
	connectTimeout    = 10 * time.Second
	lockTimeout       = 10 * time.Second
	idleInTransaction = 30 * time.Second
)

// Store is a PostgreSQL database with the schema meteo.
type Store struct {
	pool *pgxpool.Pool
}

// Open connects, as Verified says, and brings the schema up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg.setDefaults()
	address, err := Verified(cfg.URL)
	if err != nil {
		return nil, err
	}
	pc, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, badURL(err)
	}
	pc.MaxConns = int32(cfg.Connections)
	pc.ConnConfig.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"application_name":                    cfg.Application,
		"timezone":                            "UTC",
		"synchronous_commit":                  "on",
		"statement_timeout":                   milliseconds(cfg.Statement),
		"lock_timeout":                        milliseconds(lockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleInTransaction),
	} {
		pc.ConnConfig.RuntimeParams[name] = value
	}
	if err := migrate(ctx, pc.ConnConfig.Copy()); err != nil {
		return nil, err
	}
	pc.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, createIncoming)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, failed("connecting to PostgreSQL", err)
	}
	return &Store{pool: pool}, nil
}

// Close ends the connections.
func (s *Store) Close() { s.pool.Close() }

// Pool gives the connections to those who only read.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }
