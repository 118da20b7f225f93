package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the program under test, and root the repository. TestMain sets them before the first test runs.
var binary, root string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "senmeteo-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the program:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()     // only disk space
	if err := os.Chmod(dir, 0o755); err != nil { // one test runs the program as another user
		fmt.Fprintln(os.Stderr, "opening the program's folder:", err)
		return 1
	}
	if root, err = filepath.Abs("../.."); err != nil {
		fmt.Fprintln(os.Stderr, "finding the repository:", err)
		return 1
	}
	binary = filepath.Join(dir, "senmeteo")
	build := exec.Command("go", "build", "-o", binary, "./jobs")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
