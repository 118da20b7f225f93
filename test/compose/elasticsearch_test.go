package compose_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// docker/elasticsearch/init, with a stand-in of curl that keeps what it is asked to send.
func TestElasticsearchIsGivenItsUsersWithTheRightsThatTheyNeed(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "elasticsearch", "init"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/run/secrets", dir+"/secrets", "/templates/", filepath.Join(root(t), "elk", "templates")+"/").Replace(string(text))
	// The address is the last argument; it and the body become one line each.
	const curl = "#!/bin/sh\nfor word; do echo \"$word\" >>args; address=$word; done\necho \"${address#http://elasticsearch:9200}\" >>sent\ntr -d '\\n' >>sent\necho >>sent\n"
	for name, text := range map[string]string{"init": script, "curl": curl} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/bin/bash", "init")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	secrets := secretFiles(t, dir)
	type user struct {
		Password string
		Roles    []string
	}
	users := map[string]user{}
	lines := strings.Split(read("sent"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		var u user
		if err := json.Unmarshal([]byte(lines[i+1]), &u); err != nil {
			t.Errorf("%s gets %s: %v", lines[i], lines[i+1], err)
		}
		users[lines[i]] = u
	}
	for path, want := range map[string]user{
		"/_security/user/kibana_system/_password": {Password: secrets["kibana-password"]},
		"/_security/role/meteo_jobs":              {},
		"/_security/user/meteo":                   {Password: secrets["es-password"], Roles: []string{"meteo_jobs"}},
		"/_index_template/logs-senmeteo":          {},
		"/_security/role/senmeteo_logs":           {},
		"/_security/user/filebeat":                {Password: secrets["filebeat-password"], Roles: []string{"senmeteo_logs"}},
		"/_security/user/reader":                  {Password: secrets["kibana-reader-password"], Roles: []string{"viewer"}},
	} {
		got, ok := users[path]
		if !ok || got.Password != want.Password || strings.Join(got.Roles, " ") != strings.Join(want.Roles, " ") {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
		if want.Password != "" && strings.Contains(read("args"), want.Password) {
			t.Errorf("%s: the password is an argument", path)
		}
	}
	if len(users) != 7 {
		t.Errorf("%d requests, not 7: %v", len(users), lines)
	}
	// Without its template the first line would make a data stream by the one that Elasticsearch has for all logs.
	if slices.Index(lines, "/_index_template/logs-senmeteo") > slices.Index(lines, "/_security/user/filebeat") {
		t.Error("Filebeat may write before the template is there")
	}
}
