package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/servers"
)

// engine is the shared engine, directly and by way of a proxy.
type engine struct {
	direct, proxied string // what DOCKER_HOST is set to
	image, secrets  string
}

func newEngine(t *testing.T) engine {
	t.Helper()
	e := engine{direct: servers.DockerHost(t), image: servers.JobImage(t), secrets: t.TempDir()}
	if err := os.WriteFile(filepath.Join(e.secrets, "readings.csv"), []byte("station_id,observed_at,temperature_c\nSN-DK,2026-01-01T00:00:00Z,25\n"), 0o644); err != nil { // the job's user reads it
		t.Fatal(err)
	}
	for dir := e.secrets; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // the job's user passes through
			t.Fatal(err)
		}
	}
	proxy := httptest.NewServer(newDoor(settings{
		socket: strings.TrimPrefix(e.direct, "unix://"), images: []string{e.image}, networks: []string{"host"}, folders: []string{e.secrets},
	}, slog.New(slog.DiscardHandler)))
	t.Cleanup(proxy.Close)
	e.proxied = "tcp://" + strings.TrimPrefix(proxy.URL, "http://")
	return e
}

// docker runs the engine's own client.
func docker(host string, args ...string) (string, error) {
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+host)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// confined are the flags of a container that the proxy lets through.
func confined(more ...string) []string {
	return append([]string{"--network=host", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=128m", "--pids-limit=64"}, more...)
}

func with(verb string, flags []string, rest ...string) []string {
	return append(append([]string{verb}, flags...), rest...)
}

func TestAJobRunsThroughTheProxyOnARealEngine(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	name := servers.Unique(t)
	flags := confined("--rm", "--name="+name, "--env=SENMETEO_LOG_TO=stdout",
		"--mount=type=bind,source="+e.secrets+"/readings.csv,target=/run/readings.csv,readonly")
	out, err := docker(e.proxied, with("run", flags, e.image, "fetch", "file", "/run/readings.csv", "--dry-run")...)
	if err != nil || !strings.HasSuffix(out, `"outcome":"ok"}`) || !strings.Contains(out, "SN-DK") {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestAJobInTheBackgroundIsSeenStoppedAndRemovedThroughTheProxy(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	name := servers.Unique(t)
	if out, err := docker(e.proxied, with("run", confined("--detach", "--name="+name), e.image, "serve", "--listen=127.0.0.1:0", "--pg-url=postgres://127.0.0.1:1/x")...); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = docker(e.direct, "rm", "--force", name) })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if out, _ := docker(e.proxied, "logs", name); strings.Contains(out, "the page is up") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the job does not log through the proxy")
		}
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"ps", "--format={{.Names}}", "--filter=name=" + name}, name},
		{[]string{"inspect", "--format={{.HostConfig.ReadonlyRootfs}}", name}, "true"},
		{[]string{"stop", name}, name},
		{[]string{"wait", name}, "0"},
		{[]string{"rm", name}, name},
	} {
		if out, err := docker(e.proxied, step.args...); err != nil || !strings.Contains(out, step.want) {
			t.Errorf("docker %v: %v: %s; want %q in it", step.args, err, out, step.want)
		}
	}
}

func TestOthersContainersCanBeNeitherSeenNorTouchedThroughTheProxy(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	name := servers.Unique(t)
	if out, err := docker(e.direct, "run", "--detach", "--network=host", "--name="+name, e.image, "serve", "--listen=127.0.0.1:0", "--pg-url=postgres://127.0.0.1:1/x"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = docker(e.direct, "rm", "--force", name) })
	if out, err := docker(e.proxied, "ps", "--all", "--format={{.Names}}"); err != nil || strings.Contains(out, name) {
		t.Errorf("the list: %v: %s", err, out)
	}
	for _, args := range [][]string{
		{"inspect", "--type=container", name}, {"logs", name}, {"kill", name}, {"stop", name}, {"rm", "--force", name}, {"attach", name}, {"wait", name}, {"start", name},
	} {
		if out, _ := docker(e.proxied, args...); !strings.Contains(strings.ToLower(out), "no such container") { // `rm --force` exits with 0 then
			t.Errorf("docker %v: %s", args, out)
		}
	}
	if out, err := docker(e.direct, "inspect", "--format={{.State.Running}}", name); err != nil || out != "true" {
		t.Errorf("afterwards it runs: %s (%v)", out, err)
	}
}

func TestAContainerThatIsNotAJobIsRefusedByTheProxy(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	mine := servers.Unique(t)
	if out, err := docker(e.proxied, with("create", confined("--name="+mine), e.image, "--version")...); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = docker(e.direct, "rm", "--force", mine) })
	for _, args := range [][]string{
		with("create", confined("--privileged"), e.image),
		with("create", confined("--volume=/:/host"), e.image),
		with("create", confined("--mount=type=bind,source=/,target=/host,readonly"), e.image),
		with("create", confined("--pid=host"), e.image),
		with("create", confined("--user=0"), e.image),
		with("create", confined("--cap-add=SYS_ADMIN"), e.image),
		with("create", confined("--security-opt=seccomp=unconfined"), e.image),
		with("create", confined("--device=/dev/null"), e.image),
		with("create", confined("--entrypoint=/bin/sh"), e.image),
		with("create", confined(), "sleeper"),
		{"create", "--network=host", e.image},
		{"exec", mine, "/senmeteo"},
		{"cp", mine + ":/etc/passwd", "-"},
		{"update", "--memory=0", mine},
		{"rename", mine, mine + "x"},
		{"commit", mine, "other:tag"},
		{"export", mine},
		{"save", e.image},
		{"tag", e.image, "other:tag"},
		{"rmi", e.image},
		{"volume", "ls"},
		{"volume", "create", "other"},
		{"network", "ls"},
		{"network", "connect", "host", mine},
		{"system", "df"},
		{"events", "--since=1s", "--until=0s"},
		{"swarm", "init"},
		{"plugin", "ls"},
	} {
		if out, err := docker(e.proxied, args...); err == nil || !strings.Contains(out, "docker-proxy: ") {
			t.Errorf("docker %v: %v: %s; want the proxy's refusal", args, err, out)
		}
	}
}

func TestAddressesThatCouldBeReadInTwoWaysAreRefused(t *testing.T) {
	t.Parallel()
	asked := 0
	behind := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	behind.Listener = listenUnix(t)
	behind.Start()
	defer behind.Close()
	proxy := httptest.NewServer(newDoor(settings{socket: behind.Listener.Addr().String()}, slog.New(slog.DiscardHandler)))
	defer proxy.Close()
	for _, path := range []string{
		"/v1.41//info", "/v1.41/containers/../info", "/containers/x%2f..%2f..%2finfo/json", "/v1.41/images/x/../../info", "/x/version", "/v2/version",
		"/v1.41/images/x/get", "/containers/a%20b/json", "/info", "/auth", "/build", "/session", "/v1.41/containers/json/", "/",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, proxy.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.URL.Opaque = path
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
	if asked != 0 {
		t.Errorf("the engine was asked %d times", asked)
	}
}

func listenUnix(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
