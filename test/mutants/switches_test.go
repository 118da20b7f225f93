package mutants_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A package's tests are built once with all of its mutants, each with a switch of its own, because to build them for each of some hundred mutants
// takes ten times as long as to run them. An operator becomes a call of a function that knows the operator's mutants: x < y becomes
// mutantLSS_LEQ_GEQ(7, 8, x, y), which is x <= y for mutant 7, x >= y for mutant 8 and x < y for all others.

// switchVariable is the number of the mutant that a run is to have.
const switchVariable = "SENMETEO_MUTANT"

// operator is one that has mutants.
type operator struct {
	word       string // in the names of functions
	constraint string // on the type of its operands
}

var operators = map[token.Token]operator{
	token.LSS: {"LSS", "cmp.Ordered"}, token.LEQ: {"LEQ", "cmp.Ordered"}, token.GTR: {"GTR", "cmp.Ordered"}, token.GEQ: {"GEQ", "cmp.Ordered"},
	token.ADD: {"ADD", "mutantNumber"}, token.SUB: {"SUB", "mutantNumber"}, token.MUL: {"MUL", "mutantNumber"}, token.QUO: {"QUO", "mutantNumber"},
	token.REM: {"REM", "mutantInteger"}, token.INC: {"INC", "mutantNumber"}, token.DEC: {"DEC", "mutantNumber"},
}

// switches puts the mutants of a package behind switches.
type switches struct {
	mutants   []mutant // their numbers are their positions, from 1 up
	info      *types.Info
	functions map[string]string // that stand for operators, by their names
	inside    map[int]bool      // the mutants that have a switch
	file      *token.File       // at hand
	edits     []edit            // of the file
}

// edit inserts a text and removes what is there.
type edit struct {
	at, removed int
	text        string
	opens       bool // it comes before an operand or is the operator, and not after an operand
	width       int  // of the expression that it belongs to
}

// add returns a file with switches for its mutants. Those in constants, and those that do not compile, have none.
func (s *switches) add(name string, f source) []byte {
	s.file, s.edits = f.file, nil
	at := map[token.Pos][]int{}
	for i, m := range s.mutants {
		if m.file == name {
			pos := f.file.LineStart(m.Line) + token.Pos(m.Column-1)
			at[pos] = append(at[pos], i+1)
		}
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			return n.Tok != token.CONST
		case *ast.ArrayType:
			return false
		case *ast.BinaryExpr:
			s.binary(n, at[n.OpPos])
		case *ast.UnaryExpr:
			s.negative(n, at[n.OpPos])
		case *ast.IncDecStmt:
			s.step(n, at[n.TokPos])
		}
		return true
	})
	return s.apply(f.text)
}

func (s *switches) binary(n *ast.BinaryExpr, numbers []int) {
	isText := types.Identical(s.info.TypeOf(n).Underlying(), types.Typ[types.String])
	if len(numbers) == 0 || isText { // texts have no difference
		return
	}
	if n.Op == token.EQL || n.Op == token.NEQ {
		s.inside[numbers[0]] = true
		s.around(n, 0, fmt.Sprintf("((mutantOn == %d) != (", numbers[0]), "))")
		return
	}
	of := s.info.TypeOf(n)
	if isComparison(n.Op) {
		of = s.info.TypeOf(n.X)
	}
	s.around(n, 0, s.call(n.Op, numbers, of, n.X, n.Y), ")")
	s.edits = append(s.edits, edit{at: s.file.Offset(n.OpPos), removed: len(n.Op.String()), text: ",", opens: true})
}

func (s *switches) negative(n *ast.UnaryExpr, numbers []int) {
	if len(numbers) > 0 && n.Op == token.SUB {
		s.around(n, 1, s.call(n.Op, numbers, s.info.TypeOf(n), n.X)+"0, ", ")")
	}
}

func (s *switches) step(n *ast.IncDecStmt, numbers []int) {
	if x, ok := n.X.(*ast.IndexExpr); ok {
		if _, isMap := s.info.TypeOf(x.X).Underlying().(*types.Map); isMap {
			return // an element of a map has no address
		}
	}
	if len(numbers) > 0 {
		s.around(n, 0, s.call(n.Tok, numbers, s.info.TypeOf(n.X), n.X)+"&", "")
		s.edits = append(s.edits, edit{at: s.file.Offset(n.TokPos), removed: 2, text: ")", opens: true})
	}
}

// around puts texts around an expression, the first instead of some characters.
func (s *switches) around(n ast.Node, removed int, before, after string) {
	start, end := s.file.Offset(n.Pos()), s.file.Offset(n.End())
	s.edits = append(s.edits, edit{at: start, removed: removed, text: before, opens: true, width: end - start}, edit{at: end, text: after, width: end - start})
}

