package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pidFile            = "postmaster.pid"
	predecessorPoll    = 25 * time.Millisecond
	predecessorPatient = 15 * time.Second // for a fast shutdown, which writes a checkpoint
)

// endPredecessor makes the data folder free for a new server, when the process
// that ran the old one was killed: it waits for an old server that is still
// there, and removes a pid file that names a process of somebody else, which
// would keep PostgreSQL from starting (process ids repeat soon in containers).
// A pid file that names no process is PostgreSQL's own to judge.
func endPredecessor(ctx context.Context, data string) error {
	path := filepath.Join(data, pidFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", pidFile, err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 || !alive(pid) {
		return nil
	}
	if !servesFolder(ctx, pid, data) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing stale %s: %w", pidFile, err)
		}
		return nil
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} { // fast, then immediate shutdown
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping the PostgreSQL of an earlier run (process %d): %w", pid, err)
		}
		ended, err := waitEnded(ctx, pid, data)
		if ended || err != nil {
			return err
		}
	}
	return fmt.Errorf("the PostgreSQL of an earlier run (process %d) does not end: stop it and try again", pid)
}

// waitEnded waits until the process no longer serves the folder; it is not our
// child, so there is only asking.
func waitEnded(ctx context.Context, pid int, data string) (bool, error) {
	ticker := time.NewTicker(predecessorPoll)
	defer ticker.Stop()
	patience := time.NewTimer(predecessorPatient)
	defer patience.Stop()
	for servesFolder(ctx, pid, data) {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("waiting for the PostgreSQL of an earlier run (process %d): %w", pid, ctx.Err())
		case <-patience.C:
			return false, nil
		case <-ticker.C:
		}
	}
	return true, nil
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// servesFolder reports whether the process is a server that we started on the data
// folder: we always give it as "-D folder". A zombie has no arguments.
func servesFolder(ctx context.Context, pid int, data string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err == nil {
		args := strings.Split(string(line), "\x00")
		at := slices.Index(args, "-D")
		return at >= 0 && at+1 < len(args) && args[at+1] == data
	}
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "-D "+data+" ")
}
