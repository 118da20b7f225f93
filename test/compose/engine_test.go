//go:build stack

package compose_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// engine is a Docker engine of the test's own, with bridge networks, in the network namespace that `make compose-test`
// starts the test in: nothing of it is seen outside.
type engine struct {
	socket string
}

func startEngine(t *testing.T) engine {
	t.Helper()
	if interfaces, err := os.ReadDir("/sys/class/net"); err != nil || os.Geteuid() != 0 {
		t.Fatalf("the engine needs root: %v, %v", interfaces, err)
	}
	// A short path: a socket's can't be long. The engine's containers reach below it, so it is open to all.
	dir, err := os.MkdirTemp("", "senmeteo-compose-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // only disk space
	if err := os.WriteFile(filepath.Join(dir, "none.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := engine{socket: filepath.Join(dir, "docker.sock")}
	log, err := os.Create(filepath.Join(dir, "dockerd.log"))
	if err != nil {
		t.Fatal(err)
	}
	group := "/" + filepath.Base(dir)
	cmd := exec.Command("/bin/sh", filepath.Join(root(t), "test", "servers", "dockerd.sh"), "/usr/sbin/dockerd", "--host=unix://"+e.socket,
		"--data-root="+filepath.Join(dir, "data"), "--config-file="+filepath.Join(dir, "none.json"), "--shutdown-timeout=5", "--cgroup-parent="+group)
	cmd.Stdout, cmd.Stderr = log, log
	// The first process of its namespaces: when it ends, so do the containers.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			_ = cmd.Process.Kill()
			<-ended
		}
		_ = log.Close()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if _, err := e.docker("version"); err == nil {
			return e
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the engine does not come up:\n%s", text[max(0, len(text)-4000):])
		}
	}
}

func (e engine) env() []string { return append(os.Environ(), "DOCKER_HOST=unix://"+e.socket) }

// docker runs the engine's client.
func (e engine) docker(args ...string) (string, error) {
	cmd := exec.Command("docker", args...)
	cmd.Env = e.env()
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
