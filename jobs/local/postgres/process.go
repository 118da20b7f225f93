package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stopPatience is how long a child may take to end after it was told to end at once.
const stopPatience = 5 * time.Second

// process is a child that runs until it is stopped.
type process struct {
	cmd     *exec.Cmd
	logPath string
	exited  chan struct{}
	waitErr error // set before exited is closed
}

// startProcess starts a child with its output appended to the file logPath,
// which is truncated first when it exceeds maxLogSize. The child has a goroutine
// and a thread of its own, because the signal at its parent's death comes at the
// death of the thread that started it.
func startProcess(command func() *exec.Cmd, logPath string) (*process, error) {
	mode := os.O_APPEND
	if info, err := os.Stat(logPath); err == nil && info.Size() > maxLogSize {
		mode = os.O_TRUNC
	}
	out, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|mode, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{logPath: logPath, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		p.cmd = command()
		p.cmd.Stdout, p.cmd.Stderr = out, out
		err := p.cmd.Start()
		started <- errors.Join(err, out.Close())
		if err == nil {
			p.waitErr = p.cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// err returns why the child ended, with its last words; nil while it runs.
func (p *process) err() error {
	select {
	case <-p.exited:
	default:
		return nil
	}
	status := "exit status 0"
	if p.waitErr != nil {
		status = p.waitErr.Error()
	}
	return fmt.Errorf("%s (see %s): %s", status, p.logPath, lastLines(p.logPath, 3))
}

// stop ends the server in order, and at once when ctx ends before it has.
func (p *process) stop(ctx context.Context) error {
	for _, step := range []struct {
		signal syscall.Signal
		until  <-chan struct{}
	}{
		{syscall.SIGINT, ctx.Done()},
		{syscall.SIGQUIT, after(stopPatience)},
		{syscall.SIGKILL, nil},
	} {
		if err := p.cmd.Process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-p.exited:
			return nil
		case <-step.until:
		}
	}
	return nil
}

// after returns a channel that is closed after d.
func after(d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	return done
}

// lastLines returns the end of a log file in one line.
func lastLines(path string, n int) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	lines = lines[max(0, len(lines)-n):]
	return strings.TrimSpace(string(bytes.Join(lines, []byte("; "))))
}
