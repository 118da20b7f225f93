package style_test

import (
	"path"
	"strings"
	"testing"
)

// How long production files may be, in lines. Functions: funlen in .golangci.yml.
const (
	longestFile     = 400
	longestMainFile = 200  // package main wires, it decides nothing
	longestMain     = 5000 // all of package main
)

// longer are files of package main that have more for now.
var longer = map[string]int{"jobs/audit.go": 350, "jobs/dlq_replay.go": 250, "jobs/feeder.go": 250, "jobs/status.go": 250, "jobs/up.go": 350}

func TestProductionFilesAreShort(t *testing.T) {
	total := 0
	for _, f := range repository(t) {
		if f.extension() != ".go" || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		lines, limit := strings.Count(f.text, "\n"), longestFile
		if path.Dir(f.path) == "jobs" {
			total += lines
			limit = max(longestMainFile, longer[f.path])
		}
		if lines > limit {
			t.Errorf("%s has %d lines, %d are allowed", f.path, lines, limit)
		}
	}
	if total > longestMain {
		t.Errorf("package main has %d lines, %d are allowed: move logic into a package of its own", total, longestMain)
	}
}
