package mutants_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// place is where mutants of one kind are: it does not change when lines move.
type place struct{ file, function, kind string }

func (p place) String() string { return p.file + " " + p.function + " " + p.kind }

// survivor is a line of survivors.txt.
type survivor struct {
	place
	count  int
	reason string
}

// kinds are the changes that gremlins makes.
var kinds = []string{"ARITHMETIC_BASE", "CONDITIONALS_BOUNDARY", "CONDITIONALS_NEGATION", "INCREMENT_DECREMENT", "INVERT_NEGATIVES"}

// survivors reads survivors.txt.
func survivors(t *testing.T) []survivor {
	t.Helper()
	text, err := os.ReadFile("survivors.txt")
	if err != nil {
		t.Fatal(err)
	}
	found, err := parse(string(text))
	if err != nil {
		t.Fatalf("survivors.txt: %v", err)
	}
	return found
}

func parse(text string) ([]survivor, error) {
	var found []survivor
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, " ", 5)
		if len(parts) < 5 || len(strings.Fields(parts[4])) < 3 {
			return nil, fmt.Errorf("line %d: FILE FUNCTION KIND COUNT and a REASON of some words are wanted", number)
		}
		s := survivor{place: place{parts[0], parts[1], parts[2]}, reason: parts[4]}
		var err error
		if s.count, err = strconv.Atoi(parts[3]); err != nil || s.count < 1 {
			return nil, fmt.Errorf("line %d: %q is not a count", number, parts[3])
		}
		if !slices.Contains(kinds, s.kind) {
			return nil, fmt.Errorf("line %d: %q is not one of %v", number, s.kind, kinds)
		}
		if slices.ContainsFunc(found, func(o survivor) bool { return o.place == s.place }) {
			return nil, fmt.Errorf("line %d: %s is there twice", number, s.place)
		}
		found = append(found, s)
	}
	return found, nil
}

func TestEverySurvivorIsInAFunctionThatExists(t *testing.T) {
	for _, s := range survivors(t) {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, s.file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", s.place, err)
			continue
		}
		if s.function != "-" && !slices.ContainsFunc(tree.Decls, func(d ast.Decl) bool {
			f, ok := d.(*ast.FuncDecl)
			return ok && functionName(f) == s.function
		}) {
			t.Errorf("%s has no function %s: rename or remove the line of survivors.txt", s.file, s.function)
		}
	}
}

func TestALineWithoutAReasonIsRefused(t *testing.T) {
	for name, line := range map[string]string{
		"no reason":    "jobs/a.go F ARITHMETIC_BASE 1",
		"a short one":  "jobs/a.go F ARITHMETIC_BASE 1 fine",
		"no count":     "jobs/a.go F ARITHMETIC_BASE x it changes nothing",
		"another kind": "jobs/a.go F SOMETHING 1 it changes nothing",
		"twice":        "jobs/a.go F ARITHMETIC_BASE 1 it changes nothing\njobs/a.go F ARITHMETIC_BASE 2 it changes nothing",
	} {
		if _, err := parse(line); err == nil {
			t.Errorf("%s: %q passes", name, line)
		}
	}
	if got, err := parse("# a comment\n\njobs/a.go T.F ARITHMETIC_BASE 2 it changes nothing\n"); err != nil || len(got) != 1 || got[0].count != 2 {
		t.Errorf("a good line gives %v, %v", got, err)
	}
}
