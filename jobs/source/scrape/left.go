package scrape

import (
	"fmt"
	"strings"
)

// leftOut counts what a page's reports hold that was not understood.
type leftOut struct {
	texts []string // in the order in which they came
	times map[string]int
}

func (l *leftOut) add(texts []string) {
	if l.times == nil {
		l.times = map[string]int{}
	}
	for _, text := range texts {
		if l.times[text] == 0 {
			l.texts = append(l.texts, text)
		}
		l.times[text]++
	}
}

// mostNamed bounds how many texts are named.
const mostNamed = 20

// String names them on one line, "" when there are none.
func (l *leftOut) String() string {
	var words []string
	for i, text := range l.texts {
		if i == mostNamed {
			words = append(words, fmt.Sprintf("and %d more", len(l.texts)-i))
			break
		}
		word := fmt.Sprintf("%.60q", text)
		if n := l.times[text]; n > 1 {
			word += fmt.Sprintf(" (%d times)", n)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
