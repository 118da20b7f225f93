package style_test

import (
	"go/scanner"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// word is one wording that docs/glossary.md replaces. Spaces in patterns match line ends, too.
type word struct {
	not, say string
	pattern  string
	allow    string // what follows or surrounds the match where it is legitimate
}

var words = []word{
	{not: "says whether", say: "reports whether", pattern: `\b(tell|say|show)(s|ing)? whether\b`},
	{
		not: "is no file", say: "is not a file", pattern: `\b(is|are|was|were) no [a-z]+`,
		allow: `\b(there|here) (is|are|was|were) no |\bno (longer|more|less|later|earlier|better|worse|different|matter)\b`,
	},
	{not: "made again", say: "recreated", pattern: `\b(make|makes|made|making)( it| them| the \w+| a \w+)? (again|anew)\b`},
	{not: "anew", say: "again", pattern: `\banew\b`},
	{not: "behind it", say: "after it", pattern: `\bbehind (it|them|the|a|an|what|this|that|its|which|these|those|where)\b`, allow: `behind (a|the) (proxy|firewall)\b`},
	{not: "stands in", say: "is in", pattern: `\b(stand|stands|stood|standing) (in|on|at|under|behind|before|beside|above|below|there|here)\b`, allow: `\b(stand|stands|stood|standing) in for\b`},
	{not: "tells", say: "returns, reports, describes", pattern: `\btells\b`, allow: `\btells (\w+ ){1,6}apart\b`},
	{not: "takes up", say: "acquires, starts with", pattern: `\b(take|takes|taken|taking|took)( it| them| the \w+| a \w+)? up\b`},
	{not: "the books", say: "the ledger", pattern: `\bbooks?\b`},
	{not: "letter box", say: "dead letters", pattern: `\bletter ?box(es)?\b`},
	{not: "held against", say: "compared with", pattern: `\b(hold|holds|held|holding) (\w+ ){0,3}against\b`},
	{not: "sign of life", say: "heartbeat", pattern: `\bsigns? of life\b`},
	{not: "in silence", say: "silently", pattern: `\bin silence\b`},
	{not: "for want of", say: "for lack of", pattern: `\bfor want of\b`},
	{not: "for ever", say: "forever", pattern: `\bfor ever\b`},
	{not: "gets on", say: "makes progress", pattern: `\b(gets|get|got|getting) on\b`, allow: `\b(gets|get|got|getting) on (a|the|its|time)\b`},
	{not: "mend", say: "correct, fix", pattern: `\bmend(s|ed|ing)?\b`},
	{not: "speak up", say: "log", pattern: `\bspeak(s|ing)? up\b`},
	{not: "or ours", say: "a name that says what is returned", pattern: `\bor ours\b`},
}

// quoting are the files that name the words in order to replace them.
var quoting = []string{"docs/glossary.md", "test/style"}

func TestTheWordsAreThoseOfTheGlossary(t *testing.T) {
	for _, f := range repository(t) {
		if f.below(quoting) {
			continue
		}
		for _, hit := range misusedIn(f) {
			t.Errorf("%s:%d: %q: say it as in %q (docs/glossary.md)", f.path, hit.line, hit.text, hit.say)
		}
	}
}

func TestTheGlossaryListsEveryWordThatIsReplaced(t *testing.T) {
	page, err := os.ReadFile(root + "/docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if row := "| " + w.say + " | " + w.not + " |"; !strings.Contains(string(page), row) {
			t.Errorf("it lacks the row %s", row)
		}
	}
}

