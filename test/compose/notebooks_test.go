package compose_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What runs in the notebooks is whatever somebody writes there.
func TestNotebooksHaveTheSecretsOfReadersAlone(t *testing.T) {
	for name, want := range map[string][]string{
		"jupyter": {"es-reader-url", "jupyter-token", "passwd", "pg-reader-url"},
		"explore": {"passwd", "pg-reader-url"},
	} {
		var got []string
		for _, secret := range config(t, "notebooks").Services[name].Secrets {
			got = append(got, secret.Source)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s has the secrets %v, want %v", name, got, want)
		}
	}
	dir := t.TempDir()
	makeSecrets(t, dir)
	files := secretFiles(t, dir)
	for name, user := range map[string]string{"pg-reader-url": "reader:" + files["pg-reader-password"], "es-reader-url": "reader:" + files["kibana-reader-password"]} {
		if !strings.Contains(files[name], "://"+user+"@") {
			t.Errorf("secrets/%s is not the address of the user reader", name)
		}
	}
	if len(files["jupyter-token"]) != 40 {
		t.Errorf("the token of JupyterLab has %d characters", len(files["jupyter-token"]))
	}
}

// They only add to the other profiles, so that what is there already goes on as it is.
func TestNotebooksNeedNoOtherService(t *testing.T) {
	p := config(t, "notebooks")
	for name, s := range p.Services {
		if len(s.DependsOn) > 0 {
			t.Errorf("%s waits for %v", name, s.DependsOn)
		}
		if _, ok := s.Networks["stack"]; !ok || len(s.Networks) != 1 {
			t.Errorf("%s is in the networks %v", name, s.Networks)
		}
	}
	if len(p.Services) != 2 {
		t.Errorf("the profile has %d services, want 2", len(p.Services))
	}
}

func TestTheImageOfTheNotebooksIsPinned(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "notebooks", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "--require-hashes --no-deps --requirement /requirements.txt") {
		t.Error("pip installs what has no hash")
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "FROM" && !strings.ContainsAny(fields[1], "0123456789") {
			t.Errorf("the version of %s is not pinned", fields[1])
		}
	}
	if !strings.Contains(string(text), "\nUSER 10001:0\n") {
		t.Error("the image starts as root")
	}
}
