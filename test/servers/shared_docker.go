package servers

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// DockerHost returns what DOCKER_HOST is set to for the shared engine and fails the test when there is none. Names of
// containers should begin with a name from [Unique].
func DockerHost(t testing.TB) string {
	t.Helper()
	return address(t, "SENMETEO_TEST_DOCKER_HOST")
}

// jobImage is the tag under which the tests build the image of the jobs.
const jobImage = "senmeteo:test"

// JobImage returns the tag of the image of the jobs in the shared engine, built from the sources as they are. Only
// the first call of a process builds, which takes seconds when little has changed.
func JobImage(t testing.TB) string {
	t.Helper()
	if err := buildJobImage(DockerHost(t)); err != nil {
		t.Fatal(err)
	}
	return jobImage
}

// buildJobImage builds with this machine's tools, as nothing can be counted on to be pulled.
var buildJobImage = func() func(host string) error {
	var once sync.Once
	var failed error
	return func(host string) error {
		once.Do(func() {
			root, err := repositoryRoot()
			if err != nil {
				failed = err
				return
			}
			build := exec.Command(filepath.Join(root, "docker", "image"), jobImage)
			build.Env = append(os.Environ(), "DOCKER_HOST="+host, "SENMETEO_IMAGE_FROM=host", "VERSION=test")
			failed = runOnce("building the image of the jobs", build)
		})
		return failed
	}
}()
