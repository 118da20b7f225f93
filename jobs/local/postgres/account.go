package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"senmeteo/jobs/atomicfile"
)

// account is the user that the server runs as. PostgreSQL refuses to run as
// root, so root gives its server to another user; anyone else runs it as
// themselves.
type account struct {
	name       string
	credential *syscall.Credential // nil: our own
}

// serverAccount returns the account to run as.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "the present user"}, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		found, err = user.Lookup("nobody")
	}
	if err != nil {
		return account{}, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: add one, or run as another user: %w", err)
	}
	uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, fmt.Errorf("reading user %s: %w", found.Username, err)
	}
	return account{name: found.Username, credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(path, int(a.credential.Uid), int(a.credential.Gid))
}

// adopt makes sure that the account owns a data folder that is there already.
// Root gives it to the account, which may be another than last time.
func (a account) adopt(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	wanted := uint32(os.Geteuid())
	if a.credential != nil {
		wanted = a.credential.Uid
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid == wanted {
		return nil
	}
	if a.credential == nil {
		return fmt.Errorf("%s belongs to another user: run as that user, or choose another --data-dir", dir)
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(a.credential.Uid), int(a.credential.Gid))
	})
}

// command is a program to run as the account in the folder dir, with nothing of
// our environment but PATH.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = childAttributes(a.credential, syscall.SIGKILL)
	return cmd
}

// run runs a command to its end and returns what it wrote.
func (a account) run(ctx context.Context, dir, program string, args ...string) (string, error) {
	runtime.LockOSThread() // see childAttributes
	defer runtime.UnlockOSThread()
	out, err := a.command(ctx, dir, program, args...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// reaches reports whether the account can enter the folder.
func (a account) reaches(ctx context.Context, b binaries, dir string) bool {
	_, err := a.run(ctx, dir, b.path("postgres"), "--version")
	return err == nil
}

const (
	// locationFile in the server's folder names the folder that holds the data
	// instead, when that had to go elsewhere.
	locationFile = "location"
	// systemStateDir and systemCacheDir are where root keeps things that its
	// server's account must reach (Filesystem Hierarchy Standard 3.0, 5.8 and 5.5).
	systemStateDir = "/var/lib/senmeteo"
	systemCacheDir = "/var/cache/senmeteo"
)

// home returns the folder in which the account can keep the data: dir itself,
// or, below a folder closed to the account such as /root, one in
// systemStateDir with a new name that dir then remembers.
func (a account) home(ctx context.Context, b binaries, dir, newName string) (string, error) {
	if !a.reaches(ctx, b, "/") {
		return "", fmt.Errorf("user %s cannot run %s: make it readable for all, or install PostgreSQL as a package", a.name, b.path("postgres"))
	}
	path := filepath.Join(dir, locationFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading where the database is: %w", err)
	}
	elsewhere := strings.TrimSpace(string(text))
	if elsewhere == "" && a.reaches(ctx, b, dir) {
		return dir, nil
	}
	elsewhere = cmp.Or(elsewhere, filepath.Join(systemStateDir, "postgres-"+newName))
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		return "", fmt.Errorf("user %s cannot enter %s, and another folder cannot be created: choose a --data-dir open to all: %w", a.name, dir, err)
	}
	if !a.reaches(ctx, b, elsewhere) {
		return "", fmt.Errorf("user %s can enter neither %s nor %s: choose a --data-dir open to all", a.name, dir, elsewhere)
	}
	if err := atomicfile.Write(path, []byte(elsewhere+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("noting where the database is: %w", err)
	}
	return elsewhere, nil
}

// cacheDir returns where downloaded servers are kept by default.
func (a account) cacheDir() (string, error) {
	if a.credential != nil {
		return systemCacheDir, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache folder: %w", err)
	}
	return filepath.Join(base, "senmeteo"), nil
}
