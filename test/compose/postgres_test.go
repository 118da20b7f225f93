package compose_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
	"senmeteo/jobs/sink/pg"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// startPostgres runs docker/postgres/start of docker-compose.yml with the programs of this machine, on a new folder and never as
// root. It returns the URL of the role for the database meteo, with a password that `make secrets` wrote, and the folder of its logs.
func startPostgres(t *testing.T) (url func(role string) string, logs string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "senmeteo-pg-") // a short path: it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // only disk space
	makeSecrets(t, dir)
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "postgres", "start"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/var/lib/postgresql/data", dir+"/data", "/run/secrets", dir+"/secrets", "/var/tmp", dir+"/logs", "/tmp", dir).Replace(string(text))
	if err := os.WriteFile(filepath.Join(dir, "start"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"data", "logs"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ports, err := servers.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	port := ports[0]

	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", filepath.Join(dir, "start"))
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PGPORT=" + strconv.Itoa(port)}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = giveTo(t, "postgres", dir)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT) // docker-compose.yml's stop_signal
		<-ended
		_ = log.Close()
	})
	secrets := secretFiles(t, dir)
	url = func(role string) string {
		name := map[string]string{"meteo": "pg-password", "reader": "pg-reader-password"}[role]
		return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/meteo?sslmode=disable", role, secrets[name], port)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		db, err := pgx.Connect(t.Context(), url("meteo"))
		if err == nil {
			if err := db.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			return url, filepath.Join(dir, "logs")
		}
		select {
		case <-ended: // it failed
			deadline = time.Time{}
		default:
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("PostgreSQL does not start: %v\n%s", err, text)
		}
	}
}

// giveTo makes a user of this machine the owner of a folder and all in it.
func giveTo(t *testing.T, name, dir string) *syscall.Credential {
	t.Helper()
	owner, err := user.Lookup(name)
	if err != nil {
		t.Fatalf("%v: run `make deps`", err)
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, gid))
	}); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	return db
}

func TestTheReaderOfPostgreSQLReadsTheObservationsAndChangesNothing(t *testing.T) {
	url, _ := startPostgres(t)
	topic := flow.Topic{Name: "meteo.clean", ID: "topic", ClusterID: "cluster", Partitions: 1}
	open := func(role string, readOnly bool) flow.Store {
		t.Helper()
		store, err := pg.Kind().Open(t.Context(), flow.StoreConfig{
			Settings: flow.Settings{"pg-url": url(role)}, Topic: topic, Prefix: "meteo", Job: "test", ReadOnly: readOnly, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	// What the page asks, before anything was ever loaded and after.
	asked := open("reader", true)
	if _, err := asked.(query.Reader).Latest(t.Context()); !errors.Is(err, query.ErrEmpty) {
		t.Errorf("before the first run of to-pg the reader gets %v", err)
	}
	open("meteo", false)
	if _, err := asked.(query.Reader).Latest(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := asked.(query.QualityReader).Quality(t.Context(), time.Unix(0, 0), time.Now()); err != nil {
		t.Error(err)
	}
	if _, err := asked.Progress(t.Context()); err != nil {
		t.Error(err)
	}

	reader := connect(t, url("reader"))
	var stations int
	if err := reader.QueryRow(t.Context(), `SELECT count(*) FROM meteo.station`).Scan(&stations); err != nil || stations != 14 {
		t.Errorf("the reader sees %d stations, %v", stations, err)
	}
	for _, view := range []string{"latest", "hourly", "daily"} {
		if _, err := reader.Exec(t.Context(), `SELECT * FROM meteo.`+view); err != nil {
			t.Errorf("the reader can't read meteo.%s: %v", view, err)
		}
	}
	if _, err := reader.Exec(t.Context(), `SET default_transaction_read_only = off`); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DELETE FROM meteo.station`, `UPDATE meteo.station SET place = ''`, `DROP TABLE meteo.observation_data`,
		`CREATE TABLE meteo.mine ()`, `CREATE TABLE public.mine ()`, `SET ROLE meteo`, `SELECT pg_read_file('/etc/passwd')`,
	} {
		var problem *pgconn.PgError
		if _, err := reader.Exec(t.Context(), statement); !errors.As(err, &problem) || problem.Code != "42501" && problem.Code != "25006" {
			t.Errorf("the reader says %s and gets %v", statement, err)
		}
	}
	if db, err := pgx.Connect(t.Context(), strings.Replace(url("reader"), "/meteo?", "/airflow?", 1)); err == nil {
		_ = db.Close(t.Context())
		t.Error("the reader reaches Airflow's database")
	}
}

// What docker/filebeat/filebeat.yml reads: *.json, with these members.
func TestPostgreSQLLogsObjectsOfJSONIntoItsFolder(t *testing.T) {
	url, logs := startPostgres(t)
	if _, err := connect(t, url("meteo")).Exec(t.Context(), "SELECT nothing"); err == nil {
		t.Fatal("there is a column nothing")
	}
	var found map[string]any
	program.Until(t, func() bool {
		files, err := filepath.Glob(filepath.Join(logs, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				var object map[string]any
				if json.Unmarshal([]byte(line), &object) == nil && object["error_severity"] == "ERROR" {
					found = object
				}
			}
		}
		return found != nil
	})
	at, _ := found["timestamp"].(string)
	if _, err := time.Parse("2006-01-02 15:04:05.000 MST", at); err != nil || !strings.HasSuffix(at, " UTC") {
		t.Errorf("the time is %q", at)
	}
	if found["message"] != `column "nothing" does not exist` || found["user"] != "meteo" || found["state_code"] != "42703" {
		t.Errorf("the line is %v", found)
	}
}
