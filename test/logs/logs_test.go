package logs_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/test/program"
)

// The log of a task that failed, as Airflow 3.3 wrote it; only its folders have other names.
func TestTheLogOfATaskBecomesLinesOfItsRun(t *testing.T) {
	t.Parallel()
	c := collect(t)
	const run = "manual__2026-11-29T23:08:22.560879+00:00"
	c.write(t, "airflow/dag_id=exit_codes/run_id="+run+"/task_id=code_66/attempt=1.log", read(t, "testdata/task.log"))
	c.write(t, "airflow/dag_processor/2026-11-29/exit_codes.py.log", "not a task's\n")
	lines := c.find(t, "senmeteo.run_id:"+quoted(run), 11)
	datasets := map[string][]line{}
	for _, l := range lines {
		if l.Labels["dag_id"] != "exit_codes" || l.Labels["task_id"] != "code_66" || l.Labels["try_number"] != "1" || l.Message == "" || l.Log.Level == "" {
			t.Errorf("of another task, or without its words: %+v", l)
		}
		datasets[l.Event.Dataset] = append(datasets[l.Event.Dataset], l)
	}
	if n := len(datasets["airflow.task"]); n != 9 || datasets["airflow.task"][0].Service.Name != "airflow" || datasets["airflow.task"][0].At != "2026-11-29T23:08:30.507Z" {
		t.Errorf("%d lines of Airflow's own: %+v", n, datasets["airflow.task"])
	}
	if l := datasets["senmeteo.fetch"]; len(l) != 1 || l[0].Log.Level != "error" || l[0].Senmeteo.Job != "fetch" || l[0].Service.Name != "senmeteo" ||
		!strings.HasPrefix(l[0].Message, "opening an input file") || l[0].At != "2026-11-29T23:08:31.467Z" {
		t.Errorf("the job's line: %+v", l)
	}
	if l := datasets["senmeteo.report"]; len(l) != 1 || l[0].Senmeteo.Job != "fetch" || l[0].Senmeteo.Report == nil || l[0].Senmeteo.Report.Outcome != "no_input" {
		t.Errorf("the job's report: %+v", l)
	}
	failed := c.find(t, `log.level:ERROR AND log.logger:task`, 1) // the levels of servers are in capitals
	if len(failed) == 1 && (len(failed[0].Detail) == 0 || !strings.Contains(failed[0].Detail[0]["exc_value"].(string), "exit code 66")) {
		t.Errorf("the exception: %+v", failed)
	}
	var sum struct {
		Aggregations struct{ Read, Seconds struct{ Value *float64 } }
	}
	c.call(t, "GET", "/"+c.stream+"/_search?size=0", []byte(`{"aggs":{"read":{"sum":{"field":"senmeteo.report.read"}},"seconds":{"max":{"field":"senmeteo.report.seconds"}}}}`), &sum)
	if sum.Aggregations.Read.Value == nil || sum.Aggregations.Seconds.Value == nil {
		t.Errorf("the numbers of reports are not numbers: %+v", sum)
	}
}

func TestTheLogsOfServersAreParsed(t *testing.T) {
	t.Parallel()
	c := collect(t)
	c.write(t, "kafka/kafka.log", "2026-11-30T03:00:00.123Z INFO KafkaServer [KafkaServer id=1] started\n"+
		"2026-11-30T03:00:01.000Z ERROR LogManager Disk is broken\njava.io.IOException: no space\n\tat a.b(C.java:1)\n2026-11-30T03:00:02.000Z WARN LogManager going on\n")
	c.write(t, "hdfs/namenode.log", "2026-11-30T03:00:00.500Z INFO FSNamesystem safe mode is OFF\n")
	c.write(t, "postgres/postgresql-Mon.json", `{"timestamp":"2026-11-30 03:22:33.123 UTC","user":"meteo","dbname":"meteo","pid":12,"error_severity":"ERROR","state_code":"42P01","message":"relation \"none\" does not exist","statement":"SELECT 1 FROM none","backend_type":"client backend"}`+"\n")
	for query, want := range map[string]string{
		"service.name:kafka AND log.level:info":           "2026-11-30T03:00:00.123Z kafka KafkaServer [KafkaServer id=1] started",
		"service.name:kafka AND log.level:error":          "2026-11-30T03:00:01.000Z kafka LogManager Disk is broken\njava.io.IOException: no space\n\tat a.b(C.java:1)",
		"service.name:hdfs":                               "2026-11-30T03:00:00.500Z namenode FSNamesystem safe mode is OFF",
		"postgresql.state_code:42P01 AND log.level:error": "2026-11-30T03:22:33.123Z postgresql.log  relation \"none\" does not exist",
	} {
		if l := c.find(t, query, 1); len(l) != 1 || strings.Join([]string{l[0].At, l[0].Event.Dataset, l[0].Log.Logger, l[0].Message}, " ") != want {
			t.Errorf("%s: %+v, want %s", query, l, want)
		}
	}
}

