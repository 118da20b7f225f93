//go:build stack

package compose_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
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
	status, got := a.ask(t, method, path, body)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d: %s", method, path, status, got)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, got)
	}
}

// ask returns Airflow's answer, whatever its status.
func (a airflow) ask(t *testing.T, method, path string, body any) (int, []byte) {
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
	return do(t, request)
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

	Scheduled time.Time `json:"scheduled_when"`
	Start     time.Time `json:"start_date"`
	End       time.Time `json:"end_date"`
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

// timetable prints where the time of a run went, from the moment at which each task could have begun: the wait for a worker, Airflow's own
// process until it starts the container, the container, and what the job in it says that it took.
func (a airflow) timetable(t *testing.T, dag, run string, tasks []taskInstance) {
	t.Helper()
	slices.SortFunc(tasks, func(x, y taskInstance) int { return x.Start.Compare(y.Start) })
	var table strings.Builder
	fmt.Fprintf(&table, "%-14s %8s %8s %8s %10s %8s\n", "task", "begins", "waits", "Airflow", "container", "job")
	first, last := tasks[0].Scheduled, tasks[0].End
	for _, task := range tasks {
		if task.End.After(last) {
			last = task.End
		}
		if task.Operator != "SenmeteoOperator" {
			continue
		}
		started := a.containerStart(t, dag, run, task)
		fmt.Fprintf(&table, "%-14s %8.1f %8.1f %8.1f %10.1f %8.2f\n", task.Task, task.Scheduled.Sub(first).Seconds(), task.Start.Sub(task.Scheduled).Seconds(),
			started.Sub(task.Start).Seconds(), task.End.Sub(started).Seconds(), a.jobSeconds(t, dag, run, task))
	}
	t.Logf("%s, seconds: %.1f in all\n%s", dag, last.Sub(first).Seconds(), table.String())
}

// containerStart returns when the log of a task says that its container was about to be started.
func (a airflow) containerStart(t *testing.T, dag, run string, task taskInstance) time.Time {
	t.Helper()
	var log struct {
		Content []struct {
			Time  time.Time `json:"timestamp"`
			Event string    `json:"event"`
		} `json:"content"`
	}
	if err := json.Unmarshal([]byte(a.log(t, dag, run, task)), &log); err != nil {
		t.Fatal(err)
	}
	for _, line := range log.Content {
		if strings.HasPrefix(line.Event, "Starting docker container") {
			return line.Time
		}
	}
	t.Fatalf("the log of %s does not say when its container was started", task.Task)
	return time.Time{}
}

// jobSeconds returns what the report of a task's job says that it took, or 0 of a job that does not say it.
func (a airflow) jobSeconds(t *testing.T, dag, run string, task taskInstance) float64 {
	t.Helper()
	var entry struct {
		Value any `json:"value"`
	}
	status, got := a.ask(t, http.MethodGet, fmt.Sprintf("/api/v2/dags/%s/dagRuns/%s/taskInstances/%s/xcomEntries/return_value?map_index=%d&deserialize=true",
		dag, run, task.Task, task.MapIndex), nil)
	if status != http.StatusOK { // no report
		return 0
	}
	if err := json.Unmarshal(got, &entry); err != nil {
		t.Fatal(err)
	}
	report, _ := entry.Value.(map[string]any)
	seconds, _ := report["seconds"].(float64)
	return seconds
}
