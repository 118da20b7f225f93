package local

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// childRole names the environment variable that turns the test binary into a
// process for a test to kill.
const childRole = "SENMETEO_LOCAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childRole) == "lock" {
		runLockChild()
	}
	os.Exit(m.Run())
}

// runLockChild holds the lock until its standard input ends or it is killed.
func runLockChild() {
	if _, err := AcquireLock(os.Getenv("SENMETEO_LOCAL_TEST_DIR")); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("locked")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0)
}

func TestLockNamesTheProcessThatHoldsTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"=lock", "SENMETEO_LOCAL_TEST_DIR="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("child: %q, %v", line, err)
	}
	_, err = AcquireLock(dir)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != cmd.Process.Pid || locked.Dir != dir {
		t.Errorf("got %v, want a LockedError with process %d", err, cmd.Process.Pid)
	}
	if err != nil && !strings.Contains(err.Error(), fmt.Sprint(cmd.Process.Pid)) {
		t.Errorf("message %q does not name the process", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	lock, err := AcquireLock(dir)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}
