package style_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	comment   = regexp.MustCompile(`\s+#\s.*$`)
	heading   = regexp.MustCompile(`^(#+) `)
	fence     = regexp.MustCompile("^\\s*```")
	pageInDoc = regexp.MustCompile(`^docs/(class/)?[^/]+\.md$`)
)

func TestFrenchPagesSayTheSameAsTheEnglishOnes(t *testing.T) {
	pages := map[string]string{}
	for _, f := range repository(t) {
		if pageInDoc.MatchString(f.path) {
			pages[f.path] = f.text
		}
	}
	pairs := 0
	for path, text := range pages {
		name, french := strings.CutSuffix(path, ".fr.md")
		if !french {
			continue
		}
		pairs++
		english, ok := pages[name+".md"]
		if !ok {
			t.Errorf("%s has no English page %s.md", path, name)
			continue
		}
		for _, difference := range differences(english, text) {
			t.Errorf("%s: %s", path, difference)
		}
		folder, page := name[:strings.LastIndex(name, "/")+1], name[strings.LastIndex(name, "/")+1:]
		if want := "[Cette page en français](" + page + ".fr.md)"; !strings.Contains(english, want) {
			t.Errorf("%s.md does not link to its French page: add %s below its title", name, want)
		}
		if want := "[In English](" + page + ".md)"; !strings.Contains(text, want) {
			t.Errorf("%s does not link to its English page: add %s below its title", path, want)
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			linked, isPage := strings.CutSuffix(target, ".md")
			if _, ok := pages[folder+linked+".fr.md"]; isPage && ok && linked != page {
				t.Errorf("%s links to %s, which exists in French: link to %s.fr.md", path, target, linked)
			}
		}
	}
	if pairs == 0 {
		t.Error("no French page was found in docs")
	}
}

func TestWhatDiffersBetweenTwoPagesIsFound(t *testing.T) {
	const english = "# A\n\n```sh\nrun # now\n```\n\n## B\n\n| a |\n|---|\n| 1 |\n"
	for name, c := range map[string]struct {
		french string
		want   int
	}{
		"a translation":                {"# Un\n\n```sh\nrun   # vite\n```\n\n## Deux\n\n| un |\n|---|\n| 1 |\n", 0},
		"another command":              {"# A\n\n```sh\nwalk # now\n```\n\n## B\n\n| a |\n|---|\n| 1 |\n", 1},
		"another language of the code": {"# A\n\n```\nrun # now\n```\n\n## B\n\n| a |\n|---|\n| 1 |\n", 1},
		"a missing block":              {"# A\n\n## B\n\n| a |\n|---|\n| 1 |\n", 1},
		"another level":                {"# A\n\n```sh\nrun # now\n```\n\n### B\n\n| a |\n|---|\n| 1 |\n", 1},
		"a missing row":                {"# A\n\n```sh\nrun # now\n```\n\n## B\n\n| a |\n|---|\n", 1},
		"a row in another section":     {"# A\n\n```sh\nrun # now\n```\n\n| a |\n|---|\n| 1 |\n\n## B\n", 1},
		"a heading in code alone":      {"# A\n\n```sh\nrun # now\n## B\n```\n\n| a |\n|---|\n| 1 |\n", 3},
	} {
		if got := differences(english, c.french); len(got) != c.want {
			t.Errorf("%s: %d differences, want %d: %q", name, len(got), c.want, got)
		}
	}
}

// outline is what a page and its translation have in common.
type outline struct {
	headings []string // the marks alone, such as "##"
	code     []string // the blocks, with their fences, without comments
	rows     []int    // how many rows of tables there are before the first heading and after each
}

// differences returns what keeps a French page from having the outline of the English one.
func differences(english, french string) []string {
	e, f := outlineOf(english), outlineOf(french)
	var found []string
	if !slices.Equal(e.headings, f.headings) {
		found = append(found, fmt.Sprintf("its headings are %v, those in English %v", f.headings, e.headings))
	}
	if len(e.code) != len(f.code) {
		found = append(found, fmt.Sprintf("it has %d blocks of code, in English there are %d", len(f.code), len(e.code)))
	}
	for i := range min(len(e.code), len(f.code)) {
		if e.code[i] != f.code[i] {
			found = append(found, fmt.Sprintf("its code\n%s\nis in English\n%s", f.code[i], e.code[i]))
		}
	}
	if !slices.Equal(e.rows, f.rows) {
		found = append(found, fmt.Sprintf("the rows of tables by section are %v, in English %v", f.rows, e.rows))
	}
	return found
}

func outlineOf(text string) outline {
	found := outline{rows: []int{0}}
	var block *strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case fence.MatchString(line) && block == nil:
			block = &strings.Builder{}
			block.WriteString(line + "\n")
		case fence.MatchString(line):
			found.code = append(found.code, block.String()+line)
			block = nil
		case block != nil:
			block.WriteString(comment.ReplaceAllString(line, "") + "\n")
		case heading.MatchString(line):
			found.headings = append(found.headings, heading.FindStringSubmatch(line)[1])
			found.rows = append(found.rows, 0)
		case strings.HasPrefix(line, "|"):
			found.rows[len(found.rows)-1]++
		}
	}
	return found
}
