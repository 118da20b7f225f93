package mutants_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

const (
	root = "../.."
	// least is how much of the mutants must be covered by tests, and of those how much must be killed, in percent.
	least = 90
)

// Variables by which `make mutate` starts the measurement.
const (
	packagesVariable = "SENMETEO_MUTANTS"          // folders, separated by spaces
	filesVariable    = "SENMETEO_MUTANTS_FILES"    // a regular expression that the names of their files match
	gremlinsVariable = "SENMETEO_MUTANTS_GREMLINS" // the program
)

// mutant is one change of the code.
type mutant struct {
	file   string // from the root
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"type"`
	Status string `json:"status"` // by gremlins: RUNNABLE or NOT COVERED
}

// result counts the mutants of a package.
type result struct {
	folder                     string
	killed, lived, uncovered   int
	unexplained, noLongerAlive []string
}

func (r result) killedPercent() float64 { return percent(r.killed, r.killed+r.lived) }

func (r result) coveredPercent() float64 {
	return percent(r.killed+r.lived, r.killed+r.lived+r.uncovered)
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

func TestTheTestsKillTheMutants(t *testing.T) {
	folders := strings.Fields(os.Getenv(packagesVariable))
	if len(folders) == 0 {
		t.Skip("it takes long: make mutate")
	}
	known := survivors(t)
	files, err := regexp.Compile(os.Getenv(filesVariable))
	if err != nil {
		t.Fatal(err)
	}
	work := scratch(t)
	var results []result
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			r := measure(t, work, folder, files, known)
			results = append(results, r)
			for _, line := range r.unexplained {
				t.Errorf("survives without a reason in survivors.txt: %s", line)
			}
			for _, line := range r.noLongerAlive {
				t.Errorf("is killed by now, remove it from survivors.txt: %s", line)
			}
			if r.killedPercent() < least || r.coveredPercent() < least {
				t.Errorf("%.1f %% killed, %.1f %% covered: %d are wanted", r.killedPercent(), r.coveredPercent(), least)
			}
		})
	}
	printTable(os.Stdout, results)
}

func printTable(w io.Writer, results []result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "package\tmutants\tkilled %\tcovered %\tsurvivors\twithout a reason\t")
	for _, r := range results {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%.1f\t%.1f\t%d\t%d\t\n", r.folder, r.killed+r.lived+r.uncovered, r.killedPercent(),
			r.coveredPercent(), r.lived, len(r.unexplained))
	}
	_ = table.Flush() // the table is for people
}

// measure tries the mutants of some files in a folder of the scratch copy and compares the survivors with those that are known.
func measure(t *testing.T, work, folder string, files *regexp.Regexp, known []survivor) result {
	t.Helper()
	found := result{folder: folder}
	alive := map[place]int{}
	lines := map[place][]int{}
	mutants := slices.DeleteFunc(gremlins(t, work, folder), func(m mutant) bool { return !files.MatchString(path.Base(m.file)) })
	for i, what := range prepare(t, work, folder, mutants).outcomes(t) {
		m := mutants[i]
		switch what {
		case killed:
			found.killed++
		case notCovered:
			found.uncovered++
			t.Logf("not covered: %s:%d:%d %s", m.file, m.Line, m.Column, m.Kind)
		case lived:
			found.lived++
			p := place{m.file, functionAt(t, filepath.Join(work, m.file), m.Line), m.Kind}
			alive[p]++
			lines[p] = append(lines[p], m.Line)
		}
	}
	explained := map[place]bool{}
	for _, s := range known {
		if path.Dir(s.file) != folder || !files.MatchString(path.Base(s.file)) {
			continue
		}
		explained[s.place] = s.count == alive[s.place]
		if s.count > alive[s.place] {
			found.noLongerAlive = append(found.noLongerAlive, fmt.Sprintf("%s: %d of %d survive", s.place, alive[s.place], s.count))
			explained[s.place] = true
		}
	}
	for p, n := range alive {
		if !explained[p] {
			found.unexplained = append(found.unexplained, fmt.Sprintf("%s %d (lines %v)", p, n, lines[p]))
		}
	}
	slices.Sort(found.unexplained)
	return found
}

// gremlins returns the mutants of a folder's own package.
func gremlins(t *testing.T, work, folder string) []mutant {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	program, err := filepath.Abs(os.Getenv(gremlinsVariable))
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), program, "unleash", "--dry-run", "--output", report,
		"--exclude-files", "/", "./"+folder) // a slash is in the names of the files of packages below the folder
	run.Dir = work
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("gremlins: %v\n%s", err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Files []struct {
			Name      string   `json:"file_name"`
			Mutations []mutant `json:"mutations"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var found []mutant
	for _, f := range read.Files {
		for _, m := range f.Mutations {
			m.file = path.Join(folder, f.Name)
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no mutants in %s: %s", folder, text)
	}
	return found
}

// scratch returns a copy of the repository's files, without what is installed beside them: gremlins copies all of it.
func scratch(t *testing.T) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err == nil {
			err = os.MkdirAll(filepath.Join(work, filepath.Dir(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(work, name), text, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return work
}

// functionAt returns the function that a line of a file is in: Name, Type.Name, or "-".
func functionAt(t *testing.T, path string, line int) string {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && files.Position(f.Pos()).Line <= line && line <= files.Position(f.End()).Line {
			return functionName(f)
		}
	}
	return "-"
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	return of.(*ast.Ident).Name + "." + f.Name.Name
}
