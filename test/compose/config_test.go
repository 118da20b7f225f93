package compose_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// project is what `docker compose config` makes of docker-compose.yml.
type project struct {
	Services map[string]service `json:"services"`
	Networks map[string]struct {
		Name     string `json:"name"`
		Internal bool   `json:"internal"`
	} `json:"networks"`
	Secrets map[string]struct {
		File string `json:"file"`
	} `json:"secrets"`
}

type service struct {
	Image       string            `json:"image"`
	Build       *struct{}         `json:"build"`
	PullPolicy  string            `json:"pull_policy"`
	Init        bool              `json:"init"`
	User        string            `json:"user"`
	ReadOnly    bool              `json:"read_only"`
	CapDrop     []string          `json:"cap_drop"`
	CapAdd      []string          `json:"cap_add"`
	SecurityOpt []string          `json:"security_opt"`
	Privileged  bool              `json:"privileged"`
	NetworkMode string            `json:"network_mode"`
	MemLimit    string            `json:"mem_limit"`
	PIDsLimit   int               `json:"pids_limit"`
	Restart     string            `json:"restart"`
	Environment map[string]string `json:"environment"`
	Networks    map[string]struct {
		Aliases []string `json:"aliases"`
	} `json:"networks"`
	Secrets []struct {
		Source string `json:"source"`
	} `json:"secrets"`
	Healthcheck *struct {
		Test    []string `json:"test"`
		Disable bool     `json:"disable"`
	} `json:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `json:"condition"`
	} `json:"depends_on"`
	Ports []struct {
		HostIP    string `json:"host_ip"`
		Target    int    `json:"target"`
		Published string `json:"published"`
	} `json:"ports"`
	Volumes []volumeOf `json:"volumes"`
}

// volumeOf is what a service mounts.
type volumeOf struct {
	Type     string `json:"type"`
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"read_only"`
}

// once reports whether a service ends after it has set something up.
func (s service) once() bool { return s.Healthcheck != nil && s.Healthcheck.Disable }

var profiles = []string{"core", "elk", "full", "follow", "tools", "notebooks"}

// root is the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// makeSecrets writes .env and secrets into a folder.
func makeSecrets(t *testing.T, dir string) string {
	t.Helper()
	script := filepath.Join(root(t), "docker", "make-secrets")
	if _, err := os.ReadFile(script); err != nil { // see compose
		t.Fatal(err)
	}
	out, err := exec.Command(script, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("make-secrets: %v\n%s", err, out)
	}
	return string(out)
}

// compose runs the real program on docker-compose.yml, with the variables of one file and no others.
func compose(t *testing.T, envFile string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	program := filepath.Join(root(t), ".cache", "bin", "docker-compose")
	if _, err := os.Stat(program); err != nil {
		t.Fatal("the compose program is not there: run `make deps`")
	}
	// What a test itself reads, Go counts among what it depends on: a result is not taken from the cache when the file changed.
	if _, err := os.ReadFile(filepath.Join(root(t), "docker-compose.yml")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"--file", filepath.Join(root(t), "docker-compose.yml"), "--env-file", envFile}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	var out, problem strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problem
	err = cmd.Run()
	return out.String(), problem.String(), err
}

// resolved keeps what config made of each profile, as the program takes its time.
var resolved = map[string]project{}

// config resolves docker-compose.yml for a profile.
func config(t *testing.T, profile string) project {
	t.Helper()
	if p, ok := resolved[profile]; ok {
		return p
	}
	dir := t.TempDir()
	makeSecrets(t, dir)
	out, problem, err := compose(t, filepath.Join(dir, ".env"), "--profile", profile, "config", "--format", "json")
	if err != nil {
		t.Fatalf("config of profile %s: %v\n%s", profile, err, problem)
	}
	if problem != "" {
		t.Errorf("config of profile %s complains: %s", profile, problem)
	}
	var p project
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Services) == 0 {
		t.Fatalf("profile %s has no services", profile)
	}
	resolved[profile] = p
	return p
}

