package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/atomicfile"
)

const (
	databaseUser = "senmeteo"
	databaseName = "meteo"

	dataFolder = "data"       // PGDATA
	passFile   = "pgpass"     // libpq's password file
	portFile   = "port"       // the port of the last start
	serverLog  = "server.log" // what the server logs
	maxLogSize = 10 << 20

	readyPoll    = 20 * time.Millisecond
	portAttempts = 3
)

// Config describes how to run the local PostgreSQL.
type Config struct {
	Dir  string // its folder; created when missing
	Port int    // 0: the port of the last start when it is free, else any free one
	// BinDir holds initdb and postgres. Empty: the newest installed server (the
	// one that created the data, when there is data), else a downloaded one.
	BinDir string
	// Maven is the command that downloads, "mvn" by default. CacheDir keeps what
	// was downloaded; it is in the user's cache folder by default, for root in
	// /var/cache. NoDownload forbids downloading.
	Maven      string
	CacheDir   string
	NoDownload bool
	Log        *slog.Logger // nil: no logs
	Rand       io.Reader    // for the password; nil: crypto/rand

	installed func(context.Context) []string // folders to look for servers in; nil: installedFolders
}

// Server is a real PostgreSQL server in a child process, open on a loopback
// port to the one user senmeteo with a random password (SCRAM). On Linux it
// ends with this process, however that ends.
type Server struct {
	url    string
	home   string
	server *process
}

// Start creates the database when the folder is new, starts the server
// and waits until it answers. The caller holds the folder's lock. ctx bounds the start. When no server can be found the error
// is a [*MissingError].
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg.Maven = cmp.Or(cfg.Maven, "mvn")
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.installed == nil {
		cfg.installed = installedFolders
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating PostgreSQL's folder: %w", err)
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding PostgreSQL's folder: %w", err)
	}
	cluster, err := prepareCluster(ctx, cfg, dir)
	if err != nil {
		return nil, err
	}
	if err := endPredecessor(ctx, cluster.data()); err != nil {
		return nil, err
	}
	return cluster.start(ctx, cfg)
}

// URL returns the address for pgx and libpq. It holds no secret: the password is
// in the file (mode 0600) that its passfile parameter names.
func (s *Server) URL() string { return s.url }

// Home returns the folder that holds the data: the configured one, or another
// when root's server could not enter that one.
func (s *Server) Home() string { return s.home }

// Failed is closed when the server has ended, by itself or by Close. Err returns how.
func (s *Server) Failed() <-chan struct{} { return s.server.exited }

// Err returns how the server ended, with its last words; nil while it runs.
func (s *Server) Err() error { return s.server.err() }

// Close ends the server with a fast shutdown. When ctx ends first it becomes an
// immediate one, after which the next start recovers from the log.
func (s *Server) Close(ctx context.Context) error {
	if err := s.server.stop(ctx); err != nil {
		return fmt.Errorf("stopping PostgreSQL: %w", err)
	}
	return nil
}

// start starts the server, on another port when the chosen one was taken in the
// meantime, and creates the database.
func (c *cluster) start(ctx context.Context, cfg Config) (*Server, error) {
	var failures error
	for range portAttempts {
		port, err := choosePort(ctx, cfg.Port, filepath.Join(c.dir, portFile))
		if err != nil {
			return nil, err
		}
		server, err := startProcess(func() *exec.Cmd { return c.serverCommand(port) }, filepath.Join(c.dir, serverLog))
		if err != nil {
			return nil, fmt.Errorf("starting PostgreSQL: %w", err)
		}
		err = c.awaitReady(ctx, server, port)
		if err == nil {
			return &Server{url: c.url(port, databaseName), home: c.home, server: server}, nil
		}
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		failures = errors.Join(err, server.stop(stopCtx))
		cancel()
		if cfg.Port != 0 || !strings.Contains(err.Error(), "Address already in use") {
			break
		}
	}
	return nil, failures
}

// choosePort returns the wanted port, else the one in the file when it is free,
// else a free one, and notes it in the file.
func choosePort(ctx context.Context, wanted int, file string) (int, error) {
	if wanted != 0 {
		return wanted, nil
	}
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("reading the last port: %w", err)
	}
	last, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		last = 0
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(last)))
	if err != nil {
		ln, err = lc.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	if err := ln.Close(); err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	if err := atomicfile.Write(file, []byte(strconv.Itoa(port)+"\n"), 0o600); err != nil {
		return 0, fmt.Errorf("noting the port: %w", err)
	}
	return port, nil
}

// awaitReady waits until the server answers, after crash recovery if need be,
// and creates the database when it is not there.
func (c *cluster) awaitReady(ctx context.Context, server *process, port int) error {
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	for {
		err := c.makeDatabase(ctx, port)
		if err == nil {
			return nil
		}
		select {
		case <-server.exited:
			return fmt.Errorf("starting PostgreSQL: %w", server.err())
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL: %w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

func (c *cluster) makeDatabase(ctx context.Context, port int) error {
	conn, err := pgx.Connect(ctx, c.url(port, "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", databaseName).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{databaseName}.Sanitize())
	return err
}

func (c *cluster) url(port int, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(databaseUser),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     "/" + database,
		RawQuery: url.Values{"sslmode": {"disable"}, "passfile": {filepath.Join(c.dir, passFile)}}.Encode(),
	}
	return u.String()
}

// newSecret returns 32 hex digits.
func newSecret(random io.Reader) (string, error) {
	secret := make([]byte, 16)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("generating a secret: %w", err)
	}
	return hex.EncodeToString(secret), nil
}
