package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// jobs may change indices of their own, logs add lines and nothing else.
const (
	jobs = `{"cluster":["monitor","manage_index_templates"],"indices":[{"names":["meteo-*"],"privileges":["create_index","index","create","delete","read","view_index_metadata","manage"]}]}`
	logs = `{"cluster":["monitor"],"indices":[{"names":["logs-senmeteo-*"],"privileges":["auto_configure","create_doc"]}]}`
)

func TestARoleAllowsWhatItsPrivilegesGive(t *testing.T) {
	for _, c := range []struct {
		of, method, path, body string
		want                   bool
	}{
		{jobs, "GET", "/", "", true},
		{jobs, "PUT", "/_index_template/meteo-clean", "{}", true},
		{jobs, "PUT", "/meteo-clean-*/_mapping", "{}", true},
		{jobs, "POST", "/_bulk", `{"index":{"_index":"meteo-clean-2026.01"}}` + "\n{}\n" + `{"delete":{"_index":"meteo-clean-2026.02"}}`, true},
		{jobs, "POST", "/_bulk", `{"index":{"_index":"meteo-clean-2026.01"}}` + "\n{}\n" + `{"index":{"_index":"meteo-dlq-1"}}` + "\n{}\n", true},
		{jobs, "POST", "/_bulk", `{"index":{"_index":"meteo-clean-2026.01"}}` + "\n{}\n" + `{"index":{"_index":"other"}}` + "\n{}\n", false},
		{jobs, "POST", "/other/_search", "{}", false},
		{jobs, "POST", "/meteo-clean-*,other/_search", "{}", false},
		{jobs, "DELETE", "/meteo-clean-2026.01", "", true},
		{logs, "GET", "/_license", "", true},
		{logs, "POST", "/_bulk", `{"create":{"_index":"logs-senmeteo-default"}}` + "\n{}\n", true},
		{logs, "POST", "/_bulk", `{"index":{"_index":"logs-senmeteo-default"}}` + "\n{}\n", false},
		{logs, "POST", "/logs-senmeteo-default/_search", "{}", false},
		{logs, "PUT", "/_index_template/logs-senmeteo", "{}", false},
	} {
		var r role
		if err := json.Unmarshal([]byte(c.of), &r); err != nil {
			t.Fatal(err)
		}
		takes, err := needs(c.method, c.path, []byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		got := true
		for _, n := range takes {
			got = got && r.allows(n)
		}
		if got != c.want {
			t.Errorf("%s %s %s: %v, want %v", c.method, c.path, c.body, got, c.want)
		}
	}
	for _, unknown := range []string{"/_ilm/policy/x", "/meteo-clean/_forcemerge"} {
		if takes, err := needs(http.MethodPost, unknown, nil); err == nil {
			t.Errorf("%s takes %v, of which nobody knows", unknown, takes)
		}
	}
}

func TestOnlyTheSuperuserMakesUsers(t *testing.T) {
	d := newDoor("secret-1")
	ask := func(user, password, method, path, body string) int {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		user, password, method, path, body string
		want                               int
	}{
		{"", "", "GET", "/", "", 401},
		{"elastic", "wrong", "GET", "/", "", 401},
		{"kibana_system", "", "GET", "/", "", 401},
		{"elastic", "secret-1", "PUT", "/_security/user/kibana_system/_password", `{"password":"secret-2"}`, 200},
		{"elastic", "secret-1", "PUT", "/_security/user/nobody/_password", `{"password":"secret-2"}`, 400},
		{"elastic", "secret-1", "PUT", "/_security/role/logs", logs, 200},
		{"elastic", "secret-1", "PUT", "/_security/user/filebeat", `{"password":"secret-3","roles":["logs"]}`, 200},
		{"elastic", "secret-1", "PUT", "/_security/user/short", `{"password":"five5","roles":["logs"]}`, 400},
		{"filebeat", "secret-3", "GET", "/_security/_authenticate", "", 200},
		{"filebeat", "secret-3", "PUT", "/_security/user/other", `{"password":"secret-4","roles":["superuser"]}`, 403},
		{"filebeat", "secret-3", "POST", "/meteo-clean/_search", "{}", 403},
	} {
		if got := ask(c.user, c.password, c.method, c.path, c.body); got != c.want {
			t.Errorf("%s as %q: %d, want %d", c.path, c.user, got, c.want)
		}
	}
}
