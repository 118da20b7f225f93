//go:build stack

package compose_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// balanced is what reconcile says when all is well.
const balanced = "balanced: nothing is lost, nothing is doubled"

// finished is the end of a job's report, in the log of its task.
var finished = regexp.MustCompile(`\\"outcome\\":\\"(ok|nothing)\\"`)

// stack is docker-compose.yml, started on an engine of its own with images of this machine.
type stack struct {
	engine
	dir string // of .env and secrets
}

func startStack(t *testing.T) stack {
	t.Helper()
	s := stack{engine: startEngine(t), dir: t.TempDir()}
	base := filepath.Join(root(t), ".cache", "compose", "base.tar")
	s.run(t, filepath.Join(root(t), "test", "compose", "images"), base)

	t.Setenv("SENMETEO_DOCKER_SOCKET", s.socket)
	makeSecrets(t, s.dir)
	// Readings that are made here, as nothing is to be had from outside.
	t.Setenv("SENMETEO_DAG_SOURCES", "generate")
	s.compose(t, "full", "up", "--detach", "--no-build")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.try("full", "ps", "--all"))
			t.Log(s.try("full", "logs", "--tail", "40"))
		}
	})
	return s
}

func (s stack) command(profile string, args ...string) *exec.Cmd {
	// The engine's clients are the compose program's, in the versions that it was built with.
	all := append([]string{"--file", "docker-compose.yml", "--env-file", filepath.Join(s.dir, ".env"), "--profile", profile, "--progress", "quiet"}, args...)
	cmd := exec.Command(".cache/bin/docker-compose", all...)
	cmd.Dir, cmd.Env = "../..", s.env()
	return cmd
}

// compose runs the compose program and returns what it prints on standard output.
func (s stack) compose(t *testing.T, profile string, args ...string) string {
	t.Helper()
	cmd := s.command(profile, args...)
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker compose %s: %v\n%s\n%s", strings.Join(args, " "), err, out, problem.String())
	}
	return string(out)
}

func (s stack) try(profile string, args ...string) string {
	out, err := s.command(profile, args...).CombinedOutput()
	return fmt.Sprintf("%s\n%v", out, err)
}

