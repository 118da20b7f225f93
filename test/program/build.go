package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// CrashPoints is the variant of the program that ends itself where SENMETEO_CRASH_AT says. It is never shipped.
const CrashPoints = "crashpoints"

// built are the programs under test by their build tag, in a folder that lives as long as the tests.
var built struct {
	root, dir string
	mu        sync.Mutex
	paths     map[string]string
}

// Main builds the program, runs the tests and removes what was built: it is all that a TestMain calls. The tests' folder must
// be two below the repository's root.
func Main(m *testing.M) int {
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(built.dir) }() // only disk space
	if _, err := build(""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func prepare() (err error) {
	if built.root, err = filepath.Abs("../.."); err != nil {
		return fmt.Errorf("finding the repository: %w", err)
	}
	if built.dir, err = os.MkdirTemp("", "senmeteo-program-"); err != nil {
		return fmt.Errorf("making a folder for the program: %w", err)
	}
	built.paths = map[string]string{}
	if err = os.Chmod(built.dir, 0o755); err != nil { // one test runs the program as another user
		return fmt.Errorf("opening the program's folder: %w", err)
	}
	return nil
}

// build builds a variant of the program, unless it was built before.
func build(tag string) (string, error) {
	built.mu.Lock()
	defer built.mu.Unlock()
	if path, ok := built.paths[tag]; ok {
		return path, nil
	}
	path := filepath.Join(built.dir, "senmeteo"+tag)
	cmd := exec.Command("go", "build", "-tags", tag, "-o", path, "./jobs")
	cmd.Dir = built.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	built.paths[tag] = path
	return path, nil
}

// Path is the program that users get.
func Path(t testing.TB) string { return pathOf(t, "") }

func pathOf(t testing.TB, tag string) string {
	t.Helper()
	path, err := build(tag)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Root is the repository.
func Root() string { return built.root }
