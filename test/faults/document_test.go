package faults_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"senmeteo/elk"
	"senmeteo/test/program"
)

// scenarios are how many lines each letter has in the document of what survives what.
var scenarios = map[string]int{"S": 14, "H": 8, "E": 6, "P": 5, "L": 4, "C": 3, "U": 1, "R": 1, "V": 3, "F": 3}

var (
	tableLine = regexp.MustCompile(`(?m)^\| ([A-Z]\d+) \|.*\|([^|]*)\|$`)
	namedTest = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]+)`")
	aTest     = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(t \*testing\.T\)`)
)

func TestTheDocumentNamesATestForEachScenarioAndEachNamedTestExists(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(program.Root(), "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	proofs := map[string]string{}
	for _, m := range tableLine.FindAllStringSubmatch(string(text), -1) {
		proofs[m[1]] = m[2]
	}
	exists := testsOf(t, program.Root())
	for letter, lines := range scenarios {
		for n := 1; n <= lines; n++ {
			if id := fmt.Sprintf("%s%d", letter, n); !namedTest.MatchString(proofs[id]) {
				t.Errorf("it names no test for %s", id)
			}
		}
	}
	for _, m := range namedTest.FindAllStringSubmatch(string(text), -1) {
		if !exists[m[1]] {
			t.Errorf("it names %s, which does not exist", m[1])
		}
	}
	for name := range exists { // a test of a scenario that nobody finds
		if id := testName.FindStringSubmatch(name); id != nil && proofs[id[1]+id[2]] == "" {
			t.Errorf("%s is of no scenario in the document", name)
		}
	}
}

// What readers of Elasticsearch have to wait for is in the templates.
func TestTheDocumentHasTheRefreshIntervalOfTheTemplates(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(program.Root(), "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`refresh interval \((\d+) s`).FindSubmatch(text)
	if told == nil {
		t.Fatal("it has no refresh interval")
	}
	for _, name := range []string{"clean", "sink"} {
		template, err := elk.Templates.ReadFile("templates/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`"refresh_interval": "%ss"`, told[1]); !strings.Contains(string(template), want) {
			t.Errorf("the template %s does not say %s, as the document does", name, want)
		}
	}
}

// testsOf are the names of all tests in the repository.
func testsOf(t testing.TB, root string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, folder := range []string{"jobs", "test"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			for _, m := range aTest.FindAllStringSubmatch(string(code), -1) {
				out[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
