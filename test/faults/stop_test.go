package faults_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"senmeteo/test/program"
)

// sleeper starts a verb that stops itself (SIGSTOP) at a point, and waits until it sleeps there.
func (s *scenario) sleeper(t testing.TB, point string, args ...string) *program.Running {
	t.Helper()
	p := s.With("SENMETEO_STOP_AT", point)
	p.Variant = program.CrashPoints
	r := p.Start(t, args...)
	program.Until(t, func() bool {
		if !r.Alive() {
			t.Fatalf("senmeteo %s ended and was to stop at %s\n%s", strings.Join(args, " "), point, r.Wait(t).Output())
		}
		return stopped(r.PID())
	})
	return r
}

// wakeUp lets it go on.
func wakeUp(t testing.TB, r *program.Running) {
	t.Helper()
	r.Signal(t, syscall.SIGCONT)
}

// wake lets it go on to its end.
func wake(t testing.TB, r *program.Running) program.Result {
	t.Helper()
	wakeUp(t, r)
	return r.Wait(t)
}

// stopped reports whether a process sleeps after SIGSTOP.
func stopped(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name
	return strings.HasPrefix(rest, "T")
}

// expect fails the test when a run does not exit with one of these codes.
func expect(t testing.TB, r program.Result, codes ...int) {
	t.Helper()
	for _, code := range codes {
		if r.Code == code {
			return
		}
	}
	t.Errorf("%s exits with %d, want %s\n%s", r, r.Code, strings.Trim(fmt.Sprint(codes), "[]"), r.Output())
}
