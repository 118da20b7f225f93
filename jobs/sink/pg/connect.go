package pg

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The limits of a store's sessions.
const (
	connections       = 4                // of one store, at most
	connectTimeout    = 10 * time.Second // of a writer
	askConnectTimeout = 2 * time.Second  // of a store that is only asked: the live page asks again soon
	idleTime          = 5 * time.Minute  // after which a connection that nobody uses is closed
)

// Timeouts that PostgreSQL itself keeps, unless the URL sets others. A stopped writer loses its locks after
// idle_in_transaction_session_timeout.
var timeouts = map[string]time.Duration{
	"statement_timeout":                   time.Minute, // questions set their own
	"lock_timeout":                        10 * time.Second,
	"idle_in_transaction_session_timeout": 30 * time.Second,
}

// connect returns a pool of connections. One of a writer connects at once and brings the schema up to date. One that only
// asks connects at the first question, and can't write. The pool replaces dead connections without an error: it calls
// connected for each new one, before anybody uses it.
func connect(ctx context.Context, url, application string, readOnly bool, connected func()) (*pgxpool.Pool, error) {
	pc, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, badURL(err)
	}
	pc.MaxConns, pc.MaxConnIdleTime = connections, idleTime
	pc.AfterConnect = func(context.Context, *pgx.Conn) error {
		connected()
		return nil
	}
	parameters := pc.ConnConfig.RuntimeParams
	parameters["application_name"], parameters["timezone"] = application, "UTC"
	if parameters["jit"] == "" {
		parameters["jit"] = "off" // compiling a statement for each month's partition takes seconds, running it milliseconds
	}
	for name, limit := range timeouts {
		if parameters[name] == "" {
			parameters[name] = milliseconds(limit)
		}
	}
	if readOnly {
		pc.ConnConfig.ConnectTimeout = askConnectTimeout
		parameters["default_transaction_read_only"] = "on"
	} else {
		pc.ConnConfig.ConnectTimeout = connectTimeout
		parameters["synchronous_commit"] = "on"
		if err := migrate(ctx, pc.ConnConfig.Copy()); err != nil {
			return nil, err
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, failed("connecting to PostgreSQL", err)
	}
	return pool, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
