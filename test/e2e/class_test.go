package e2e_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"senmeteo/test/program"
)

// The lessons follow each other in one folder, as a class does them. Their French pages have the same blocks: test/style.
func TestEveryLessonRunsAsItsWordsSay(t *testing.T) {
	t.Parallel()
	lessons := lessonPages(t)
	var commands []string
	for i, page := range lessons {
		commands = append(commands, lessonMark(i))
		commands = append(commands, shellBlocks(t, page)...)
	}
	out := runInShell(t, commands)
	for i, page := range lessons {
		_, said, found := strings.Cut(out, "$ "+lessonMark(i)+"\n")
		if !found {
			t.Fatalf("%s was not reached", page)
		}
		if i+1 < len(lessons) {
			said, _, _ = strings.Cut(said, "$ "+lessonMark(i+1)+"\n")
		}
		if missing := notShown(string(read(t, program.Root(), page)), said); missing != "" {
			t.Errorf("%s says that one sees\n%s\nbut its commands print\n%s", page, missing, program.Tail(said))
		}
	}
}

// lessonPages are the English pages of the lessons, in their order.
func lessonPages(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(program.Root(), "docs", "class", "[0-9]*-*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasSuffix(name, ".fr.md") {
			pages = append(pages, "docs/class/"+name)
		}
	}
	slices.SortFunc(pages, func(a, b string) int { return cmp.Compare(lessonNumber(t, a), lessonNumber(t, b)) })
	for i, page := range pages {
		if lessonNumber(t, page) != i+1 {
			t.Fatalf("lesson %d is missing: there are %v", i+1, pages)
		}
	}
	if len(pages) != 10 {
		t.Fatalf("the path has the lessons %v, want ten", pages)
	}
	return pages
}

// lessonNumber is the number with which the name of a lesson's page begins.
func lessonNumber(t *testing.T, page string) int {
	t.Helper()
	digits, _, _ := strings.Cut(filepath.Base(page), "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	return n
}

func lessonMark(i int) string { return fmt.Sprintf("echo lesson %d begins", i+1) }

// notShown returns the first line of the blocks fenced as ```text that is not printed after the lines before it, or "". In such a
// line … stands for anything; one of it alone, for any lines.
func notShown(page, printed string) string {
	lines := strings.Split(printed, "\n")
	inside := false
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "```") {
			inside = line == "```text"
			continue
		}
		if !inside || line == "…" {
			continue
		}
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$")
		at := slices.IndexFunc(lines, pattern.MatchString)
		if at < 0 {
			return line
		}
		lines = lines[at+1:]
	}
	return ""
}

func TestALineThatALessonAnnouncesAndNobodySeesIsFound(t *testing.T) {
	t.Parallel()
	const page = "words\n```text\none … three\n…\nlast\n```\nwords\n"
	for name, c := range map[string]struct{ printed, want string }{
		"all of it":               {"$ run\none two three\nmore\nlast\n", ""},
		"another order":           {"last\none two three\n", "last"},
		"a line that goes on":     {"one two three four\nlast\n", "one … three"},
		"nothing":                 {"", "one … three"},
		"nothing between is fine": {"one  three\nlast\n", ""},
	} {
		if got := notShown(page, c.printed); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
