package program

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Longest is when a run of the program counts as hung. Machines may be slow; outcomes may not differ.
const Longest = 3 * time.Minute

// WithinGrace is how long a container engine lets a program end after SIGTERM, less two seconds.
const WithinGrace = 8 * time.Second

// Running is the program while it runs.
type Running struct {
	Stdout, Stderr *Stream
	Began          time.Time

	cmd   *exec.Cmd
	args  []string
	ended chan struct{}
}

// PID is its process id.
func (r *Running) PID() int { return r.cmd.Process.Pid }

// Ended is closed when the program has ended.
func (r *Running) Ended() <-chan struct{} { return r.ended }

// Alive reports whether the program still runs.
func (r *Running) Alive() bool {
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}

// Wait waits for the program's end.
func (r *Running) Wait(t testing.TB) Result {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(Longest):
		_ = r.cmd.Process.Signal(syscall.SIGQUIT) // prints where it hangs
		time.Sleep(time.Second)
		r.Kill(t)
		t.Fatalf("senmeteo %s has not ended after %s\n%s", strings.Join(r.args, " "), Longest, Tail(r.Stderr.Text()))
	}
	out := Result{
		Args: r.args, Code: r.cmd.ProcessState.ExitCode(), Stdout: r.Stdout.Text(), Stderr: r.Stderr.Text(), Took: time.Since(r.Began),
	}
	if usage, ok := r.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.Peak = usage.Maxrss << 10
	}
	return out
}

// Signal sends a signal to the program.
func (r *Running) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("sending %s: %v", s, err)
	}
}

// Kill ends the program with SIGKILL and waits until it is gone.
func (r *Running) Kill(t testing.TB) {
	t.Helper()
	r.Signal(t, syscall.SIGKILL)
	<-r.ended
}

// Terminate sends SIGTERM and waits for the end, which must come within the grace time.
func (r *Running) Terminate(t testing.TB) Result {
	t.Helper()
	if !r.Alive() {
		t.Fatalf("senmeteo %s ended before it was told to\n%s", strings.Join(r.args, " "), r.Wait(t).Output())
	}
	asked := time.Now()
	r.Signal(t, syscall.SIGTERM)
	out := r.Wait(t)
	if took := time.Since(asked); took > WithinGrace {
		t.Errorf("%s ends %v after SIGTERM, want less than %v", out, took, WithinGrace)
	}
	return out
}

// Await waits until the program has written a text, or has ended without it.
func (r *Running) Await(t testing.TB, s *Stream, text string) {
	t.Helper()
	deadline := time.After(Longest)
	for {
		s.mu.Lock()
		found, changed := strings.Contains(s.buf.String(), text), s.changed
		s.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-r.ended:
			if strings.Contains(s.Text(), text) {
				return
			}
			t.Fatalf("senmeteo %s ended and never said %q\nstdout:\n%sstderr:\n%s", strings.Join(r.args, " "), text, Tail(r.Stdout.Text()), Tail(r.Stderr.Text()))
		case <-deadline:
			t.Fatalf("senmeteo %s does not say %q\nstdout:\n%sstderr:\n%s", strings.Join(r.args, " "), text, Tail(r.Stdout.Text()), Tail(r.Stderr.Text()))
		}
	}
}

// Stream is what the program has written so far.
type Stream struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	changed chan struct{} // closed and recreated by each write
}

func newStream() *Stream { return &Stream{changed: make(chan struct{})} }

// Write implements io.Writer.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.buf.Write(p)
}

// Text is all of it.
func (s *Stream) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// Until waits for something that only can be asked for again and again.
func Until(t testing.TB, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(Longest)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
