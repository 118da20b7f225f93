package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// longest is when a run of the program counts as hung. Machines may be slow; outcomes may not differ.
const longest = 3 * time.Minute

// program is how a test calls the program. The zero value calls it in the test's folder with no settings.
type program struct {
	env   map[string]string // beside the machine's own environment, from which SENMETEO_ variables are taken out
	dir   string            // working directory
	stdin io.Reader
	wrap  []string // a command that runs the program's
}

// result is what a run of the program came to.
type result struct {
	args           []string
	code           int // -1: ended by a signal
	stdout, stderr string
	took           time.Duration
	peak           int64 // the largest resident set, bytes
}

// run runs the program to its end.
func (p program) run(t testing.TB, args ...string) result {
	t.Helper()
	return p.start(t, args...).wait(t)
}

// must runs the program and fails the test when it does not exit with 0.
func (p program) must(t testing.TB, args ...string) result {
	t.Helper()
	r := p.run(t, args...)
	if r.code != 0 {
		t.Fatalf("%s exits with %d\n%s", r, r.code, r.output())
	}
	return r
}

// running is the program while it runs.
type running struct {
	cmd            *exec.Cmd
	args           []string
	stdout, stderr *stream
	began          time.Time
	ended          chan struct{}
}

// start starts the program. A test that ends before it kills it.
func (p program) start(t testing.TB, args ...string) *running {
	t.Helper()
	line := slices.Concat(p.wrap, []string{binary}, args)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = p.environment()
	cmd.Dir, cmd.Stdin = p.dir, p.stdin
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	r := &running{cmd: cmd, args: args, stdout: newStream(), stderr: newStream(), began: time.Now(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = r.stdout, r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the program: %v", err)
	}
	go func() {
		_ = cmd.Wait() // ProcessState says the same
		close(r.ended)
	}()
	t.Cleanup(func() { r.kill(t) })
	return r
}

func (p program) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SENMETEO_") })
	for k, v := range p.env {
		env = append(env, k+"="+v)
	}
	return env
}

// with returns the program with further environment variables: name, value, name, value.
func (p program) with(pairs ...string) program {
	p.env = maps.Clone(p.env)
	if p.env == nil {
		p.env = map[string]string{}
	}
	for i := 0; i < len(pairs); i += 2 {
		p.env[pairs[i]] = pairs[i+1]
	}
	return p
}

// wait waits for the program's end.
func (r *running) wait(t testing.TB) result {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(longest):
		_ = r.cmd.Process.Signal(syscall.SIGQUIT) // prints where it hangs
		time.Sleep(time.Second)
		r.kill(t)
		t.Fatalf("senmeteo %s has not ended after %s\n%s", strings.Join(r.args, " "), longest, tail(r.stderr.text()))
	}
	out := result{
		args: r.args, code: r.cmd.ProcessState.ExitCode(), stdout: r.stdout.text(), stderr: r.stderr.text(), took: time.Since(r.began),
	}
	if usage, ok := r.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.peak = usage.Maxrss << 10
	}
	return out
}

// signal sends a signal to the program.
func (r *running) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("sending %s: %v", s, err)
	}
}

// kill ends the program with SIGKILL and waits until it is gone.
func (r *running) kill(t testing.TB) {
	t.Helper()
	r.signal(t, syscall.SIGKILL)
	<-r.ended
}

// alive tells whether the program still runs.
func (r *running) alive() bool {
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}

// String is the command line.
func (r result) String() string { return "senmeteo " + strings.Join(r.args, " ") }

// output is what the program said at its end, for messages of failed tests.
func (r result) output() string { return "stdout:\n" + tail(r.stdout) + "stderr:\n" + tail(r.stderr) }

func tail(text string) string {
	const kept = 3000
	if len(text) <= kept {
		return text
	}
	return "[...]" + text[len(text)-kept:]
}

// report is the job's report: the last line of standard output.
func (r result) report(t testing.TB) flow.Report {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	var report flow.Report
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &report); err != nil {
		t.Fatalf("%s: the last line on standard output is no report: %v\n%s", r, err, r.output())
	}
	return report
}

// stream is what the program has written so far.
type stream struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	changed chan struct{} // closed and made anew by each write
}

func newStream() *stream { return &stream{changed: make(chan struct{})} }

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.buf.Write(p)
}

func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// await waits until the program has written a text, or has ended without it.
func (r *running) await(t testing.TB, s *stream, text string) {
	t.Helper()
	deadline := time.After(longest)
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
			if strings.Contains(s.text(), text) {
				return
			}
			t.Fatalf("senmeteo %s ended and never said %q\nstdout:\n%sstderr:\n%s", strings.Join(r.args, " "), text, tail(r.stdout.text()), tail(r.stderr.text()))
		case <-deadline:
			t.Fatalf("senmeteo %s does not say %q\nstdout:\n%sstderr:\n%s", strings.Join(r.args, " "), text, tail(r.stdout.text()), tail(r.stderr.text()))
		}
	}
}
