package style_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many characters a line of prose may have; texts are wrapped at about 100.
const widest = 110

// unwrappable are lines that have no place to wrap at: tables, headings, pictures, one long link.
var unwrappable = regexp.MustCompile(`^\s*(\||#|!\[|<[^h]|[-*] \[[^]]*\]\(\S+\)\.?$)`)

func TestMarkdownIsWrapped(t *testing.T) {
	for _, f := range repository(t) {
		if f.extension() != ".md" {
			continue
		}
		for _, line := range longLines(f.text) {
			t.Errorf("%s:%d has %d characters: wrap it at 100", f.path, line.number, line.characters)
		}
	}
}

func TestLongLinesAreFoundInProseAlone(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"a paragraph":                       {long, 1},
		"an item":                           {"- " + long, 1},
		"a table":                           {"| " + long, 0},
		"code":                              {"```\n" + long + "\n```", 0},
		"code in an item":                   {"1. x\n\n   ```sh\n   " + long + "\n   ```", 0},
		"a paragraph after code":            {"```\n```\n" + long, 1},
		"accents, which are two bytes each": {strings.Repeat("é", widest), 0},
		"a picture":                         {"![" + long + "](a.png)", 0},
	} {
		if got := len(longLines(c.text)); got != c.want {
			t.Errorf("%s: %d long lines, want %d", name, got, c.want)
		}
	}
}

// longLine is a line of prose that is too long.
type longLine struct{ number, characters int }

func longLines(text string) []longLine {
	var found []longLine
	code := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
			continue
		}
		if n := utf8.RuneCountInString(line); !code && n > widest && !unwrappable.MatchString(line) {
			found = append(found, longLine{number, n})
		}
	}
	return found
}
