//go:build stack

package compose_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// airflow speaks to Airflow's API as the admin whom `make secrets` gave a password.
type airflow struct{ token string }

func login(t *testing.T, password string) airflow {
	t.Helper()
	var answer struct {
		Token string `json:"access_token"`
	}
	airflow{}.call(t, http.MethodPost, "/auth/token", map[string]string{"username": "admin", "password": password}, &answer)
	if answer.Token == "" {
		t.Fatal("Airflow gives no token for the admin's password")
	}
	return airflow{token: answer.Token}
}

func (a airflow) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	status, got := do(t, request)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d: %s", method, path, status, got)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, got)
	}
}

func do(t *testing.T, request *http.Request) (int, []byte) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, got
}

// get returns the body at a URL, which must be there.
func get(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	status, got := do(t, request)
	if status != http.StatusOK {
		t.Fatalf("%s: %d: %s", url, status, got)
	}
	return got
}

type dagRun struct {
	ID    string `json:"dag_run_id"`
	State string `json:"state"`
}

// trigger starts a run of a DAG, as the button in the UI does.
func (a airflow) trigger(t *testing.T, dag string, conf map[string]string) string {
	t.Helper()
	var run dagRun
	a.call(t, http.MethodPost, "/api/v2/dags/"+dag+"/dagRuns", map[string]any{"logical_date": time.Now().UTC().Format(time.RFC3339Nano), "conf": conf}, &run)
	return run.ID
}

type taskInstance struct {
	Task     string `json:"task_id"`
	State    string `json:"state"`
	Hostname string `json:"hostname"`
	Operator string `json:"operator_name"`
	Try      int    `json:"try_number"`
	MapIndex int    `json:"map_index"`
}

func (a airflow) tasks(t *testing.T, dag, run string) []taskInstance {
	t.Helper()
	var answer struct {
		Tasks []taskInstance `json:"task_instances"`
	}
	a.call(t, http.MethodGet, "/api/v2/dags/"+dag+"/dagRuns/"+run+"/taskInstances?limit=100", nil, &answer)
	return answer.Tasks
}

// succeed waits until a run is green.
func (a airflow) succeed(t *testing.T, dag, run string) []taskInstance {
	t.Helper()
	for deadline := time.Now().Add(8 * time.Minute); ; time.Sleep(2 * time.Second) {
		var now dagRun
		a.call(t, http.MethodGet, "/api/v2/dags/"+dag+"/dagRuns/"+run, nil, &now)
		switch {
		case now.State == "success":
			return a.tasks(t, dag, run)
		case now.State == "failed" || time.Now().After(deadline):
			var logs strings.Builder
			for _, task := range a.tasks(t, dag, run) {
				fmt.Fprintf(&logs, "%+v\n", task)
				if task.State == "failed" || task.State == "up_for_retry" {
					fmt.Fprintf(&logs, "%s\n", a.log(t, dag, run, task))
				}
			}
			t.Fatalf("run %s of %s is %s:\n%s", run, dag, now.State, logs.String())
		}
	}
}

func (a airflow) log(t *testing.T, dag, run string, task taskInstance) string {
	t.Helper()
	var answer json.RawMessage
	a.call(t, http.MethodGet, fmt.Sprintf("/api/v2/dags/%s/dagRuns/%s/taskInstances/%s/logs/%d?map_index=%d&full_content=true", dag, run, task.Task, max(1, task.Try), task.MapIndex), nil, &answer)
	return string(answer)
}
