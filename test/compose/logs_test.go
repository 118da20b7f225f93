package compose_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The servers of Java log to the console, and when they are told so to a file in the form that docker/filebeat/filebeat.yml reads.
func TestKafkaAndHDFSLogToAFileBesidesTheConsole(t *testing.T) {
	for _, c := range []struct{ name, jars, settings, class, argument, says string }{
		{"kafka", "kafka", "docker/kafka/log4j.properties", "kafka.Kafka", "none.properties", "ERROR Kafka$ Exiting Kafka due to fatal exception"},
		{"hdfs", "hdfs", "hadoop/log4j.properties", "org.apache.hadoop.hdfs.server.namenode.NameNode", "-nothing", "INFO NameNode STARTUP_MSG: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.name+".log")
			cmd := exec.Command("java", "-Xmx64m", "-Dlog4j.configuration=file:"+filepath.Join(root(t), c.settings), "-Duser.timezone=UTC",
				"-Dsenmeteo.appenders=console,file", "-Dsenmeteo.log="+file, "-cp", filepath.Join(root(t), ".cache", "java", c.jars, "*"), c.class, c.argument)
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			text, readErr := os.ReadFile(file)
			if readErr != nil {
				t.Fatalf("%v: %v\n%s", readErr, err, out)
			}
			if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `+regexp.QuoteMeta(c.says)).Match(text) || !strings.Contains(string(out), strings.Fields(c.says)[0]) {
				t.Errorf("the file begins with %.200q, the console shows %.200q", text, out)
			}
		})
	}
}

func TestFilebeatReadsTheVolumesThatOthersWrite(t *testing.T) {
	services := maps.Clone(config(t, "full").Services)
	maps.Copy(services, config(t, "follow").Services)
	beat := services["filebeat"]
	read := map[string]string{}
	for _, v := range beat.Volumes {
		if strings.HasPrefix(v.Target, "/logs/") {
			if !v.ReadOnly {
				t.Errorf("Filebeat may write to %s", v.Source)
			}
			read[v.Source] = v.Target
		}
	}
	for service, volume := range map[string]string{
		"airflow-worker": "airflow-logs", "stream": "worker-logs", "to-pg": "worker-logs", "kafka": "kafka-logs", "namenode": "hdfs-logs", "datanode": "hdfs-logs", "postgres": "postgres-logs",
	} {
		if read[volume] == "" || !slices.ContainsFunc(services[service].Volumes, func(v volumeOf) bool { return v.Source == volume && !v.ReadOnly }) {
			t.Errorf("%s does not write into %s, or Filebeat does not read it", service, volume)
		}
	}
	settings, err := os.ReadFile(filepath.Join(root(t), "docker", "filebeat", "filebeat.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range read {
		if !strings.Contains(string(settings), "${SENMETEO_LOGS:/logs}"+strings.TrimPrefix(target, "/logs")+"/") {
			t.Errorf("no input of Filebeat reads %s", target)
		}
	}
	_, ours, _ := strings.Cut(beat.Image, ":")
	if _, theirs, _ := strings.Cut(services["elasticsearch"].Image, ":"); ours != theirs {
		t.Errorf("Filebeat is %s, Elasticsearch %s", ours, theirs)
	}
	if to := services["to-pg"].Environment["SENMETEO_LOG_FILE"]; to != "/logs" {
		t.Errorf("to-pg logs to %q", to)
	}
}
