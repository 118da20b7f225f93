package image_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// mostBytes is what the image may weigh as a registry stores it and hosts pull it.
const mostBytes = 40 << 20

func TestTheImageHoldsTheProgramCertificatesAndAUserAndNothingElse(t *testing.T) {
	t.Parallel()
	name := servers.Unique(t)
	docker(t, "create", "--name="+name, servers.JobImage(t))
	t.Cleanup(func() { docker(t, "rm", name) })
	// What the engine itself puts into every container.
	engines := []string{".dockerenv", "dev/", "dev/console", "dev/pts/", "dev/shm/", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf", "proc/", "sys/"}
	want := []string{"etc/", "etc/group", "etc/passwd", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt", "logs/", "senmeteo", "state/", "tmp/"}
	export := exec.Command("sh", "-c", `docker export "$0" | tar --list --verbose --numeric-owner`, name)
	export.Env = append(os.Environ(), "DOCKER_HOST="+servers.DockerHost(t))
	out, err := export.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		path := fields[5]
		if slices.Contains(engines, path) {
			continue
		}
		found = append(found, path)
		if mode := fields[0]; !slices.Contains([]string{"tmp/", "state/", "logs/"}, path) && (mode[8] == 'w' || strings.ContainsAny(mode[:10], "sS")) || fields[1] != "0/0" {
			t.Errorf("%s is %s and belongs to %s, want nobody but root to write to it", path, fields[0], fields[1])
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, want) {
		t.Errorf("it holds %v\nwant %v", found, want)
	}
}

func TestTheImageSaysWhatItIsAndHowItIsRun(t *testing.T) {
	t.Parallel()
	var image struct {
		Config struct {
			User, StopSignal string
			Entrypoint       []string
			Labels           map[string]string
			Healthcheck      struct{ Test []string }
		}
	}
	if err := json.Unmarshal([]byte(docker(t, "image", "inspect", "--format={{json .}}", servers.JobImage(t))), &image); err != nil {
		t.Fatal(err)
	}
	c := image.Config
	if c.User != "65532:65532" || c.StopSignal != "SIGTERM" || !slices.Equal(c.Entrypoint, []string{"/senmeteo"}) ||
		!slices.Equal(c.Healthcheck.Test, []string{"CMD", "/senmeteo", "health"}) {
		t.Errorf("it is run as %+v", c)
	}
	for label, want := range map[string]string{"title": "senmeteo", "version": "test", "description": "Weather data", "revision": ""} {
		if got, ok := c.Labels["org.opencontainers.image."+label]; !ok || !strings.Contains(got, want) {
			t.Errorf("label %s is %q, want %q in it", label, got, want)
		}
	}
}

func TestTheImageIsSmall(t *testing.T) {
	t.Parallel()
	save := exec.Command("sh", "-c", `docker save "$0" | gzip | wc --bytes`, servers.JobImage(t))
	save.Env = append(os.Environ(), "DOCKER_HOST="+servers.DockerHost(t))
	out, err := save.Output()
	if err != nil {
		t.Fatal(err)
	}
	size, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", size)
	if size < 1<<20 || size > mostBytes {
		t.Errorf("it weighs %d bytes, want less than %d", size, mostBytes)
	}
}

func TestTheLastStageOfAnImageMadeWithTheHostsToolsIsThatOfTheDockerfile(t *testing.T) {
	t.Parallel()
	servers.JobImage(t)
	whole := read(t, "docker/Dockerfile")
	first, last, found := strings.Cut(whole, "FROM scratch AS job\n")
	if !found || !strings.Contains(first, `RUN docker/rootfs /rootfs "$VERSION"`) {
		t.Fatal("the Dockerfile has no stage `job`, or its first one is not made by docker/rootfs")
	}
	used := read(t, ".cache/image/senmeteo/Dockerfile")
	if want := "FROM scratch AS build\nCOPY rootfs/ /rootfs/\nFROM scratch AS job\n" + last; used != want {
		t.Errorf("built with\n%s\nwant\n%s", used, want)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(program.Root(), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThereIsNoShell(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"/bin/sh", "/bin/bash", "/busybox/sh", "sh"} {
		if out, err := tryDocker(t, "run", "--rm", "--network=host", "--entrypoint="+shell, servers.JobImage(t)); err == nil {
			t.Errorf("%s runs: %s", shell, out)
		}
	}
}
