package mutants_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// tries runs the tests of one package with its mutants.
type tries struct {
	work, folder string
	mutants      []mutant
	files        map[string]source // by their path from the root
	program      string            // the package's tests with the mutants behind switches
	inside       map[int]bool      // the numbers of the mutants that the program has
	patience     time.Duration     // after which a run will not come to an end
}

// source is a file of the package.
type source struct {
	text []byte
	tree *ast.File
	file *token.File
}

// prepare builds the program.
func prepare(t *testing.T, work, folder string, mutants []mutant) *tries {
	t.Helper()
	r := &tries{work: work, folder: folder, mutants: mutants, files: map[string]source{}}
	s := &switches{mutants: mutants, info: r.check(t), functions: map[string]string{}, inside: map[int]bool{}}
	changed, pkg := map[string][]byte{}, ""
	for name, f := range r.files {
		changed[name], pkg = s.add(name, f), f.tree.Name.Name
	}
	changed[path.Join(folder, "mutant_switches.go")] = s.source(pkg)
	r.inside = s.inside
	r.program = filepath.Join(t.TempDir(), "tests")
	if out, err := r.build(t.TempDir(), changed, "-c", "-o", r.program); err != nil {
		t.Fatalf("building %s with switches: %v\n%s", folder, err, out)
	}
	r.patience = time.Minute
	began := time.Now()
	if out, failed := r.run(0); failed {
		t.Fatalf("the tests of %s fail without a mutant:\n%s", folder, out)
	}
	r.patience = max(30*time.Since(began), 10*time.Second)
	return r
}

// check reads the files of the package and finds the types in them.
func (r *tries) check(t *testing.T) *types.Info {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(r.work, r.folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var trees []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
		r.files[path.Join(r.folder, filepath.Base(name))] = source{text, tree, files.File(tree.Pos())}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", exports(t, r.work, r.folder))}
	if _, err := config.Check(r.folder, files, trees, info); err != nil {
		t.Fatal(err)
	}
	return info
}

// exports opens what the compiler knows of the packages that a folder's package imports.
func exports(t *testing.T, work, folder string) importer.Lookup {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./"+folder)
	list.Dir = work
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		known[name] = file
	}
	return func(name string) (io.ReadCloser, error) { return os.Open(known[name]) }
}

// build runs go test on the package with other texts of its files.
func (r *tries) build(dir string, changed map[string][]byte, arguments ...string) (out []byte, err error) {
	overlay := map[string]string{}
	for name, text := range changed {
		other := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(other, text, 0o600); err != nil {
			return nil, err
		}
		full, err := filepath.Abs(filepath.Join(r.work, name))
		if err != nil {
			return nil, err
		}
		overlay[full] = other
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600)
	}
	if err != nil {
		return nil, err
	}
	arguments = append([]string{"test", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json")}, arguments...)
	run := exec.Command("go", append(arguments, "./"+r.folder)...)
	run.Dir = r.work
	return run.CombinedOutput()
}

// run runs the program with a mutant and reports whether its tests fail or do not come to an end. A mutant that never stops to fill its
// memory is stopped as well.
func (r *tries) run(number int) (out []byte, failed bool) {
	run := exec.Command("sh", "-c", `ulimit -v 8000000; exec "$0" "$@"`, r.program, "-test.failfast", "-test.timeout="+r.patience.String())
	run.Dir = filepath.Join(r.work, r.folder)
	run.Env = append(os.Environ(), fmt.Sprintf("%s=%d", switchVariable, number))
	out, err := run.CombinedOutput()
	return out, err != nil
}

// outcomes tries all mutants, as many at a time as there are processors.
func (r *tries) outcomes(t *testing.T) []outcome {
	t.Helper()
	found := make([]outcome, len(r.mutants))
	numbers := make(chan int)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range numbers {
				found[i] = r.try(t, i)
			}
		})
	}
	for i := range r.mutants {
		numbers <- i
	}
	close(numbers)
	group.Wait()
	return found
}

// try tries a mutant, unless no test runs its statement.
func (r *tries) try(t *testing.T, i int) outcome {
	t.Helper()
	m := r.mutants[i]
	f := r.files[m.file]
	offset, unmeasured := locate(f.file, f.tree, m)
	failed := false
	switch {
	case m.Status == "NOT COVERED" && !unmeasured:
		return notCovered
	case r.inside[i+1]:
		_, failed = r.run(i + 1)
	default:
		changed, ok := change(f.text, offset, m.Kind)
		if !ok {
			t.Errorf("%s:%d:%d: there is nothing to change by %s", m.file, m.Line, m.Column, m.Kind)
		}
		out, err := r.build(t.TempDir(), map[string][]byte{m.file: changed}, "-count=1", "-failfast", "-timeout=1m")
		if bytes.Contains(out, []byte("[build failed]")) {
			return notViable
		}
		failed = err != nil
	}
	if failed {
		return killed
	}
	return lived
}
