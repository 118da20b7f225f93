package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"senmeteo/jobs/atomicfile"
)

// cluster is a database folder and the server for it.
type cluster struct {
	dir      string // pgpass, port, server.log
	home     string // holds PGDATA; mostly the same as dir
	binaries binaries
	account  account
}

func (c *cluster) data() string { return filepath.Join(c.home, dataFolder) }

// prepareCluster finds a server, a place for the data and a password, and makes
// the database cluster when there is none.
func prepareCluster(ctx context.Context, cfg Config, dir string) (*cluster, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	major, err := dataVersion(dir)
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, account: account}
	if c.binaries, err = chooseBinaries(ctx, cfg, account, major); err != nil {
		return nil, err
	}
	name, err := newSecret(cfg.Rand)
	if err != nil {
		return nil, err
	}
	if c.home, err = account.home(ctx, c.binaries, dir, name[:8]); err != nil {
		return nil, err
	}
	if c.home != dir {
		cfg.Log.Warn("the database is outside the data folder, because its user cannot enter that", "user", account.name, "database", c.home, "folder", dir)
	}
	password, err := readPassword(filepath.Join(dir, passFile))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.data()); err == nil {
		if password == "" {
			return nil, fmt.Errorf("the password file %s is gone: restore it, or move %s away to start with an empty database", filepath.Join(dir, passFile), c.data())
		}
		if err := account.adopt(c.data()); err != nil {
			return nil, fmt.Errorf("opening PostgreSQL's data: %w", err)
		}
		return c, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading PostgreSQL's data: %w", err)
	}
	if password == "" {
		if password, err = writePassword(filepath.Join(dir, passFile), cfg.Rand); err != nil {
			return nil, err
		}
	}
	return c, c.init(ctx, password)
}

// dataVersion returns the major version that created the data of a folder, 0 when
// there is none yet.
func dataVersion(dir string) (int, error) {
	home := dir
	if text, err := os.ReadFile(filepath.Join(dir, locationFile)); err == nil {
		home = strings.TrimSpace(string(text))
	}
	text, err := os.ReadFile(filepath.Join(home, dataFolder, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of PostgreSQL's data: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("reading the version of PostgreSQL's data: %w", err)
	}
	return major, nil
}

// chooseBinaries returns the configured server, an installed one or a
// downloaded one, of the version that the data needs.
func chooseBinaries(ctx context.Context, cfg Config, account account, major int) (binaries, error) {
	if cfg.BinDir != "" {
		b, err := inspectBinaries(ctx, cfg.BinDir)
		if err != nil {
			return b, fmt.Errorf("finding PostgreSQL in %s: %w", cfg.BinDir, err)
		}
		if major != 0 && b.major != major {
			return b, &MissingError{Major: major}
		}
		return b, nil
	}
	b, err := findBinaries(ctx, major, cfg.installed(ctx))
	var none *MissingError
	if !errors.As(err, &none) || cfg.NoDownload || (major != 0 && major != downloadMajor) {
		return b, err
	}
	cache := cfg.CacheDir
	if cache == "" {
		if cache, err = account.cacheDir(); err != nil {
			return b, err
		}
	}
	cfg.Log.Info("no PostgreSQL is installed; looking for the one of an earlier download, else downloading it with Maven", "cache", cache)
	if b, err = downloadBinaries(ctx, cfg.Maven, cache); err != nil {
		return b, &MissingError{Major: major, Cause: err}
	}
	return b, nil
}

// removeLeftover removes the folder of an initdb that was killed. The server that initdb had started may outlive it for a
// moment and still write there.
func removeLeftover(ctx context.Context, dir string) error {
	const patience = 10 * time.Second
	for began := time.Now(); ; {
		err := os.RemoveAll(dir)
		if err == nil || time.Since(began) > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// init creates the database cluster in one step: a kill leaves none, and a folder
// that the next start clears away.
func (c *cluster) init(ctx context.Context, password string) error {
	leftovers, err := filepath.Glob(c.data() + ".new-*")
	if err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	for _, dir := range leftovers {
		if err := removeLeftover(ctx, dir); err != nil {
			return fmt.Errorf("removing an unfinished database: %w", err)
		}
	}
	fresh, err := os.MkdirTemp(c.home, dataFolder+".new-*")
	if err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	secret, err := os.CreateTemp(c.home, dataFolder+".new-password-*")
	if err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	defer func() { _ = os.Remove(secret.Name()) }()
	_, err = io.WriteString(secret, password+"\n")
	if err := errors.Join(err, secret.Close(), c.account.own(secret.Name()), c.account.own(fresh)); err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	out, err := c.account.run(ctx, c.home, c.binaries.path("initdb"),
		"--pgdata="+fresh, "--username="+databaseUser, "--pwfile="+secret.Name(),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums")
	if err != nil {
		return fmt.Errorf("creating the database: %w: %s", err, out)
	}
	if err := os.Rename(fresh, c.data()); err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	return nil
}

// serverCommand is the server itself: safe on disk, small in memory, on
// loopback only. SIGINT is PostgreSQL's fast shutdown.
func (c *cluster) serverCommand(port int) *exec.Cmd {
	args := []string{"-D", c.data()}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=",
		"password_encryption=scram-sha-256",
		"fsync=on",
		"synchronous_commit=on",
		"full_page_writes=on",
		"wal_level=minimal", // nobody replicates from here
		"max_wal_senders=0",
		"max_wal_size=256MB",
		"shared_buffers=64MB",
		"max_connections=40",
		"max_parallel_workers_per_gather=0", // a container may have little /dev/shm
		"jit=off",
		"TimeZone=UTC",
		"log_timezone=UTC",
		"logging_collector=off",
	} {
		args = append(args, "-c", setting)
	}
	cmd := c.account.command(context.Background(), c.home, c.binaries.path("postgres"), args...)
	cmd.SysProcAttr = childAttributes(c.account.credential, syscall.SIGINT)
	return cmd
}

// readPassword returns the password in a libpq password file, "" when there is
// no file.
func readPassword(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the database password: %w", err)
	}
	fields := strings.Split(strings.TrimSpace(string(text)), ":")
	return fields[len(fields)-1], nil
}

// writePassword makes a password and keeps it in a libpq password file, which
// only its owner can read.
func writePassword(path string, random io.Reader) (string, error) {
	password, err := newSecret(random)
	if err != nil {
		return "", err
	}
	line := strings.Join([]string{"*", "*", "*", databaseUser, password}, ":")
	if err := atomicfile.Write(path, []byte(line+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the database password: %w", err)
	}
	return password, nil
}
