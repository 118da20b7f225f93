package program

import (
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Program is how a test calls the program. The zero value calls it in a folder of its own with no settings.
type Program struct {
	Env     map[string]string // beside the machine's own environment, from which SENMETEO_ variables are taken out
	Dir     string            // working directory
	Stdin   io.Reader
	Wrap    []string // a command that runs the program's
	Variant string   // "" is the program that users get; or CrashPoints
}

// Run runs the program to its end.
func (p Program) Run(t testing.TB, args ...string) Result {
	t.Helper()
	return p.Start(t, args...).Wait(t)
}

// Must runs the program and fails the test when it does not exit with 0.
func (p Program) Must(t testing.TB, args ...string) Result {
	t.Helper()
	r := p.Run(t, args...)
	if r.Code != 0 {
		t.Fatalf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
	return r
}

// Start starts the program. A test that ends before it kills it.
func (p Program) Start(t testing.TB, args ...string) *Running {
	t.Helper()
	r := p.prepare(t, args...)
	r.Stdout, r.Stderr = newStream(), newStream()
	r.cmd.Stdout, r.cmd.Stderr = r.Stdout, r.Stderr
	r.start(t)
	return r
}

// StartOn starts the program with output streams of the test's own, which it does not wait for.
func (p Program) StartOn(t testing.TB, stdout, stderr *os.File, args ...string) *Running {
	t.Helper()
	r := p.prepare(t, args...)
	r.Stdout, r.Stderr = newStream(), newStream() // stay empty
	r.cmd.Stdout, r.cmd.Stderr = stdout, stderr
	r.start(t)
	return r
}

func (p Program) prepare(t testing.TB, args ...string) *Running {
	t.Helper()
	line := slices.Concat(p.Wrap, []string{pathOf(t, p.Variant)}, args)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = p.Environment()
	cmd.Dir, cmd.Stdin = p.Dir, p.Stdin
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	return &Running{cmd: cmd, args: args, ended: make(chan struct{})}
}

func (r *Running) start(t testing.TB) {
	t.Helper()
	r.Began = time.Now()
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("starting the program: %v", err)
	}
	go func() {
		_ = r.cmd.Wait() // ProcessState says the same
		close(r.ended)
	}()
	t.Cleanup(func() { r.Kill(t) })
}

// Environment is what the program gets: the machine's environment without SENMETEO_ variables, and Env.
func (p Program) Environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SENMETEO_") })
	for k, v := range p.Env {
		env = append(env, k+"="+v)
	}
	return env
}

// With returns the program with further environment variables: name, value, name, value.
func (p Program) With(pairs ...string) Program {
	p.Env = maps.Clone(p.Env)
	if p.Env == nil {
		p.Env = map[string]string{}
	}
	for i := 0; i < len(pairs); i += 2 {
		p.Env[pairs[i]] = pairs[i+1]
	}
	return p
}
