package compose_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// secretFiles reads the folder of the secrets.
func secretFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no secrets in %s: %v", dir, err)
	}
	found := map[string]string{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(path)] = string(text)
	}
	return found
}

func TestSecretsAreRandomAndPrivate(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	makeSecrets(t, one)
	makeSecrets(t, two)
	first, second := secretFiles(t, one), secretFiles(t, two)
	for name, text := range first {
		info, err := os.Stat(filepath.Join(one, "secrets", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "passwd" { // nothing in it is secret
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("secrets/%s has mode %o", name, info.Mode().Perm())
		}
		if text == second[name] {
			t.Errorf("secrets/%s is the same in two installations", name)
		}
		if strings.HasSuffix(name, "password") && len(text) < 32 {
			t.Errorf("secrets/%s has only %d characters", name, len(text))
		}
	}
	for _, path := range []string{filepath.Join(one, "secrets"), filepath.Join(one, ".env")} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
	}
}

func TestSecretsThatExistAreKept(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	env := filepath.Join(dir, ".env")
	if err := os.WriteFile(env, []byte("MINE=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "secrets", "pg-url")); err != nil {
		t.Fatal(err)
	}
	before := secretFiles(t, dir)
	makeSecrets(t, dir)
	after := secretFiles(t, dir)
	if !strings.Contains(after["pg-url"], before["pg-password"]) {
		t.Errorf("the URL that was missing has another password: %s", after["pg-url"])
	}
	delete(after, "pg-url")
	if !maps.Equal(before, after) {
		t.Error("a second run changed secrets")
	}
	if text, err := os.ReadFile(env); err != nil || string(text) != "MINE=1\n" {
		t.Errorf("a second run changed .env: %q, %v", text, err)
	}
}

func TestGitKnowsNoSecret(t *testing.T) {
	for _, path := range []string{".env", "secrets/pg-password"} {
		cmd := exec.Command("git", "check-ignore", "--quiet", path)
		cmd.Dir = root(t)
		if err := cmd.Run(); err != nil {
			t.Errorf("git does not ignore %s: %v", path, err)
		}
	}
}
