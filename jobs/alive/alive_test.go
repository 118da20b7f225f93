package alive

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func begin(t *testing.T, places []string, job, url string) *Heartbeat {
	t.Helper()
	m, err := Start(places, job, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestARunningJobIsSeenAndOneThatHasEndedIsNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, err := Start([]string{dir}, "stream", "")
	if err != nil {
		t.Fatal(err)
	}
	jobs := Look([]string{dir}, "", time.Now())
	if len(jobs) != 1 || jobs[0].Name != "stream" || jobs[0].PID != os.Getpid() {
		t.Fatalf("seen: %+v", jobs)
	}
	if err := jobs[0].Check(t.Context(), 15*time.Second); err != nil {
		t.Errorf("a job that has just started: %v", err)
	}
	if jobs := Look([]string{dir}, "to-pg", time.Now()); len(jobs) != 0 {
		t.Errorf("asked about another job: %+v", jobs)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAJobThatMakesNoProgressHasNoHeartbeat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := time.Now()
	m := &Heartbeat{path: begin(t, []string{dir}, "stream", "").path, now: func() time.Time { return clock }}
	age := func() time.Duration {
		m.touch()
		return Look([]string{dir}, "", clock)[0].Age
	}
	for _, step := range []struct {
		name    string
		do      func()
		passing time.Duration
		alive   bool
	}{
		{"not known to be at work, it may take its time", func() {}, time.Hour, true},
		{"watched, it makes progress", func() { m.Watch(time.Minute) }, 50 * time.Second, true},
		{"it makes progress again", m.Progress, 50 * time.Second, true},
		{"it hangs", func() {}, 50 * time.Second, false},
		{"it goes on", m.Progress, time.Second, true},
	} {
		step.do()
		clock = clock.Add(step.passing)
		if got := age() < time.Second; got != step.alive {
			t.Errorf("%s: a heartbeat: %v, want %v", step.name, got, step.alive)
		}
	}
	if jobs := Look([]string{dir}, "", clock.Add(16*time.Second)); jobs[0].Check(t.Context(), 15*time.Second) == nil {
		t.Error("no sign for 16 s is healthy, want it to be more than may be")
	}
}

func TestHeartbeatsOfOtherNamespacesAndOfDeadProcessesAreIgnored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	begin(t, []string{dir}, "stream", "")
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"senmeteo-other.alive":   `{"job":"other","pid":1,"space":"1-","started":"1"}`,
		"senmeteo-dead.alive":    `{"job":"dead","pid":` + strconv.Itoa(gone.Process.Pid) + `,"space":"` + space() + `","started":"12345"}`,
		"senmeteo-garbage.alive": `no JSON`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if jobs := Look([]string{dir}, "", time.Now()); len(jobs) != 1 || jobs[0].Name != "stream" {
		t.Errorf("seen: %+v, want stream alone", jobs)
	}
	begin(t, []string{dir}, "to-pg", "")
	if _, err := os.Stat(filepath.Join(dir, "senmeteo-dead.alive")); err == nil {
		t.Error("the file of a dead process is not removed by the next job")
	}
	if _, err := os.Stat(filepath.Join(dir, "senmeteo-other.alive")); err != nil {
		t.Error("the file of another container was removed")
	}
}

func TestAPlaceThatCannotBeWrittenToIsSkipped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	begin(t, []string{missing, dir}, "stream", "")
	if jobs := Look([]string{missing, dir}, "", time.Now()); len(jobs) != 1 {
		t.Errorf("seen: %+v", jobs)
	}
	if _, err := Start([]string{missing}, "stream", ""); err == nil || !strings.Contains(err.Error(), "starting the heartbeat") {
		t.Errorf("without any place the error is %v", err)
	}
	var none *Heartbeat // what a job has then
	none.Watch(time.Second)
	none.Progress()
	if err := none.Close(); err != nil {
		t.Error(err)
	}
}

func TestAServerIsAskedToo(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	s := Job{Name: "serve", URL: server.URL + "/healthz"}
	if err := s.Check(t.Context(), time.Second); err != nil {
		t.Errorf("it answers 200: %v", err)
	}
	status = http.StatusServiceUnavailable
	if err := s.Check(t.Context(), time.Second); err == nil {
		t.Error("it answers 503, which is healthy")
	}
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hung.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := (Job{URL: hung.URL}).Check(ctx, time.Second); err == nil {
		t.Error("it does not answer, which is healthy")
	}
}
