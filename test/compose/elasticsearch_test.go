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

// curl is a stand-in of the one of Elasticsearch's image, which may be 7.68 (Ubuntu 20.04): it refuses options that came later. It keeps what
// it is asked to send, the address, its last argument, and the body as one line each, and answers with $ANSWER and $STATUS.
const curl = `#!/bin/sh
for word; do
  case $word in
    --silent|--show-error|--config|--request|--write-out|--header|--data-binary|--form) ;;
    --*) echo "curl: option $word: is unknown" >&2; exit 2 ;;
  esac
  echo "$word" >>args
  address=$word
done
echo "${address#http://elasticsearch:9200}" >>sent
case $* in *--data-binary*) tr -d '\n' >>sent; printf '%s\n%s' "$ANSWER" "$STATUS" ;; *) echo "$ANSWER" ;; esac
echo >>sent
`

// setUp runs a script of docker/elasticsearch with that curl, in a folder with secrets, and returns its output.
func setUp(t *testing.T, dir, name, answer, status string) (string, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "elasticsearch", name))
	if err != nil {
		t.Fatal(err)
	}
	elk := filepath.Join(root(t), "elk")
	script := strings.NewReplacer("/run/secrets", dir+"/secrets", "/templates/", elk+"/templates/", "/saved-objects/", elk+"/kibana/").Replace(string(text))
	for name, text := range map[string]string{"script": script, "curl": curl} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/bin/bash", "script")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "ANSWER=" + answer, "STATUS=" + status}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestARefusalEndsWhatSetsElasticsearchAndKibanaUp(t *testing.T) {
	for _, c := range []struct {
		name, answer, status string
		ok                   bool
	}{
		{"init", `{"created":true}`, "200", true},
		{"init", `{"created":true}`, "201", true},
		{"init", `{"error":"no"}`, "403", false},
		{"init", `{"error":"HTTP 200"}`, "500", false},
		{"import", `{"success":true,"successCount":30}`, "", true},
		{"import", `{"success":false,"errors":[{}]}`, "", false},
	} {
		dir := t.TempDir()
		makeSecrets(t, dir)
		if out, err := setUp(t, dir, c.name, c.answer, c.status); (err == nil) != c.ok || !strings.Contains(out, c.answer) {
			t.Errorf("%s, answered %s %s: %v\n%s", c.name, c.status, c.answer, err, out)
		}
	}
}

func TestElasticsearchIsGivenItsUsersWithTheRightsThatTheyNeed(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	if out, err := setUp(t, dir, "init", "{}", "200"); err != nil {
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