func TestEveryContainerIsConfined(t *testing.T) {
	for _, profile := range profiles {
		for name, s := range config(t, profile).Services {
			uid, _, _ := strings.Cut(s.User, ":")
			if uid == "" || uid == "0" || uid == "root" {
				t.Errorf("%s runs as %q", name, s.User)
			}
			if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 || s.Privileged ||
				!slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.NetworkMode != "" || s.PIDsLimit <= 0 {
				t.Errorf("%s is not confined: %+v", name, s)
			}
			_, tag, ok := strings.Cut(s.Image[strings.LastIndex(s.Image, "/")+1:], ":")
			if !ok || tag == "" || strings.Contains(tag, "latest") {
				t.Errorf("%s: the version of image %q is not pinned", name, s.Image)
			}
			for _, v := range s.Volumes {
				if strings.Contains(v.Source, "docker.sock") && name != "docker-proxy" {
					t.Errorf("%s has the engine's socket", name)
				}
				if v.Type == "bind" && !v.ReadOnly {
					t.Errorf("%s may write to %s", name, v.Source)
				}
			}
		}
	}
}

func TestOnlyTheWorkerReachesTheEngine(t *testing.T) {
	p := config(t, "full")
	var onEngine []string
	for name, s := range p.Services {
		if _, ok := s.Networks["engine"]; ok {
			onEngine = append(onEngine, name)
		}
	}
	slices.Sort(onEngine)
	if want := []string{"airflow-worker", "docker-proxy"}; !slices.Equal(onEngine, want) {
		t.Errorf("the network of the engine has %v, not %v", onEngine, want)
	}
	if !p.Networks["engine"].Internal {
		t.Error("the network of the engine leads out")
	}
	if proxy := p.Services["docker-proxy"]; len(proxy.Ports) > 0 || len(proxy.Networks) != 1 {
		t.Errorf("docker-proxy has the ports %v and the networks %v", proxy.Ports, proxy.Networks)
	}
	if name := p.Networks["stack"].Name; name != p.Services["airflow-worker"].Environment["SENMETEO_DAG_NETWORK"] {
		t.Errorf("the DAGs start jobs in another network than %s", name)
	}
}

func TestEveryServiceReportsWhetherItIsHealthy(t *testing.T) {
	for _, profile := range profiles {
		p := config(t, profile)
		for name, s := range p.Services {
			if s.Healthcheck == nil || !s.Healthcheck.Disable && len(s.Healthcheck.Test) == 0 {
				t.Errorf("%s has no health check", name)
			}
			for other, on := range s.DependsOn {
				before, ok := p.Services[other]
				want := "service_healthy"
				if before.once() {
					want = "service_completed_successfully"
				}
				if !ok || on.Condition != want {
					t.Errorf("%s waits until %s is %s instead of %s", name, other, on.Condition, want)
				}
			}
			if want := "unless-stopped"; !s.once() && s.Restart != want {
				t.Errorf("%s: restart is %q", name, s.Restart)
			}
		}
	}
}

func TestPortsAreOpenToThisMachineAlone(t *testing.T) {
	var published []string
	for _, profile := range []string{"full", "notebooks"} {
		for name, s := range config(t, profile).Services {
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
				}
				published = append(published, port.Published)
			}
		}
	}
	for _, port := range []string{"8080", "9870", "9864", "5601", "8090", "8888", "8501"} { // what people open in their browser
		if !slices.Contains(published, port) {
			t.Errorf("port %s is not published", port)
		}
	}
	if slices.Sort(published); len(slices.Compact(slices.Clone(published))) != len(published) {
		t.Errorf("a port is published twice: %v", published)
	}
}

