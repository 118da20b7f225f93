package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// java describes how a Java server is run.
type java struct {
	heapMB    int
	classPath string
	flags     []string
}

// args returns the arguments of the java command that run mainClass. The serial collector and the first compiler
// only make a small server start faster and stay smaller.
func (j java) args(mainClass string, args ...string) []string {
	all := []string{
		"-Xms64m", "-Xmx" + strconv.Itoa(j.heapMB) + "m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true",
	}
	all = append(all, j.flags...)
	all = append(all, "-cp", j.classPath, mainClass)
	return append(all, args...)
}

// jarFolder returns the folder into which `make deps` put the jars of one server.
func jarFolder(root, server string) (string, error) {
	dir := filepath.Join(root, ".cache", "java", server)
	jars, err := filepath.Glob(filepath.Join(dir, "*.jar"))
	if err != nil || len(jars) == 0 {
		return "", fmt.Errorf("finding the jars of %s: none in %s; run `make deps`", server, dir)
	}
	return dir, nil
}

// repositoryRoot returns the folder that holds go.mod, from the working folder upwards.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("finding the repository: no go.mod in %s or above; run from inside it", dir)
		}
	}
}
