package main

import (
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

	"github.com/gofrs/flock"
)

// The files of a stack's folder. The lock is held as long as the stack lives, so a process id is only believed
// while the lock is taken.
const (
	lockFile = "lock"
	pidFile  = "pid"
	envFile  = "env"
	logFile  = "log"
)

const downBound = 30 * time.Second

// claimStack makes this process the owner of the stack in folder until unlock is called.
func claimStack(folder string) (unlock func(), err error) {
	lock := flock.New(filepath.Join(folder, lockFile))
	free, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the stack's folder: %w", err)
	}
	if !free {
		return nil, fmt.Errorf("locking the stack's folder: a stack in %s is already up; end it with `make stack-down`", folder)
	}
	if err := os.WriteFile(filepath.Join(folder, pidFile), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, fmt.Errorf("writing the stack's process id: %w", err)
	}
	return func() { _ = lock.Unlock() }, nil
}

// stackUp starts this program again in the background with --print and prints the addresses when they are known.
// When the stack is up already, it only prints them.
func stackUp(folder, only string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the stack's folder: %w", err)
	}
	up, err := stackIsUp(folder)
	if err != nil {
		return err
	}
	if up {
		env, err := os.ReadFile(filepath.Join(folder, envFile))
		if err != nil {
			return fmt.Errorf("reading the addresses of the stack: %w; is it still starting? See %s",
				err, filepath.Join(folder, logFile))
		}
		_, err = os.Stdout.Write(env)
		return err
	}

	env, err := launchStack(folder, only)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, envFile), env, 0o600); err != nil {
		return fmt.Errorf("keeping the addresses of the stack: %w", err)
	}
	_, err = os.Stdout.Write(env)
	return err
}

func launchStack(folder, only string) ([]byte, error) {
	if err := os.Remove(filepath.Join(folder, envFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("forgetting the former stack: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	log, err := os.Create(filepath.Join(folder, logFile))
	if err != nil {
		return nil, fmt.Errorf("opening the stack's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self, "--only="+only, "--print", folder)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // outlives this terminal
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the stack: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the stack: %w", err)
	}
	env, err := io.ReadAll(out)
	if err != nil {
		return nil, fmt.Errorf("starting the stack: %w", err)
	}
	if len(env) == 0 {
		why, readErr := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("starting the stack: %w\n%s", cmd.Wait(), why), readErr)
	}
	return env, nil
}

// stackDown ends the stack and returns when its servers are gone. No stack is not an error.
func stackDown(folder string) error {
	up, err := stackIsUp(folder)
	if err != nil || !up {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, pidFile))
	if err != nil {
		return fmt.Errorf("reading the stack's process id: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("reading the stack's process id: %w", err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ending the stack, process %d: %w", pid, err)
	}
	for deadline := time.Now().Add(downBound); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if up, err := stackIsUp(folder); err != nil || !up {
			return err
		}
	}
	return fmt.Errorf("ending the stack: process %d is still there; see %s", pid, filepath.Join(folder, logFile))
}

// stackIsUp reports whether some process holds the stack's lock.
func stackIsUp(folder string) (bool, error) {
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	lock := flock.New(filepath.Join(folder, lockFile))
	free, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("looking at the stack's lock: %w", err)
	}
	return !free, lock.Close()
}
