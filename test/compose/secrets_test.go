package compose_test

import (
	"encoding/base64"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	}
	checkPasswords(t, first)
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

// checkPasswords looks for passwords and keys that are not 40 letters and digits.
func checkPasswords(t *testing.T, files map[string]string) {
	t.Helper()
	password := regexp.MustCompile(`^[A-Za-z0-9]{40}$`)
	checked := 0
	for name, text := range files {
		if strings.HasSuffix(name, "-password") || name == "airflow-jwt-secret" || name == "airflow-secret-key" {
			if checked++; !password.MatchString(text) {
				t.Errorf("secrets/%s is not 40 letters and digits: it has %d characters", name, len(text))
			}
		}
	}
	if checked < 16 {
		t.Errorf("only %d passwords are there", checked)
	}
	keys := regexp.MustCompile(`(?m)Key: "[A-Za-z0-9]{40}"$`).FindAllString(files["kibana.yml"], -1)
	if len(keys) != 3 {
		t.Errorf("of Kibana's three keys %d are 40 letters and digits", len(keys))
	}
}

// How many characters are left when those of base64 that are neither letters nor digits are dropped is chance. Here all capital letters are
// such characters, so that a password needs more than one piece.
func TestAPasswordHasItsFullLengthWhateverBytesItIsMadeOf(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	tool, err := exec.LookPath("base64")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tools, "base64"), []byte("#!/bin/sh\n"+tool+" | tr 'A-Z' '/'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(root(t), "docker", "make-secrets"), dir)
	cmd.Env = []string{"PATH=" + tools + string(os.PathListSeparator) + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkPasswords(t, secretFiles(t, dir))
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

// The tools of macOS have no long options, another stat, and a base64 that breaks no lines and has no -w.
func TestSecretsAreMadeByToolsThatKnowPOSIXAlone(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	for _, tool := range []string{"awk", "base64", "cat", "chmod", "dirname", "head", "id", "ls", "mkdir", "mv", "stat", "tr", "chown"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		refused := "--*"
		switch tool {
		case "base64", "stat":
			refused = "-*"
		}
		script := "#!/bin/sh\nfor word; do case $word in " + refused + ") echo \"" + tool + ": illegal option $word\" >&2; exit 1 ;; esac; done\nexec " + path + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(tools, tool), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(tools, "uname"), []byte("#!/bin/sh\necho Darwin\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/bash", filepath.Join(root(t), "docker", "make-secrets"), dir)
	cmd.Env = []string{"PATH=" + tools}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "illegal option") {
		t.Fatalf("%v\n%s", err, out)
	}
	files := secretFiles(t, dir)
	checkPasswords(t, files)
	if key, err := base64.URLEncoding.Strict().DecodeString(files["airflow-fernet-key"]); err != nil || len(key) != 32 {
		t.Errorf("Airflow's key is %d bytes: %v", len(key), err)
	}
	env, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(env), "\nSENMETEO_DOCKER_GID=0\n") || !strings.Contains(string(env), "\nSENMETEO_UID=") || strings.Contains(string(env), "=\n") {
		t.Errorf(".env is\n%s", env)
	}
}

// What people get a password for may read and nothing else; the superusers' passwords stay with those who set something up.
func TestPeopleHaveReadersOfTheirOwn(t *testing.T) {
	services := config(t, "full").Services
	for secret, users := range map[string][]string{
		"pg-reader-password":     {"postgres"},
		"pg-reader-url":          {"page"},
		"kibana-reader-password": {"elasticsearch-init"},
		"elastic-curl":           {"elasticsearch-init", "kibana-init"},
		"elastic-password":       {"elasticsearch"},
		"postgres-password":      {"postgres"},
		"pg-url":                 nil,
	} {
		var have []string
		for name, s := range services {
			for _, mounted := range s.Secrets {
				if mounted.Source == secret {
					have = append(have, name)
				}
			}
		}
		if slices.Sort(have); !slices.Equal(have, users) {
			t.Errorf("%s is given to %v, not to %v", secret, have, users)
		}
	}
	dir := t.TempDir()
	makeSecrets(t, dir)
	if files := secretFiles(t, dir); files["pg-reader-url"] != "postgres://reader:"+files["pg-reader-password"]+"@postgres:5432/meteo?sslmode=disable" {
		t.Error("the reader's URL has another password than the reader")
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
