package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// binaries is an installed PostgreSQL server.
type binaries struct {
	dir   string // holds initdb and postgres
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// minPostgresMajor is the oldest major version whose SQL this project uses.
const minPostgresMajor = 14

// MissingError reports that there is no PostgreSQL server to run.
type MissingError struct {
	Major int   // the only usable version, because the data was created by it; 0: any
	Cause error // why none could be downloaded
}

func (e *MissingError) Error() string {
	want, name := "PostgreSQL", "postgresql"
	if e.Major > 0 {
		want, name = fmt.Sprintf("PostgreSQL %d, which created the data here,", e.Major), fmt.Sprintf("postgresql-%d", e.Major)
	}
	text := want + " is not installed: install it (Debian, Ubuntu: apt install " + name + "; macOS: brew install " +
		strings.Replace(name, "-", "@", 1) + ")"
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *MissingError) Unwrap() error { return e.Cause }

// findBinaries returns the newest server of these folders, or the one of the
// given major version when that is not 0.
func findBinaries(ctx context.Context, major int, dirs []string) (binaries, error) {
	var usable []binaries
	for _, dir := range dirs {
		b, err := inspectBinaries(ctx, dir)
		if err != nil || b.major < minPostgresMajor || (major != 0 && b.major != major) {
			continue
		}
		usable = append(usable, b)
	}
	if len(usable) == 0 {
		return binaries{}, &MissingError{Major: major}
	}
	return slices.MaxFunc(usable, func(a, b binaries) int { return cmp.Compare(a.major, b.major) }), nil
}

// installedFolders are where PostgreSQL's programs may be: in PATH, where
// pg_config says, and where packages put them.
func installedFolders(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range packagePatterns() {
		found, err := filepath.Glob(pattern)
		if err == nil { // the patterns are well-formed
			dirs = append(dirs, found...)
		}
	}
	return dirs
}

func packagePatterns() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",              // Debian, Ubuntu
		"/usr/pgsql-*/bin",                       // PostgreSQL's own RPMs
		"/usr/libexec/postgresql*",               // Alpine
		"/opt/homebrew/opt/postgresql@*/bin",     // Homebrew on Apple silicon
		"/usr/local/opt/postgresql@*/bin",        // Homebrew on Intel
		"/Library/PostgreSQL/*/bin",              // the macOS installer
		"/Applications/Postgres.app/*/*/*/*/bin", // Postgres.app
	}
}

var versionPattern = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

func inspectBinaries(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, err
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return binaries{}, errors.New("unknown version: " + string(out))
	}
	major, err := strconv.Atoi(string(match[1]))
	return binaries{dir: dir, major: major}, err
}