// call returns the beginning of a call that stands for an operator. It states the type when all operands are constants, of which the compiler
// would choose another.
func (s *switches) call(of token.Token, numbers []int, typ types.Type, operands ...ast.Expr) string {
	name, parameters, arguments, cases := "mutant"+operators[of].word, "", "", ""
	for i, number := range numbers {
		s.inside[number] = true
		with := replacements[s.mutants[number-1].Kind][of.String()]
		name += "_" + operators[tokens[with]].word
		parameters += fmt.Sprintf("n%d, ", i)
		arguments += fmt.Sprintf("%d, ", number)
		cases += fmt.Sprintf("case n%d: %s\n", i, statement(of, with))
	}
	operandsAndResult := "int, a, b T) T"
	switch {
	case isComparison(of):
		operandsAndResult = "int, a, b T) bool"
	case of == token.INC || of == token.DEC:
		operandsAndResult = "int, a *T)"
	}
	s.functions[name] = fmt.Sprintf("func %s[T %s](%s %s {\nswitch mutantOn {\n%sdefault: %s\n}\n}\n", name, operators[of].constraint,
		strings.TrimSuffix(parameters, ", "), operandsAndResult, cases, statement(of, of.String()))
	instance := ""
	if !slices.ContainsFunc(operands, func(x ast.Expr) bool { return s.info.Types[x].Value == nil }) {
		instance = "[" + types.TypeString(types.Default(typ), (*types.Package).Name) + "]"
	}
	return name + instance + "(" + arguments
}

func isComparison(of token.Token) bool { return operators[of].constraint == "cmp.Ordered" }

func statement(of token.Token, operator string) string {
	if of == token.INC || of == token.DEC {
		return "*a" + operator
	}
	return "return a " + operator + " b"
}

// tokens are the operators by how they are written.
var tokens = func() map[string]token.Token {
	table := map[string]token.Token{}
	for t := range operators {
		table[t.String()] = t
	}
	return table
}()

// apply returns a text with the edits. Of two at one place the one that closes comes first, and of two that open the one of the expression
// around the other.
func (s *switches) apply(text []byte) []byte {
	slices.SortStableFunc(s.edits, func(a, b edit) int {
		switch {
		case a.at != b.at:
			return cmp.Compare(a.at, b.at)
		case a.opens && b.opens:
			return cmp.Compare(b.width, a.width)
		case a.opens:
			return 1
		case b.opens:
			return -1
		}
		return cmp.Compare(a.width, b.width)
	})
	var out []byte
	from := 0
	for _, e := range s.edits {
		out = append(append(out, text[from:e.at]...), e.text...)
		from = e.at + e.removed
	}
	return append(out, text[from:]...)
}

// source returns the file of the functions that stand for operators.
func (s *switches) source(pkg string) []byte {
	out := "package " + pkg + `

import (
	"cmp"
	"os"
	"strconv"
)

var mutantOn, _ = strconv.Atoi(os.Getenv("` + switchVariable + `"))

type mutantInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type mutantNumber interface{ mutantInteger | ~float32 | ~float64 }

var _ = cmp.Compare[int]
`
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		out += s.functions[name]
	}
	return []byte(out)
}

func TestAnOperatorWithMutantsBecomesACall(t *testing.T) {
	const text = `package a

const c = 1 - 2

func f(a, b int, s string, m map[string]int) bool {
	m[s]++
	a++
	s = s + "x"
	return a*2-b <= -1 && s == ""
}
`
	const want = `package a

const c = 1 - 2

func f(a, b int, s string, m map[string]int) bool {
	m[s]++
	mutantINC_DEC(3, &a)
	s = s + "x"
	return mutantLEQ_LSS_GTR(7, 8, mutantSUB_ADD(6, mutantMUL_QUO(5, a,2),b) , mutantSUB_ADD[int](9, 0, 1)) && ((mutantOn == 10) != (s == ""))
}
`
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, "a.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{}).Check("a", files, []*ast.File{tree}, info); err != nil {
		t.Fatal(err)
	}
	s := switches{info: info, functions: map[string]string{}, inside: map[int]bool{}}
	for _, m := range [...]struct{ at, kind string }{
		{"- 2", "ARITHMETIC_BASE"},
		{"++\n\ta", "INCREMENT_DECREMENT"},
		{"++\n\ts", "INCREMENT_DECREMENT"},
		{"+ \"x", "ARITHMETIC_BASE"},
		{"*2", "ARITHMETIC_BASE"},
		{"-b", "ARITHMETIC_BASE"},
		{"<= -1", "CONDITIONALS_BOUNDARY"},
		{"<= -1", "CONDITIONALS_NEGATION"},
		{"-1 &", "INVERT_NEGATIVES"},
		{"== \"", "CONDITIONALS_NEGATION"},
	} {
		before := text[:strings.Index(text, m.at)]
		s.mutants = append(s.mutants, mutant{file: "a.go", Line: strings.Count(before, "\n") + 1, Column: len(before) - strings.LastIndexByte(before, '\n'), Kind: m.kind})
	}
	if got := string(s.add("a.go", source{[]byte(text), tree, files.File(tree.Pos())})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.inside[1] || s.inside[2] || !s.inside[3] || s.inside[4] {
		t.Errorf("behind switches are %v", s.inside)
	}
	body := "case n0: return a < b\ncase n1: return a > b\ndefault: return a <= b\n"
	if source := string(s.source("a")); !strings.Contains(source, "func mutantLEQ_LSS_GTR[T cmp.Ordered](n0, n1 int, a, b T) bool {\nswitch mutantOn {\n"+body+"}\n}\n") {
		t.Error(source)
	}
}