func TestMisusedWordsAreFound(t *testing.T) {
	for _, w := range words {
		if got := misusedIn(file{"a.md", "x " + w.not + " y"}); len(got) == 0 {
			t.Errorf("%q is not found", w.not)
		}
	}
	for name, c := range map[string]struct {
		path, text string
		want       int
	}{
		"over the end of a line":           {"a.md", "it says\n  whether", 1},
		"over the end of a comment's line": {"a.go", "package a\n\n// It says\n// whether it is.\nvar b int\n", 1},
		"in a string":                      {"a.go", "package a\n\nvar b = \"it says whether\"\n", 1},
		"in a name":                        {"a.go", "package a\n\nfunc TestASinkSaysWhetherItStored() {}\n", 1},
		"in a shell script's comment":      {"a", "#!/bin/sh\n# it says\n# whether\n", 1},
		"a new one in a name":              {"a.go", "package a\n\nfunc TestANewTopicIsRead() {}\n", 0},
		"in Go code that is no text":       {"a.go", "package a\n\nvar says = whether\n", 0},
		"there is no":                      {"a.md", "there is no file", 0},
		"is no longer":                     {"a.md", "it is no longer there", 0},
		"stand in for":                     {"a.md", "stands in for the server", 0},
		"tell apart":                       {"a.md", "what tells the two apart", 0},
		"behind a proxy":                   {"a.md", "behind a proxy", 0},
		"records behind":                   {"a.md", "it is 5 records behind", 0},
		"workbooks":                        {"a.md", "a workbook", 0},
	} {
		if got := misusedIn(file{c.path, c.text}); len(got) != c.want {
			t.Errorf("%s: found %v, want %d", name, got, c.want)
		}
	}
}

// misuse is a wording that the glossary replaces.
type misuse struct {
	line      int
	text, say string
}

var compiled = func() (found []struct{ pattern, allow *regexp.Regexp }) {
	for _, w := range words {
		var c struct{ pattern, allow *regexp.Regexp }
		c.pattern = regexp.MustCompile(`(?i)` + strings.ReplaceAll(w.pattern, " ", `\s+`))
		if w.allow != "" {
			c.allow = regexp.MustCompile(`(?i)` + strings.ReplaceAll(w.allow, " ", `\s+`))
		}
		found = append(found, c)
	}
	return found
}()

func misusedIn(f file) []misuse {
	var found []misuse
	for _, p := range passages(f) {
		for i, c := range compiled {
			for _, at := range c.pattern.FindAllStringIndex(p.text, -1) {
				around := p.text[max(0, at[0]-20):min(len(p.text), at[1]+40)]
				if c.allow != nil && c.allow.MatchString(around) {
					continue
				}
				text := strings.Join(strings.Fields(p.text[at[0]:at[1]]), " ")
				found = append(found, misuse{p.line + strings.Count(p.text[:at[0]], "\n"), text, words[i].say})
			}
		}
	}
	return found
}

// passage is a piece of text that people read, and the line on which it begins.
type passage struct {
	line int
	text string
}

// lead is what may be before the words on a line of a comment, an item or a quotation.
var lead = regexp.MustCompile(`(?m)^[ \t]*(//|#+|--|>|\*|-)?`)

func blank(text string) string {
	return lead.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
}

// passages returns the comments, strings and names of Go code, and any other file as a whole.
func passages(f file) []passage {
	if f.extension() != ".go" {
		return []passage{{1, blank(f.text)}}
	}
	files := token.NewFileSet()
	src := files.AddFile(f.path, -1, len(f.text))
	var s scanner.Scanner
	s.Init(src, []byte(f.text), nil, scanner.ScanComments)
	var found []passage
	ends := 0 // the line on which the last comment ends
	for {
		pos, tok, text := s.Scan()
		line := src.Line(pos)
		switch tok {
		case token.EOF:
			return found
		case token.COMMENT:
			if ends > 0 && line == ends+1 {
				last := &found[len(found)-1]
				last.text += "\n" + blank(text)
			} else {
				found = append(found, passage{line, blank(text)})
			}
			ends = line + strings.Count(text, "\n")
			continue
		case token.STRING:
			found = append(found, passage{line, text})
		case token.IDENT:
			if name := spoken(text); strings.Contains(name, " ") {
				found = append(found, passage{line, name})
			}
		}
		if text != "\n" { // the scanner's own semicolon at the end of a line
			ends = 0
		}
	}
}

// spoken returns a name as words: "orOurs" is "or Ours", "OfANewTopic" is "Of A New Topic".
func spoken(name string) string {
	var out strings.Builder
	previous := ' '
	letters := []rune(name)
	for i, r := range letters {
		beginsWord := unicode.IsUpper(r) && (!unicode.IsUpper(previous) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if beginsWord || r == '_' {
			out.WriteByte(' ')
		}
		if r != '_' {
			out.WriteRune(r)
		}
		previous = r
	}
	return strings.TrimSpace(out.String())
}
