package licences_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
)

var update = flag.Bool("update", false, "write the list of modules into NOTICE")

const (
	root    = "../.."
	heading = "Linked Go modules\n-----------------\n\n"
)

// programs are what people get.
var programs = []string{"./jobs", "./docker/proxy"}

// compatible are the licences whose code may be linked into a program that is given away under Apache-2.0. Files under
// MPL-2.0 keep their licence, which the link to their unchanged source satisfies.
var compatible = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unlicense"}

// patents is the name that licensecheck has for the promise beside the licence of Go's own modules.
const patents = "GooglePatentsFile"

// publicDomain has the modules without a licence whose authors gave up their rights, and the words by which they did.
var publicDomain = map[string]string{"github.com/xi2/xz": "All these files have been put\n    into the public domain."}

// module is a linked module, and the licences that its files hold.
type module struct {
	Path, Version, Dir string
	licences           []string
}

func TestEveryLinkedModuleHasALicenceThatFits(t *testing.T) {
	modules := linked(t)
	for _, m := range modules {
		t.Logf("%-45s %-12s %s", m.Path, m.Version, strings.Join(m.licences, ", "))
		if len(m.licences) == 0 {
			t.Errorf("%s has no licence that is known: read the files in %s", m.Path, filepath.Base(m.Dir))
		}
		for _, name := range m.licences {
			if name != "public domain" && !slices.Contains(compatible, name) {
				t.Errorf("%s is under %s, which is not listed as compatible with Apache-2.0", m.Path, name)
			}
		}
	}
	noticeLists(t, modules)
}

// noticeLists compares the list of NOTICE with what is linked.
func noticeLists(t *testing.T, modules []module) {
	t.Helper()
	path := filepath.Join(root, "NOTICE")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, ok := strings.Cut(string(text), heading)
	if !ok {
		t.Fatalf("NOTICE lacks the heading %q", heading)
	}
	var list strings.Builder
	for _, m := range modules {
		fmt.Fprintf(&list, "%s: %s\n", m.Path, strings.Join(m.licences, ", "))
	}
	want := before + heading + list.String()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("the list in NOTICE differs from what is linked: go test ./test/licences -update")
	}
}

func TestTheProjectsOwnLicenceIsApache(t *testing.T) {
	if got := licencesIn(t, filepath.Join(root, "LICENSE")); !slices.Equal(got, []string{"Apache-2.0"}) {
		t.Errorf("LICENSE holds %v", got)
	}
}

func TestALicenceThatIsNotKnownIsFound(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("You may look at this.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := licencesOf(t, dir); len(got) != 0 {
		t.Errorf("a licence of somebody's own is taken for %v", got)
	}
}

// linked returns the modules whose packages the programs are made of, in the order of their paths.
func linked(t *testing.T) []module {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=Module"}, programs...)...)
	list.Dir = root
	var problems bytes.Buffer
	list.Stderr = &problems
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, problems.String())
	}
	var found []module
	for packages := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module *struct {
				module
				Main bool
			}
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main {
			found = append(found, p.Module.module)
		}
	}
	slices.SortFunc(found, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	found = slices.CompactFunc(found, func(a, b module) bool { return a.Path == b.Path })
	for i, m := range found {
		found[i].licences = licencesOf(t, m.Dir)
		if words, ok := publicDomain[m.Path]; ok && holds(t, m.Dir, words) {
			found[i].licences = []string{"public domain"}
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %d modules are linked", len(found))
	}
	return found
}

var licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[sc]e|copying)`)

// licencesOf returns the licences that the files in a module's folder hold.
func licencesOf(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if licenceFile.MatchString(e.Name()) {
			names = append(names, licencesIn(t, filepath.Join(dir, e.Name()))...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// holds reports whether the LICENSE in a module's folder has these words.
func holds(t *testing.T, dir, words string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(text), words)
}

// licencesIn returns the licences that a file holds; none when more than a quarter of its words is something else.
func licencesIn(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	coverage := licensecheck.Scan(text)
	if coverage.Percent < 75 {
		return nil
	}
	var names []string
	for _, m := range coverage.Match {
		if m.ID != patents {
			names = append(names, m.ID)
		}
	}
	return names
}
