package compose_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"senmeteo/test/servers"
)

// docker/redis/latest.conf with the users of make-secrets, in a real Redis. What these users may do, jobs/sink/redis tests.
func TestTheRedisOfTheNewestObservationsIsDurableAndClosedToStrangers(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "redis", "latest.conf"))
	if err != nil {
		t.Fatal(err)
	}
	ports, err := servers.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(ports[0])
	conf := strings.NewReplacer("port 6379", "port "+port, "bind * -::*", "bind 127.0.0.1", "/run/secrets", dir+"/secrets", "dir /var/tmp", "dir "+dir).Replace(string(text))
	path := filepath.Join(dir, "latest.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command("redis-server", path)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	ask := func(login []string, command ...string) string {
		cmd := exec.Command("redis-cli", append(append([]string{"-p", port, "--no-auth-warning"}, login...), command...)...)
		out, _ := cmd.CombinedOutput() // what it says of a failure is an answer, too
		return strings.TrimSpace(string(out))
	}
	secrets := secretFiles(t, dir)
	jobs, reader := []string{"--user", "meteo", "--pass", secrets["redis-latest-password"]}, []string{"--user", "reader", "--pass", secrets["redis-latest-reader-password"]}
	for deadline := time.Now().Add(time.Minute); ask(reader, "ping") != "PONG"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("as the health check asks, it answers %q", ask(reader, "ping"))
		}
	}
	for _, c := range []struct {
		login   []string
		command []string
		want    string
	}{
		{nil, []string{"ping"}, "NOAUTH"},
		{jobs, []string{"hset", "meteo:latest:x", "id", "1"}, "1"},
		{jobs, []string{"hset", "other", "id", "1"}, "NOPERM"},
		{jobs, []string{"config", "get", "appendfsync"}, "NOPERM"},
		{reader, []string{"hget", "meteo:latest:x", "id"}, "1"},
		{reader, []string{"keys", "*"}, "NOPERM"},
		{reader, []string{"hset", "meteo:latest:x", "id", "2"}, "NOPERM"},
	} {
		if got := ask(c.login, c.command...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %q, want %s", c.command, got, c.want)
		}
	}
	for _, line := range []string{"appendonly yes", "appendfsync always", "maxmemory-policy noeviction"} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("latest.conf does not say %s", line)
		}
	}
	limit := config(t, "core").Services["redis-latest"].MemLimit
	if !strings.Contains(string(text), "\nmaxmemory 40mb\n") || limit != "67108864" {
		t.Errorf("of %s bytes the data may have 40 MB: the rest is for copies while the file is rewritten", limit)
	}
}