func (s stack) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = "../..", s.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (s stack) secret(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "secrets", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The whole of it, from an empty engine to three stores that agree: what docs/quickstart.md promises.
func TestTheStackIngestsWeather(t *testing.T) {
	s := startStack(t)
	s.watchMemory(t)

	t.Run("every service becomes healthy", func(t *testing.T) { s.awaitHealthy(t) })
	t.Run("containers are what docker-compose.yml says", func(t *testing.T) { s.checkContainers(t) })

	const days, stations, perDay = 2, 14, 144
	to := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	from := to.AddDate(0, 0, -days)
	const want = days * stations * perDay

	air := login(t, s.secret(t, "airflow-admin-password"))
	var ingest string
	t.Run("a Celery worker runs the DAGs", func(t *testing.T) {
		backfill := air.trigger(t, "weather_backfill", map[string]string{
			"source": "generate", "from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly), "stations": "all",
		})
		air.succeed(t, "weather_backfill", backfill)
		ingest = air.trigger(t, "weather_ingest", map[string]string{})
		worker := strings.TrimSpace(s.compose(t, "full", "exec", "-T", "airflow-worker", "hostname"))
		done := map[string]bool{}
		tasks := air.succeed(t, "weather_ingest", ingest)
		air.timetable(t, "weather_ingest", ingest, tasks)
		for _, task := range tasks {
			if task.Task == "watcher" {
				continue
			}
			if task.State != "success" || task.Hostname != worker {
				t.Errorf("task %s is %s on %q; the worker is %s", task.Task, task.State, task.Hostname, worker)
			}
			done[task.Task] = true
			// "nothing" where the run that began by itself has loaded the back-fill.
			if text := air.log(t, "weather_ingest", ingest, task); !finished.MatchString(text) && strings.HasPrefix(task.Task, "to-") {
				t.Errorf("the log of %s holds no report: %s", task.Task, text)
			}
		}
		for _, task := range []string{"fetch", "stream", "to-hdfs", "to-es", "to-pg", "to-redis", "reconcile", "status"} {
			if !done[task] {
				t.Errorf("task %s did not run", task)
			}
		}
	})
	t.Run("PostgreSQL, Elasticsearch and HDFS hold each observation once", func(t *testing.T) {
		if got := s.countPostgres(t, from, to); got != want {
			t.Errorf("PostgreSQL has %d observations, not %d", got, want)
		}
		if got := s.countElasticsearch(t, from, to); got != want {
			t.Errorf("Elasticsearch has %d observations, not %d", got, want)
		}
		s.awaitBalance(t)
	})
	t.Run("Redis holds the newest observation of each region, and a reader of its own asks for it", func(t *testing.T) {
		// A run of weather_forecast that began by itself may have been stored as well.
		newest := s.askRedis(t, "zrange", "meteo:latest", "0", "-1")
		if got := strings.Count(newest+"\n", ":generate:observed\n"); got != stations {
			t.Errorf("Redis has the newest observations of %d stations, not %d: %s", got, stations, newest)
		}
		if got := s.askRedis(t, "hget", "meteo:latest:SN-KD:generate:observed", "region"); got != "Kolda" {
			t.Errorf("the newest observation of SN-KD is of %q", got)
		}
		if got := s.askRedis(t, "del", "meteo:latest"); !strings.Contains(got, "NOPERM") {
			t.Errorf("the reader deletes: %s", got)
		}
	})
	t.Run("Elasticsearch has the lines and the reports of a run by its id", func(t *testing.T) { s.findLogs(t, ingest) })
	t.Run("every user may do what the stack asks, and Kibana has its dashboards", func(t *testing.T) { s.checkUsers(t) })
	t.Run("the NameNode's file browser gives a reader a Parquet file", func(t *testing.T) {
		file := browseHDFS(t, from)
		read := "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=30).read(4).decode())"
		out := s.compose(t, "full", "exec", "-T", "airflow-scheduler", "python", "-c", read, "http://namenode:9870"+file)
		if strings.TrimSpace(out) != "PAR1" {
			t.Errorf("a program in the network gets %q by WebHDFS", out)
		}
	})
	t.Run("the live page shows the regions, with the newest observations of Redis", func(t *testing.T) {
		s.awaitPage(t)
	})
	t.Run("follow: two workers of stream share the partitions and nothing is doubled", func(t *testing.T) {
		s.follow(t, air, to, want/days)
	})
}

// awaitHealthy waits until all that stays is healthy, and all that ends has ended well.
func (s stack) awaitHealthy(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(2 * time.Second) {
		var waiting []string
		services := 0
		decoder := json.NewDecoder(strings.NewReader(s.compose(t, "full", "ps", "--all", "--format", "json")))
		for decoder.More() {
			var c struct {
				Service, State, Health string
				ExitCode               int
			}
			if err := decoder.Decode(&c); err != nil {
				t.Fatal(err)
			}
			services++
			if c.Health != "healthy" && (c.State != "exited" || c.ExitCode != 0) {
				waiting = append(waiting, fmt.Sprintf("%s is %s (%s)", c.Service, c.State, c.Health))
			}
		}
		if len(waiting) == 0 && services > 10 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not healthy: %s", strings.Join(waiting, ", "))
		}
	}
}

// checkContainers looks at the containers as the engine has them.
func (s stack) checkContainers(t *testing.T) {
	t.Helper()
	ids, err := s.docker("ps", "--quiet")
	if err != nil {
		t.Fatal(ids)
	}
	for _, id := range strings.Fields(ids) {
		line, err := s.docker("inspect", "--format", `{{.Name}}|{{.Config.User}}|{{.HostConfig.ReadonlyRootfs}}|{{.HostConfig.CapDrop}}|{{.HostConfig.Memory}}|{{range .Mounts}}{{.Source}} {{end}}`, id)
		if err != nil && strings.Contains(strings.ToLower(line), "no such object") {
			continue // of a job of Airflow, which has ended meanwhile
		}
		if err != nil {
			t.Fatal(line)
		}
		field := strings.Split(line, "|")
		if field[1] == "" || strings.HasPrefix(field[1], "0") || field[2] != "true" || field[3] != "[ALL]" || field[4] == "0" {
			t.Errorf("%s is not confined", line)
		}
		if strings.Contains(field[5], "docker.sock") != strings.Contains(field[0], "docker-proxy") {
			t.Errorf("%s: who has the engine's socket?", line)
		}
	}
	// The engine is out of reach for all but the worker. Those that don't reach it wait for the name, so all ask at the same time.
	var asking sync.WaitGroup
	for _, service := range []string{"airflow-worker", "airflow-scheduler", "kafka", "postgres"} {
		asking.Go(func() {
			out := s.try("full", "exec", "-T", service, "bash", "-c", "exec 3<>/dev/tcp/docker-proxy/2375")
			if reaches := strings.HasSuffix(out, "<nil>"); reaches != (service == "airflow-worker") {
				t.Errorf("whether %s reaches docker-proxy is %v: %s", service, reaches, out)
			}
		})
	}
	asking.Wait()
}

