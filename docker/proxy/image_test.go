package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/test/servers"
)

func TestTheProxysImageServesWithoutPrivilegesAndIsHealthyAsLongAsTheEngineAnswers(t *testing.T) {
	t.Parallel()
	const tag = "senmeteo-docker-proxy:test"
	host := servers.DockerHost(t)
	build := exec.Command("../image", "--proxy", tag)
	build.Env = append(os.Environ(), "DOCKER_HOST="+host, "SENMETEO_IMAGE_FROM=host")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	socket := strings.TrimPrefix(host, "unix://")
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	ports, err := servers.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	listen := fmt.Sprintf("127.0.0.1:%d", ports[0])
	name := servers.Unique(t)
	group := info.Sys().(*syscall.Stat_t).Gid
	if out, err := docker(host, with("run", confined("--detach", "--name="+name, fmt.Sprintf("--user=65532:%d", group), "--health-interval=1s",
		"--env=PROXY_LISTEN="+listen, "--volume="+socket+":/var/run/docker.sock:ro"), tag)...); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = docker(host, "rm", "--force", name) })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		out, err := docker(host, "inspect", "--format={{.State.Health.Status}}", name)
		if err == nil && out == "healthy" {
			break
		}
		if time.Now().After(deadline) {
			logs, _ := docker(host, "logs", name)
			t.Fatalf("it is %s (%v)\n%s", out, err, logs)
		}
	}
	if out, err := docker("tcp://"+listen, "version", "--format={{.Server.Os}}"); err != nil || out != "linux" {
		t.Errorf("by way of it the engine says %q (%v)", out, err)
	}
	if out, err := docker("tcp://"+listen, with("create", confined(), tag)...); err == nil || !strings.Contains(out, "HostConfig.NetworkMode") && !strings.Contains(out, "Image") {
		t.Errorf("without settings it lets a container through: %s (%v)", out, err)
	}
	if out, err := docker(host, "stop", name); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := docker(host, "inspect", "--format={{.State.ExitCode}}", name); err != nil || out != "0" {
		t.Errorf("it ends with %s (%v)", out, err)
	}
}
