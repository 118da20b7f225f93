package main

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// programVariable makes the test binary be withservers itself.
const programVariable = "SENMETEO_TEST_BE_WITHSERVERS"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

func withservers(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], arguments...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	return cmd
}

func TestTheExitCodeIsThatOfTheCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		arguments []string
		want      int
	}{
		{"a command that succeeds", []string{"--only", "redis", "--", "true"}, 0},
		{"a command that fails", []string{"--only", "redis", "--", "sh", "-c", "exit 7"}, 7},
		{"a command that a signal ends", []string{"--only", "redis", "--", "sh", "-c", "kill -9 $$"}, 128 + 9},
		{"a command that does not exist", []string{"--only", "redis", "--", "no-such-command"}, 1},
		{"no command", nil, 64},
		{"an unknown server", []string{"--only", "oracle", "--", "true"}, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := withservers(t, c.arguments...)
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.want {
				t.Errorf("exit code %d, want %d (%v): %s", code, c.want, err, out)
			}
		})
	}
}

func TestTheCommandFindsTheServersInItsEnvironmentAndTheyEndWithIt(t *testing.T) {
	t.Parallel()
	out, err := withservers(t, "--only", "redis", "--", "sh", "-c", "echo $SENMETEO_TEST_REDIS_URL").Output()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.TrimSpace(string(out)))
	if err != nil || u.Scheme != "redis" {
		t.Fatalf("the command saw %q (%v)", out, err)
	}
	if conn, err := net.Dial("tcp", u.Host); err == nil {
		_ = conn.Close()
		t.Errorf("Redis still listens on %s after the command ended", u.Host)
	}
}

func TestASignalIsHandedOnToTheCommandAndTheServersAreStopped(t *testing.T) {
	t.Parallel()
	cmd := withservers(t, "--only", "redis", "--",
		"sh", "-c", "trap 'exit 42' TERM; echo $SENMETEO_TEST_REDIS_URL; while :; do sleep 0.05; done")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exited *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exited) || exited.ExitCode() != 42 {
		t.Errorf("withservers ended with %v, want the command's exit code 42", err)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "redis://"), "/0")
	if conn, err := net.Dial("tcp", host); err == nil {
		_ = conn.Close()
		t.Errorf("Redis still listens on %s", host)
	}
}

func TestAStackStaysUpUntilItIsTakenDown(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "stack")
	first := output(t, withservers(t, "--only", "redis", "--stack", folder))
	t.Cleanup(func() { output(t, withservers(t, "--down", folder)) })
	if second := output(t, withservers(t, "--only", "redis", "--stack", folder)); second != first {
		t.Errorf("asking again printed other addresses:\n%s\n%s", first, second)
	}
	host := redisHost(t, first)
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatalf("the stack is not up: %v", err)
	}
	_ = conn.Close()

	output(t, withservers(t, "--down", folder))
	if conn, err := net.Dial("tcp", host); err == nil {
		_ = conn.Close()
		t.Errorf("Redis still listens on %s", host)
	}
	if third := output(t, withservers(t, "--only", "redis", "--stack", folder)); third == first {
		t.Error("the addresses of the former stack were printed")
	}
}

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, problems.String())
	}
	return string(out)
}

func redisHost(t *testing.T, env string) string {
	t.Helper()
	for line := range strings.Lines(env) {
		if address, ok := strings.CutPrefix(strings.TrimSpace(line), "SENMETEO_REDIS_URL=redis://"); ok {
			return strings.TrimSuffix(address, "/0")
		}
	}
	t.Fatalf("there is no Redis in %q", env)
	return ""
}
