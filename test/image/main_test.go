package image_test

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// docker runs the engine's client and returns what it printed.
func docker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := tryDocker(t, args...)
	if err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, out)
	}
	return out
}

func tryDocker(t testing.TB, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+servers.DockerHost(t))
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// confined are the flags of a job's container: what Airflow's operator and compose set.
func confined() []string {
	return []string{"--network=host", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=512m", "--pids-limit=256"}
}

// contained is a program that runs in containers: `docker run` hands its streams, its exit code and signals on. What is in
// Env goes into the container; secrets go there as files, by their variable without _FILE.
func contained(t testing.TB, p program.Program, secrets map[string]string, flags ...string) program.Program {
	t.Helper()
	label := "test=" + servers.Unique(t)
	t.Cleanup(func() {
		program.Until(t, func() bool { // one that has ended is being removed already, and can't be removed twice
			left := docker(t, "ps", "--all", "--quiet", "--filter=label="+label)
			if left != "" {
				_, _ = tryDocker(t, append([]string{"rm", "--force"}, strings.Fields(left)...)...)
			}
			return left == ""
		})
	})
	for variable, text := range secrets {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(file, 65532, 65532); err != nil {
			t.Fatal(err)
		}
		inside := "/run/secrets/" + strings.ToLower(variable)
		flags = append(flags, "--volume="+file+":"+inside+":ro")
		p = p.With(variable+"_FILE", inside)
		delete(p.Env, variable)
	}
	flags = append(flags, "--label="+label)
	for variable := range p.Env {
		flags = append(flags, "--env="+variable)
	}
	image := servers.JobImage(t)
	p = p.With("DOCKER_HOST", servers.DockerHost(t))
	// The path of the program under test comes first, and is not the one in the image.
	p.Wrap = []string{"/bin/sh", "-c", `run=$1; shift 2; eval exec "$run" '"$@"'`, "sh", "docker run --rm " + strings.Join(append(confined(), flags...), " ") + " " + image}
	return p
}

// newPipeline makes topics, a database, a folder in HDFS and indices of the test's own, for jobs in containers.
func newPipeline(t testing.TB, flags ...string) program.Pipeline {
	t.Helper()
	p := program.NewPipeline(t)
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	servers.DropIndices(t, p.Prefix)
	lake := strings.Replace(servers.HDFSURL(t), "hdfs://", "hdfs://"+u.Username+"@", 1)
	p.Program = contained(t, p.With("SENMETEO_HDFS", lake, "SENMETEO_LOG_TO", "stdout"), map[string]string{
		"SENMETEO_PG_URL": p.Postgres, "SENMETEO_ES_URL": servers.ElasticsearchURL(t),
	}, flags...)
	return p
}
