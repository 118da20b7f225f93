package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Docker is an engine of its own, apart from any that the system runs. It pulls nothing and has no bridge: its
// containers use the host's network.
type Docker struct {
	*Server
	// Host is what DOCKER_HOST is set to: unix:///some/docker.sock.
	Host string
}

// startDocker starts dockerd in namespaces of its own (see dockerd.sh), of which it is the first process: whatever
// ends the server ends its containerd, its containers and its mounts too, and nothing of them stays.
func startDocker(ctx context.Context, root string, home *folder) (*Docker, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("starting Docker: the engine of the tests needs root")
	}
	program, err := lookProgram("dockerd", "/usr/sbin/dockerd")
	if err != nil {
		return nil, err
	}
	dir, err := home.sub("docker")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "docker.sock")
	d := &Docker{
		Host: "unix://" + socket,
		Server: &Server{
			name: "Docker",
			command: func() *exec.Cmd {
				cmd := exec.Command("/bin/sh", filepath.Join(root, "test", "servers", "dockerd.sh"), program,
					"--host=unix://"+socket, "--data-root="+filepath.Join(dir, "data"), "--config-file="+filepath.Join(dir, "none.json"),
					"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
					"--cgroup-parent=/"+filepath.Base(home.path), "--shutdown-timeout=5")
				isolate(cmd)
				return cmd
			},
			probe:   func(ctx context.Context) error { return probeDocker(ctx, socket) },
			within:  time.Minute,
			quit:    syscall.SIGTERM,
			orphan:  syscall.SIGKILL,
			logPath: filepath.Join(dir, "dockerd.log"),
		},
	}
	if err := writeFiles(map[string]string{filepath.Join(dir, "none.json"): "{}"}); err != nil {
		return nil, err
	}
	return d, d.Start(ctx)
}

// lookProgram finds a program on the path or at the place where Debian puts it.
func lookProgram(name, place string) (string, error) {
	if program, err := exec.LookPath(name); err == nil {
		return program, nil
	}
	if _, err := os.Stat(place); err != nil {
		return "", fmt.Errorf("finding %s: it is not installed; run `make deps`", name)
	}
	return place, nil
}

// probeDocker asks the engine for its version, which it gives when it is ready.
func probeDocker(ctx context.Context, socket string) error {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/version", http.NoBody)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the engine: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("asking the engine: it answers %s", answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

// removeControlGroups removes what killed containers leave below /sys/fs/cgroup, the innermost first. What is busy
// or gone is left alone: an empty group costs nothing.
func removeControlGroups(name string) {
	for _, root := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		for _, depth := range []string{"/*/*", "/*", ""} {
			groups, err := filepath.Glob(root + name + depth)
			if err != nil {
				return
			}
			for _, group := range groups {
				_ = syscall.Rmdir(group)
			}
		}
	}
}
