package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/test/servers"
)

// sleepImage is an image that runs the host's programs: it holds nothing itself.
const sleepImage = "sleeper"

func docker(host string, args ...string) (string, error) {
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+host)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("docker %s: %w: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out)), err
}

// runSleeper starts a container that sleeps and returns its process id on the host.
func runSleeper(host string) (int, error) {
	empty := exec.Command("tar", "--create", "--files-from=/dev/null")
	load := exec.Command("docker", "import", "-", sleepImage)
	load.Env = append(os.Environ(), "DOCKER_HOST="+host)
	var err error
	if load.Stdin, err = empty.StdoutPipe(); err != nil {
		return 0, err
	}
	if err := empty.Start(); err != nil {
		return 0, err
	}
	if out, err := load.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("importing an empty image: %w: %s", err, out)
	}
	if err := empty.Wait(); err != nil {
		return 0, err
	}
	args := []string{"run", "--detach", "--network=host", "--stop-timeout=1"}
	for _, dir := range []string{"/bin", "/lib", "/lib64", "/usr"} {
		args = append(args, "--volume="+dir+":"+dir+":ro")
	}
	id, err := docker(host, append(args, sleepImage, "/bin/sleep", "600")...)
	if err != nil {
		return 0, err
	}
	return processOf(id)
}

// processOf finds the sleeper in a container by its control group: the engine itself counts in a namespace of its own.
func processOf(container string) (int, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		groups, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(groups), container) {
			return strconv.Atoi(strings.Split(path, "/")[2])
		}
	}
	return 0, fmt.Errorf("no process runs in container %s", container)
}

func TestAnEngineTakesItsContainersWithItWhenStoppedAndWhenKilled(t *testing.T) {
	t.Parallel()
	engine := start(t, servers.NameDocker).Docker
	for _, c := range []struct {
		name string
		end  func() error
	}{
		{"stopped", func() error { return engine.Stop(context.Background()) }},
		{"killed", engine.Kill},
	} {
		pid, err := runSleeper(engine.Host)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.end(); err != nil {
			t.Fatal(err)
		}
		if running(pid) {
			t.Errorf("process %d of a container outlives its engine that was %s", pid, c.name)
		}
		if err := engine.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The engine came back on its data: the image is still there.
	if _, err := docker(engine.Host, "image", "inspect", sleepImage); err != nil {
		t.Error(err)
	}
}

func TestAnEngineAndItsContainersEndWhenTheirParentIsKilled(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"=engine")
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the process ids: %v", err)
	}
	var engine, container int
	if _, err := fmt.Sscan(strings.TrimSpace(line), &engine, &container); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // "signal: killed"
	for deadline := time.Now().Add(time.Minute); running(engine) || running(container); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("processes %d and %d outlive their parent", engine, container)
		}
	}
}

// playEngineParent starts an engine with a container, prints their process ids and waits to be killed.
func playEngineParent() int {
	set, err := servers.Start(context.Background(), servers.Options{Only: []servers.Name{servers.NameDocker}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	pid, err := runSleeper(set.Docker.Host)
	if err != nil {
		fmt.Fprintln(os.Stderr, err, set.Stop())
		return 1
	}
	fmt.Println(set.Docker.PID(), pid)
	select {}
}