// awaitBalance waits until reconcile finds that all stores hold what was sent. While a run of weather_ingest that began by itself is between its
// tasks, it can't: `stream` is at work, or some stores are loaded and others are not.
func (s stack) awaitBalance(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(2 * time.Second) {
		out := s.try("full", "run", "--rm", "--no-deps", "-T", "senmeteo", "reconcile")
		if strings.Contains(out, balanced) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("reconcile says %s", out)
		}
	}
}

// awaitPage waits until the page shows the regions, and reads Redis: it gives Redis a second to answer, which may be too little while the
// stack starts, and then logs when it answers again.
func (s stack) awaitPage(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(2 * time.Second) {
		page := get(t, "http://127.0.0.1:8090/")
		out := s.compose(t, "full", "logs", "--no-log-prefix", "page")
		const redis = "the store of the newest observations "
		if strings.Contains(string(page), "Kédougou") && strings.Count(out, redis+"does not answer") == strings.Count(out, redis+"answers again") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the page does not know Kédougou, or reads PostgreSQL and not Redis: %s\n%.2000s", out, page)
		}
	}
}

func (s stack) countPostgres(t *testing.T, from, to time.Time) int {
	t.Helper()
	db, err := pgx.Connect(t.Context(), strings.Replace(s.secret(t, "pg-url"), "@postgres:", "@127.0.0.1:", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	var n int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM meteo.observation WHERE observed_at >= $1 AND observed_at < $2`, from, to).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// askRedis asks the Redis of the newest observations, as the user for people.
func (s stack) askRedis(t *testing.T, command ...string) string {
	t.Helper()
	const ask = `REDISCLI_AUTH=$(cat /run/secrets/redis-latest-reader-password) redis-cli --user reader --no-auth-warning "$@"`
	return strings.TrimSpace(s.compose(t, "full", append([]string{"exec", "-T", "redis-latest", "sh", "-c", ask, "sh"}, command...)...))
}

// elasticsearch asks as a user.
func (s stack) elasticsearch(t *testing.T, user, secret, path string) []byte {
	t.Helper()
	return get(t, "http://"+user+":"+s.secret(t, secret)+"@127.0.0.1:9200"+path)
}

func (s stack) countElasticsearch(t *testing.T, from, to time.Time) int {
	t.Helper()
	query := fmt.Sprintf("observed_at:[%q TO %q}", from.Format(time.RFC3339), to.Format(time.RFC3339))
	s.elasticsearch(t, "elastic", "elastic-password", "/meteo-clean/_refresh")
	var answer struct {
		Count int `json:"count"`
	}
	if err := json.Unmarshal(s.elasticsearch(t, "reader", "kibana-reader-password", "/meteo-clean/_count?q="+url.QueryEscape(query)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Count
}

// findLogs waits until Filebeat has brought what the tasks of a run have logged, into a data stream by the template of ours.
func (s stack) findLogs(t *testing.T, run string) {
	t.Helper()
	var reports, kafka struct {
		Count int `json:"count"`
	}
	count := func(query string) []byte {
		return s.elasticsearch(t, "reader", "kibana-reader-password", "/logs-senmeteo-*/_count?q="+url.QueryEscape(query))
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(2 * time.Second) {
		err := errors.Join(json.Unmarshal(count(fmt.Sprintf("senmeteo.run_id:%q AND event.dataset:senmeteo.report", run)), &reports), json.Unmarshal(count("service.name:kafka"), &kafka))
		if err != nil {
			t.Fatal(err)
		}
		if reports.Count >= 6 && kafka.Count > 0 { // fetch, stream, four stores
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Elasticsearch has %d reports of run %s and %d lines of Kafka\n%s", reports.Count, run, kafka.Count, s.try("full", "logs", "filebeat"))
		}
	}
}

// checkUsers looks whether anybody was refused what it asked Elasticsearch for, and how many objects Kibana has imported.
func (s stack) checkUsers(t *testing.T) {
	t.Helper()
	if out := s.compose(t, "full", "logs", "--no-log-prefix", "elasticsearch"); strings.Contains(out, "refused:") {
		t.Errorf("a role lacks a privilege: %s", out)
	}
	text, err := os.ReadFile(filepath.Join(root(t), "elk", "kibana", "dashboards.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`"successCount":%d`, strings.Count(string(text), "\n"))
	if out := s.compose(t, "full", "logs", "--no-log-prefix", "kibana-init"); !strings.Contains(out, `"success":true`) || !strings.Contains(out, want) {
		t.Errorf("kibana-init says %s, not %s", out, want)
	}
}

// browseHDFS does what the file browser of the NameNode's pages does in a reader's browser: it lists a folder, and asks for a file, which the
// NameNode answers with the DataNode's address. It returns the file's path in WebHDFS.
func browseHDFS(t *testing.T, day time.Time) string {
	t.Helper()
	const namenode = "http://localhost:9870"
	folder := "/webhdfs/v1/data/meteo/clean/date=" + day.Format(time.DateOnly)
	var list struct {
		FileStatuses struct {
			FileStatus []struct{ PathSuffix, Owner string }
		}
	}
	if err := json.Unmarshal(get(t, namenode+folder+"?op=LISTSTATUS"), &list); err != nil {
		t.Fatal(err)
	}
	files := list.FileStatuses.FileStatus
	if len(files) == 0 || files[0].Owner != "senmeteo" {
		t.Fatalf("the files of %s are %+v", day.Format(time.DateOnly), files)
	}
	open := folder + "/" + files[0].PathSuffix + "?op=OPEN"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, namenode+open, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	at, ok := strings.CutPrefix(response.Header.Get("Location"), "http://datanode.localhost:9864/")
	if !ok {
		t.Fatalf("the NameNode sends a reader's browser to %q", response.Header.Get("Location"))
	}
	// A browser takes the name for this machine; the resolver of this one may not know it.
	if text := get(t, "http://127.0.0.1:9864/"+at); !strings.HasPrefix(string(text), "PAR1") || !strings.HasSuffix(string(text), "PAR1") {
		t.Errorf("%s is not a Parquet file: %.20q", open, text)
	}
	return open
}

// follow lets jobs that never end take the place of Airflow, and gives them the readings of one more day.
func (s stack) follow(t *testing.T, air airflow, day time.Time, want int) {
	t.Helper()
	for _, dag := range []string{"weather_ingest", "weather_daily"} {
		var answer json.RawMessage
		air.call(t, http.MethodPatch, "/api/v2/dags/"+dag, map[string]bool{"is_paused": true}, &answer)
	}
	s.compose(t, "full", "stop", "airflow-worker") // its jobs end first
	s.compose(t, "follow", "up", "--detach", "--no-build", "--no-deps", "--scale", "stream=2", "stream", "review", "to-pg", "to-hdfs", "to-es", "to-redis")
	s.compose(t, "full", "run", "--rm", "--no-deps", "-T", "senmeteo", "fetch", "generate", "--from", day.Format(time.DateOnly), "--to", day.AddDate(0, 0, 1).Format(time.DateOnly))
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(2 * time.Second) { // the lake's worker waits for a minute
		in, inES := s.countPostgres(t, day, day.AddDate(0, 0, 1)), s.countElasticsearch(t, day, day.AddDate(0, 0, 1))
		out := s.try("full", "run", "--rm", "--no-deps", "-T", "senmeteo", "reconcile")
		if in == want && inES == want && strings.Contains(out, balanced) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("of %d observations PostgreSQL has %d and Elasticsearch %d; reconcile says %s\n%s", want, in, inES, out, s.try("follow", "logs", "stream", "to-pg", "to-hdfs", "to-es", "to-redis"))
		}
	}
}
