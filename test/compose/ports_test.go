package compose_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// configWith resolves a profile with lines added to .env.
func configWith(t *testing.T, profile string, lines ...string) project {
	t.Helper()
	dir := t.TempDir()
	makeSecrets(t, dir)
	path := filepath.Join(dir, ".env")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, strings.Join(lines, "\n")+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, problem, err := compose(t, path, "--profile", profile, "config", "--format", "json")
	if err != nil {
		t.Fatalf("%v\n%s", err, problem)
	}
	var p project
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// Kafka and Kibana send their clients to an address of this machine, so they have to know the port that is published there.
func TestAPortThatIsChangedReachesThoseWhoNameIt(t *testing.T) {
	p := configWith(t, "full", "SENMETEO_KAFKA_PORT=19094", "SENMETEO_KIBANA_PORT=15601", "SENMETEO_AIRFLOW_PORT=18080")
	for _, c := range []struct{ service, variable, want string }{
		{"kafka", "KAFKA_HOST_PORT", "19094"},
		{"kibana", "SERVER_PUBLICBASEURL", "http://127.0.0.1:15601"},
		{"airflow-api-server", "AIRFLOW__API__BASE_URL", "http://127.0.0.1:18080"},
	} {
		s := p.Services[c.service]
		if got := s.Environment[c.variable]; got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.service, c.variable, got, c.want)
		}
		if len(s.Ports) != 1 || !strings.HasSuffix(c.want, s.Ports[0].Published) {
			t.Errorf("%s publishes %+v", c.service, s.Ports)
		}
	}
}

// docker/kafka/start, with a stand-in of Java that prints what it is started with.
func TestKafkaAdvertisesThePortThatIsPublished(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "kafka", "start"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/var/lib/kafka", dir, "/run/secrets", dir, "/tmp/", dir+"/").Replace(string(text))
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("start", script)
	write("kafka-password", "secret")
	write("java", "#!/bin/sh\nfor word; do echo \"$word\"; done\n")
	cmd := exec.Command("/bin/sh", filepath.Join(dir, "start"))
	cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "KAFKA_HOST_PORT=19094"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "kafka.Kafka\n/etc/senmeteo/server.properties\n--override\nadvertised.listeners=CLIENT://kafka:9092,HOST://127.0.0.1:19094,BROKER://127.0.0.1:9095\n"
	if !strings.HasSuffix(string(out), want) {
		t.Errorf("the broker is started with:\n%s", out)
	}
	if strings.Contains(string(out), "secret") {
		t.Error("the password is an argument")
	}
}

// hadoopSetting reads one of the stack's settings of HDFS.
func hadoopSetting(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "hadoop", file))
	if err != nil {
		t.Fatal(err)
	}
	var site struct {
		Property []struct {
			Name  string `xml:"name"`
			Value string `xml:"value"`
		} `xml:"property"`
	}
	if err := xml.Unmarshal(text, &site); err != nil {
		t.Fatal(err)
	}
	for _, p := range site.Property {
		if p.Name == name {
			return p.Value
		}
	}
	t.Fatalf("%s has no %s", file, name)
	return ""
}
