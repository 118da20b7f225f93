package mutants_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// gremlins lists the mutants and whether they are covered; they are tried here (see tries), because gremlins ends a test that takes longer than some
// times the measurement of coverage took, which on a busy machine kills every mutant, and leaves its process at work.

// outcome is what became of a mutant.
type outcome int

const (
	killed     outcome = iota // a test failed, or did not come to an end
	lived                     // all tests passed
	notCovered                // no test runs it
	notViable                 // it does not compile
)

// replacements are what each kind of change makes of an operator, as in gremlins.
var replacements = map[string]map[string]string{
	"ARITHMETIC_BASE":       {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
	"CONDITIONALS_BOUNDARY": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
	"CONDITIONALS_NEGATION": {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"},
	"INCREMENT_DECREMENT":   {"++": "--", "--": "++"},
	"INVERT_NEGATIVES":      {"-": "+"},
}

// locate returns where a mutant is in its file, and whether coverage counts nothing there, whatever the tests run: it counts statements, but
// not the expressions of a case and the declarations outside of functions.
func locate(file *token.File, tree *ast.File, m mutant) (offset int, unmeasured bool) {
	pos := file.LineStart(m.Line) + token.Pos(m.Column-1)
	unmeasured = true
	ast.Inspect(tree, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		switch n := n.(type) {
		case *ast.BlockStmt:
			unmeasured = false // unless it is in a case of this block
		case *ast.CaseClause:
			unmeasured = pos < n.Colon
		}
		return true
	})
	return file.Offset(pos), unmeasured
}

// change returns a file with another operator at an offset; ok is false when there is none for this kind of change.
func change(text []byte, offset int, kind string) (changed []byte, ok bool) {
	for _, length := range [...]int{2, 1} {
		operator := string(text[offset:min(offset+length, len(text))])
		if with, ok := replacements[kind][operator]; ok {
			return []byte(string(text[:offset]) + with + string(text[offset+len(operator):])), true
		}
	}
	return nil, false
}

func TestAMutantIsUnmeasuredWhereCoverageCountsNothing(t *testing.T) {
	const text = `package a

const c = 1 - 2

var f = func() int { return 3 - 4 }

func g(n int) int {
	switch {
	case n < 5:
		return n - 6
	}
	return n - 7
}
`
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, "a.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	for operand, want := range map[string]bool{"- 2": true, "- 4": false, "< 5": true, "- 6": false, "- 7": false} {
		for i, line := range lines {
			column := strings.Index(line, operand)
			if column < 0 {
				continue
			}
			offset, unmeasured := locate(files.File(tree.Pos()), tree, mutant{file: "a.go", Line: i + 1, Column: column + 1})
			if !strings.HasPrefix(text[offset:], operand) || unmeasured != want {
				t.Errorf("%q is found at %q; unmeasured: %v, want %v", operand, text[offset:offset+3], unmeasured, want)
			}
		}
	}
}

func TestAnOperatorIsChangedAsAWhole(t *testing.T) {
	for _, c := range []struct{ text, kind, want string }{
		{"a <= b", "CONDITIONALS_BOUNDARY", "a < b"},
		{"a < b", "CONDITIONALS_BOUNDARY", "a <= b"},
		{"a < b", "CONDITIONALS_NEGATION", "a >= b"},
		{"a - b", "ARITHMETIC_BASE", "a + b"},
		{"a + b", "INVERT_NEGATIVES", ""},
	} {
		if got, ok := change([]byte(c.text), 2, c.kind); ok != (c.want != "") || string(got) != c.want {
			t.Errorf("%s by %s becomes %q, want %q", c.text, c.kind, got, c.want)
		}
	}
}