// wrapped is what the log of a task holds of what a job printed.
func wrapped(t *testing.T, printed string) string {
	t.Helper()
	var log strings.Builder
	for l := range strings.Lines(printed) {
		text, err := json.Marshal(map[string]any{
			"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), "level": "info", "event": strings.TrimSuffix(l, "\n"),
			"logger": "airflow.task.operators.senmeteo.operator.SenmeteoOperator", "filename": "docker.py", "lineno": 71,
		})
		if err != nil {
			t.Fatal(err)
		}
		log.Write(append(text, '\n'))
	}
	return log.String()
}

func TestOneRunIDLeadsToLinesReportsDeadLettersAndOffsets(t *testing.T) {
	t.Parallel()
	c, p := collect(t), program.NewPipeline(t)
	const run = "scheduled__2026-11-30T03:00:00+00:00"
	readings := filepath.Join(t.TempDir(), "readings.jsonl")
	good := `{"station_id":"SN-DK","observed_at":"2026-01-01T00:00:00Z","temperature_c":21.5}`
	if err := os.WriteFile(readings, []byte(good+"\n"+`{"station_id":"SN-XX","observed_at":"2026-01-01T00:00:00Z","temperature_c":21.5}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	task := p.With("SENMETEO_LOG_TO", "stdout", "SENMETEO_RUN_ID", run, "AIRFLOW_CTX_DAG_ID", "weather_ingest", "AIRFLOW_CTX_TASK_ID", "task", "SENMETEO_MAX_REJECT_RATIO", "1")
	for _, args := range [][]string{{"fetch", "file", readings}, {"stream"}, {"to-pg"}} {
		r := task.Must(t, args...)
		c.write(t, "airflow/dag_id=weather_ingest/run_id="+run+"/task_id="+args[0]+"/map_index=0/attempt=1.log", wrapped(t, r.Stdout))
	}

	read := map[string]int64{}
	for _, l := range c.find(t, "senmeteo.run_id:"+quoted(run)+" AND event.dataset:senmeteo.report", 3) {
		if l.Senmeteo.Report == nil || l.Senmeteo.Report.RunID != run || l.Senmeteo.Job != l.Labels["task_id"] {
			t.Fatalf("a report of another run: %+v", l)
		}
		read[l.Senmeteo.Job] = l.Senmeteo.Report.Read
	}
	if read["fetch"] != 2 || read["stream"] != 2 || read["to-pg"] != 1 {
		t.Errorf("the reports have read %v", read)
	}
	c.find(t, "senmeteo.run_id:"+quoted(run)+" AND event.dataset:senmeteo.fetch AND message:fetched", 1)
	if letters := p.Must(t, "dlq", "list").Stdout; !strings.Contains(letters, `"run_id":"`+run+`"`) {
		t.Errorf("the dead letters: %s", letters)
	}
	p.Database(t, func(ctx context.Context, db *pgx.Conn) error {
		var partitions int
		err := db.QueryRow(ctx, `SELECT count(*) FROM meteo.sink_offset WHERE run_id = $1 AND next_offset > 0`, run).Scan(&partitions)
		if partitions == 0 {
			t.Error("no partition's offset names the run")
		}
		return err
	})
}

func TestTheFileOfAWorkerThatFollowsIsCollectedWithItsReport(t *testing.T) {
	t.Parallel()
	c, p := collect(t), program.NewPipeline(t)
	worker := p.With("SENMETEO_LOG_FILE", filepath.Join(c.dir, "workers"), "SENMETEO_RUN_ID", "worker-1", "SENMETEO_LOG_LEVEL", "debug")
	follows := worker.Start(t, "stream", "--follow", "--metrics-listen", ":0")
	follows.Await(t, follows.Stderr, "metrics are served")
	c.find(t, `senmeteo.job:stream AND senmeteo.run_id:"worker-1" AND message:"metrics are served"`, 1)
	follows.Terminate(t)
	reports := c.find(t, `senmeteo.run_id:"worker-1" AND event.dataset:senmeteo.report`, 1)
	if len(reports) == 1 && (reports[0].Senmeteo.Report == nil || reports[0].Senmeteo.Report.Outcome != "nothing" || reports[0].Service.Name != "senmeteo") {
		t.Errorf("the report: %+v", reports[0])
	}
	if r := p.With("SENMETEO_LOG_FILE", filepath.Join(c.dir, "none", "file.log")).Run(t, "stream"); r.Code != 73 || !strings.Contains(r.Stderr, "SENMETEO_LOG_FILE") {
		t.Errorf("a file that can't be opened: exit %d, %s", r.Code, r.Output())
	}
}

// A Filebeat that was killed sends again what it had not noted; the lines' ids let them be there once.
func TestALineThatIsSentAgainIsThereOnce(t *testing.T) {
	t.Parallel()
	c := collect(t)
	c.write(t, "hdfs/datanode.log", "2026-11-30T03:00:00.500Z INFO DataNode started\n2026-11-30T03:00:00.500Z INFO DataNode started\n")
	c.find(t, "event.dataset:datanode", 2) // equal lines at two places
	c.start(t)                             // it has noted nothing
	c.write(t, "hdfs/namenode.log", "2026-11-30T03:00:01.500Z INFO NameNode started\n")
	c.find(t, "event.dataset:namenode", 1)
	c.find(t, "event.dataset:datanode", 2)
}
