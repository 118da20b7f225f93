package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a cluster of its own, apart from any that the system runs.
type Postgres struct {
	*Server
	// URL is a libpq URL with the password of the role meteo, the owner of the database meteo. The role may make
	// and drop databases but is not a superuser.
	URL string
	// Secured is URL by the name localhost, which the server's certificate holds for, and with sslmode=verify-full. Which
	// authority issued it, a test has to add. It is empty unless the set is secure.
	Secured string
}

const meteoRole = "meteo"

func startPostgres(ctx context.Context, home *folder, certificates *Certificates) (*Postgres, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	owner, err := postgresOwner()
	if err != nil {
		return nil, err
	}
	dir, err := home.sub("postgres")
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(1)
	if err != nil {
		return nil, err
	}
	passwordFile := filepath.Join(dir, "password")
	adminPassword, meteoPassword := rand.Text(), rand.Text()
	if err := writeFiles(map[string]string{passwordFile: adminPassword}); err != nil {
		return nil, err
	}
	if err := owner.own(dir, passwordFile); err != nil {
		return nil, err
	}

	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+data, "--username=postgres",
		"--pwfile="+passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if err := runOnce("making a PostgreSQL cluster", owner.as(initdb, dir)); err != nil {
		return nil, err
	}
	tls, err := securePostgres(dir, owner, certificates)
	if err != nil {
		return nil, err
	}
	admin := postgresURL("postgres", adminPassword, ports[0], "postgres")
	p := &Postgres{
		URL: postgresURL(meteoRole, meteoPassword, ports[0], meteoRole),
		Server: &Server{
			name: "PostgreSQL",
			command: func() *exec.Cmd {
				return owner.as(exec.Command(filepath.Join(bin, "postgres"), append([]string{
					"-D", data, "-p", strconv.Itoa(ports[0]),
					"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "timezone=UTC",
				}, tls...)...), dir)
			},
			probe:   func(ctx context.Context) error { return probePostgres(ctx, admin) },
			within:  time.Minute,
			quit:    syscall.SIGINT,  // "fast shutdown": ends the sessions, then writes a checkpoint
			orphan:  syscall.SIGQUIT, // "immediate shutdown": the backends end too
			logPath: filepath.Join(home.path, "postgres.log"),
		},
	}
	if certificates != nil {
		p.Secured = strings.NewReplacer("127.0.0.1", "localhost", "sslmode=disable", "sslmode=verify-full").Replace(p.URL)
	}
	if err := p.Start(ctx); err != nil {
		return p, err
	}
	return p, makeMeteoDatabase(ctx, admin, meteoPassword)
}

// securePostgres returns the arguments that let the server take TLS; none without certificates. It gets copies of its own:
// it refuses a key that another user may read.
func securePostgres(dir string, owner account, certificates *Certificates) ([]string, error) {
	if certificates == nil {
		return nil, nil
	}
	args := []string{"-c", "ssl=on"}
	for setting, path := range map[string]string{"ssl_cert_file": certificates.server, "ssl_key_file": certificates.serverKey} {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading PostgreSQL's certificate: %w", err)
		}
		copied := filepath.Join(dir, filepath.Base(path))
		if err := writeFiles(map[string]string{copied: string(pem)}); err != nil {
			return nil, err
		}
		if err := owner.own(copied); err != nil {
			return nil, err
		}
		args = append(args, "-c", setting+"="+copied)
	}
	return args, nil
}

func postgresURL(role, password string, port int, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, password),
		Host:     loopback(port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

func probePostgres(ctx context.Context, admin string) error {
	db, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	return errors.Join(db.Ping(ctx), db.Close(ctx))
}

func makeMeteoDatabase(ctx context.Context, admin, password string) error {
	db, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	for _, statement := range []string{
		"CREATE ROLE " + meteoRole + " LOGIN CREATEDB PASSWORD '" + password + "'", // letters and digits only
		"CREATE DATABASE " + meteoRole + " OWNER " + meteoRole,
	} {
		if _, err := db.Exec(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("making the database %s: %w", meteoRole, err), db.Close(ctx))
		}
	}
	return db.Close(ctx)
}

// postgresPrograms returns the folder of initdb and postgres: that of the newest Debian package, otherwise that of
// the initdb on the path.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int {
			return debianMajor(a) - debianMajor(b)
		})), nil
	}
	onPath, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("finding PostgreSQL's programs: no initdb here; run `make deps`, " +
			"or install PostgreSQL's server package")
	}
	return filepath.Dir(onPath), nil
}

// debianMajor returns 15 for /usr/lib/postgresql/15/bin/initdb, 0 for anything else.
func debianMajor(initdb string) int {
	major, err := strconv.Atoi(strings.Split(strings.TrimPrefix(initdb, "/usr/lib/postgresql/"), "/")[0])
	if err != nil {
		return 0
	}
	return major
}

// account is the user that runs PostgreSQL, which refuses to run as root. The zero account is ourselves.
type account struct {
	credential *syscall.Credential
}

// postgresOwner returns the user postgres, which Debian's package makes, when we are root.
func postgresOwner() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return account{}, fmt.Errorf("finding a user for PostgreSQL, which does not run as root: %w; run `make deps`", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("reading the id of user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("reading the group of user postgres: %w", err)
	}
	return account{credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// own hands files over to the account.
func (a account) own(paths ...string) error {
	if a.credential == nil {
		return nil
	}
	for _, path := range paths {
		if err := os.Chown(path, int(a.credential.Uid), int(a.credential.Gid)); err != nil {
			return fmt.Errorf("handing a folder to PostgreSQL: %w", err)
		}
	}
	return nil
}

// as lets the account run the command in dir.
func (a account) as(cmd *exec.Cmd, dir string) *exec.Cmd {
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	return cmd
}