// The limits add up to what docs/operations.md says, and leave an 8 GB machine room for itself.
func TestMemoryFitsTheMachinesThatTheDocsName(t *testing.T) {
	docs, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	const laptop, itself, job = 8 << 10, 512, 512 // MiB; itself are the engine and the system; MEMORY in dags/senmeteo/factory.py
	for _, profile := range []string{"core", "elk", "full", "follow", "notebooks"} {
		staying, once := 0, 0
		for name, s := range config(t, profile).Services {
			bytes, err := strconv.Atoi(s.MemLimit)
			if err != nil || bytes == 0 {
				t.Errorf("%s has no limit of memory", name)
			}
			if s.once() {
				once += bytes >> 20
			} else {
				staying += bytes >> 20
			}
		}
		t.Logf("%s: %d MiB that stay, %d MiB at the start", profile, staying, once)
		if profile == "full" {
			jobs, err := strconv.Atoi(config(t, profile).Services["airflow-worker"].Environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"])
			if err != nil || jobs == 0 {
				t.Fatalf("the worker's number of jobs: %d, %v", jobs, err)
			}
			if most := staying + jobs*job; most+itself > laptop {
				t.Errorf("full needs %d MiB at the most, and the machine %d for itself", most, itself)
			}
		}
		row := "| `" + profile + "` | " + strconv.Itoa(staying) + " MiB |"
		if !strings.Contains(string(docs), row) {
			t.Errorf("docs/operations.md lacks the row %q", row)
		}
	}
}

func TestAMissingVariableSaysWhatToRun(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"SENMETEO_UID", "SENMETEO_GID", "SENMETEO_SECRETS_DIR", "SENMETEO_DOCKER_GID"} {
		var kept []string
		for _, line := range strings.Split(string(text), "\n") {
			if !strings.HasPrefix(line, variable+"=") {
				kept = append(kept, line)
			}
		}
		path := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(path, []byte(strings.Join(kept, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		_, problem, err := compose(t, path, "--profile", "full", "config", "--quiet")
		if err == nil || !strings.Contains(problem, variable) || !strings.Contains(problem, "run `make secrets` first") {
			t.Errorf("without %s: %v, %q", variable, err, problem)
		}
	}
}

// Jobs ask every store that they are told of.
func TestWithoutElasticsearchJobsAreNotToldOfIt(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	path := filepath.Join(dir, ".env")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for extra, want := range map[string]string{"": "/run/secrets/es-url", "SENMETEO_ES_URL_FILE=\n": ""} {
		if err := os.WriteFile(path, append(text, extra...), 0o600); err != nil {
			t.Fatal(err)
		}
		out, problem, err := compose(t, path, "--profile", "tools", "config", "--format", "json")
		if err != nil {
			t.Fatalf("%v\n%s", err, problem)
		}
		var p project
		if err := json.Unmarshal([]byte(out), &p); err != nil {
			t.Fatal(err)
		}
		if got, ok := p.Services["senmeteo"].Environment["SENMETEO_ES_URL_FILE"]; got != want || !ok {
			t.Errorf("with %q in .env it is %q, want %q", extra, got, want)
		}
	}
}

func TestSecretsStayInTheirFiles(t *testing.T) {
	dir := t.TempDir()
	makeSecrets(t, dir)
	out, _, err := compose(t, filepath.Join(dir, ".env"), "--profile", "full", "--profile", "follow", "--profile", "notebooks", "config")
	if err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range secretFiles(t, dir) {
		if name == "passwd" {
			continue
		}
		if strings.Contains(out, text) || strings.Contains(string(env), text) {
			t.Errorf("the content of secrets/%s is in what compose prints, or in .env", name)
		}
	}
	for _, profile := range profiles {
		for name, s := range config(t, profile).Secrets {
			if _, ok := secretFiles(t, dir)[filepath.Base(s.File)]; !ok {
				t.Errorf("secret %s: make-secrets does not write %s", name, s.File)
			}
		}
	}
}
