package style_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	directive     = regexp.MustCompile(`//nolint:([a-z,]+)`)
	enabledLinter = regexp.MustCompile(`(?m)^    - ([a-z]+)$`)
)

// nolintlint finds directives that silence nothing only where their linter runs.
func TestNolintDirectivesNameLintersThatRun(t *testing.T) {
	var running []string
	files := repository(t)
	for _, f := range files {
		if f.path == ".golangci.yml" {
			enabled, _, _ := strings.Cut(f.text, "\n  settings:")
			for _, m := range enabledLinter.FindAllStringSubmatch(enabled, -1) {
				running = append(running, m[1])
			}
		}
	}
	if !slices.Contains(running, "govet") {
		t.Fatalf("found only the linters %q in .golangci.yml", running)
	}
	for _, f := range files {
		if f.extension() != ".go" || f.in("test/style") {
			continue
		}
		for _, m := range directive.FindAllStringSubmatch(f.text, -1) {
			for name := range strings.SplitSeq(m[1], ",") {
				if !slices.Contains(running, name) {
					t.Errorf("%s silences %s, which is not enabled: remove the directive", f.path, name)
				}
			}
		}
	}
}
