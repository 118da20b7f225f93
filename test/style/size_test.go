package style_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// How long production code may be, in lines.
const (
	longestFile     = 400
	longestFunction = 60   // between its braces
	longestMainFile = 200  // package main wires, it decides nothing
	longestMain     = 2500 // all of package main, without laterVerbs
	longestVerb     = 60
)

// laterVerbs came after package main had its size; each may add longestVerb lines.
var laterVerbs = []string{"score", "gaps", "review", "forecast", "forecast backtest", "verify", "export", "to-redis", "alerts", "alerts list, raise, clear, mute"}

func TestProductionFilesAreShort(t *testing.T) {
	total := 0
	for _, f := range repository(t) {
		if f.extension() != ".go" || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		lines, limit := strings.Count(f.text, "\n"), longestFile
		if path.Dir(f.path) == "jobs" {
			total += lines
			limit = longestMainFile
		}
		if lines > limit {
			t.Errorf("%s has %d lines, %d are allowed", f.path, lines, limit)
		}
	}
	if allowed := longestMain + longestVerb*len(laterVerbs); total > allowed {
		t.Errorf("package main has %d lines, %d are allowed: move logic into a package of its own", total, allowed)
	}
}

func TestProductionFunctionsAreShort(t *testing.T) {
	for _, f := range repository(t) {
		if f.extension() != ".go" || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for name, lines := range functions(t, f) {
			if lines > longestFunction {
				t.Errorf("%s: %s has %d lines, %d are allowed", f.path, name, lines, longestFunction)
			}
		}
	}
}

func TestTheLinesOfAFunctionAreThoseBetweenItsBraces(t *testing.T) {
	got := functions(t, file{"a.go", "package a\n\n// F does nothing.\nfunc F(\n\ta int,\n) {\n\t_ = a\n\n\t_ = a\n}\n\nfunc G() {}\n"})
	if got["F"] != 3 || got["G"] != 0 {
		t.Errorf("got %v, want 3 of F and 0 of G", got)
	}
}

// functions returns how many lines each function of a file has.
func functions(t *testing.T, f file) map[string]int {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, f.path, f.text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, d := range tree.Decls {
		if function, ok := d.(*ast.FuncDecl); ok && function.Body != nil {
			body := files.Position(function.Body.Rbrace).Line - files.Position(function.Body.Lbrace).Line
			lines[function.Name.Name] = max(lines[function.Name.Name], body-1, 0)
		}
	}
	return lines
}
