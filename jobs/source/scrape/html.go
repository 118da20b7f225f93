package scrape

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"go.yaml.in/yaml/v3"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// Selector is a CSS selector.
type Selector struct {
	text    string
	matcher cascadia.Selector
}

// UnmarshalYAML reads a selector and checks it.
func (s *Selector) UnmarshalYAML(node *yaml.Node) error {
	matcher, err := cascadia.Compile(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %.60q is not a CSS selector: %w", node.Line, node.Value, err)
	}
	s.text, s.matcher = node.Value, matcher
	return nil
}

// given reports whether a site file has the selector.
func (s *Selector) given() bool { return s.matcher != nil }

// find returns what the selector matches below a selection; nothing is a LayoutError.
func (s *Selector) find(in *goquery.Selection) (*goquery.Selection, error) {
	got := in.FindMatcher(s.matcher)
	if got.Length() == 0 {
		return nil, &LayoutError{What: fmt.Sprintf("the selector %q", s.text)}
	}
	return got, nil
}

// Pattern is a regular expression of Go (RE2) in whose groups the parts of a text are found by their names.
type Pattern struct {
	*regexp.Regexp
	field string // of the site file, for messages
}

// UnmarshalYAML reads a pattern and checks it.
func (p *Pattern) UnmarshalYAML(node *yaml.Node) error {
	if len(node.Value) > 2000 {
		return fmt.Errorf("line %d: a pattern is longer than 2000 bytes", node.Line)
	}
	compiled, err := regexp.Compile(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	p.Regexp, p.field = compiled, fmt.Sprintf("the pattern of line %d of the site file", node.Line)
	return nil
}

// has reports whether the pattern names a group.
func (p *Pattern) has(group string) bool { return p.Regexp != nil && p.SubexpIndex(group) >= 0 }

// groups are the named parts of a match as FindStringSubmatchIndex gives it.
func (p *Pattern) groups(text string, match []int) map[string]string {
	out := map[string]string{}
	for i, name := range p.SubexpNames() {
		if name != "" && match[2*i] >= 0 && match[2*i] < match[2*i+1] {
			out[name] = strings.TrimSpace(text[match[2*i]:match[2*i+1]])
		}
	}
	return out
}

// changed is the error of a text that a pattern no longer matches.
func (p *Pattern) changed(text string) *LayoutError {
	return &LayoutError{What: p.field, Why: fmt.Sprintf("does not match %q", clip(text))}
}

// clip is the begin of a text, for messages.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 120 {
		return string(runes[:120]) + "..."
	}
	return text
}

// parse reads an HTML page in the encoding that it or its Content-Type says. A page without its end was cut off: what
// is there of it may be half of the truth.
func (p *page) parse() (*goquery.Selection, error) {
	if end := []byte(strings.ToLower(p.site.End)); !bytes.Contains(bytes.ToLower(p.body), end) {
		return nil, &LayoutError{What: fmt.Sprintf("the end of the page, %q,", end), Why: "is missing: it was cut off, or has another end"}
	}
	in, err := charset.NewReader(bytes.NewReader(p.body), p.kind)
	if err == nil {
		var document *goquery.Document
		if document, err = goquery.NewDocumentFromReader(in); err == nil {
			return document.Selection, nil
		}
	}
	return nil, &LayoutError{What: "HTML", Why: fmt.Sprintf("can't be read: %v", err)}
}

// text is the text of a selection as people see it: words of cells and lines apart, without scripts and the marks of
// footnotes, with single spaces, and with hyphens, quotes and signs in their plain form.
func text(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		gather(&b, n)
		b.WriteByte(' ')
	}
	return plain(b.String())
}

func gather(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	if n.Type == html.ElementNode {
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Noscript, atom.Template:
			return
		case atom.Sup:
			if s := (&goquery.Selection{Nodes: []*html.Node{n}}); s.HasClass("reference") {
				return
			}
		case atom.Br, atom.P, atom.Td, atom.Th, atom.Li, atom.Div, atom.Tr, atom.Caption:
			b.WriteByte(' ')
			defer b.WriteByte(' ')
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		gather(b, child)
	}
}

var plainer = strings.NewReplacer("\u2212", "-", "\u2010", "-", "\u2011", "-", "\u2019", "'", "\u02bc", "'", "\u200b", "", "\u00ad", "", "\ufeff", "", "º", "°", "\u2103", "°C")

func plain(s string) string {
	return strings.Join(strings.FieldsFunc(plainer.Replace(s), unicode.IsSpace), " ")
}

// When is how a time in UTC is found in a page.
type When struct {
	Selector Selector `yaml:"selector"`
	// Pattern has the groups day, month (a number or a name in the site's language), year, hour and minute; without
	// hour it is midnight.
	Pattern Pattern `yaml:"pattern"`
}

func (w *When) complete() error {
	if !w.Selector.given() || w.Pattern.Regexp == nil {
		return fmt.Errorf("say both selector and pattern")
	}
	for _, group := range []string{"day", "month", "year"} {
		if !w.Pattern.has(group) {
			return fmt.Errorf("the pattern has no group (?P<%s>...)", group)
		}
	}
	return nil
}

// in finds the time in a part of a page.
func (w *When) in(where *goquery.Selection, language string) (time.Time, error) {
	got, err := w.Selector.find(where)
	if err != nil {
		return time.Time{}, err
	}
	said := text(got)
	match := w.Pattern.FindStringSubmatchIndex(said)
	if match == nil {
		return time.Time{}, w.Pattern.changed(said)
	}
	parts := w.Pattern.groups(said, match)
	number := func(group string) int {
		n, err := strconv.Atoi(parts[group])
		if parts[group] != "" && err != nil {
			return -1
		}
		return n
	}
	m, err := strconv.Atoi(parts["month"])
	if err != nil {
		m = month(language, parts["month"])
	}
	at := time.Date(number("year"), time.Month(m), number("day"), number("hour"), number("minute"), 0, 0, time.UTC)
	if m < 1 || at.Month() != time.Month(m) || at.Day() != number("day") || at.Hour() != number("hour") || at.Minute() != number("minute") || at.Year() < 1900 || at.Year() > 2200 {
		return time.Time{}, &LayoutError{What: w.Pattern.field, Why: fmt.Sprintf("finds no time in %q", clip(said[match[0]:match[1]]))}
	}
	return at, nil
}

// Clock is a time of day as "06:00" in YAML.
type Clock time.Duration

// UnmarshalYAML reads "15:00".
func (c *Clock) UnmarshalYAML(node *yaml.Node) error {
	at, err := time.Parse("15:04", node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %.20q is not a time of day such as 06:00", node.Line, node.Value)
	}
	*c = Clock(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
	return nil
}

// after is the first such time of day after a moment.
func (c Clock) after(t time.Time) time.Time {
	at := t.Truncate(24 * time.Hour).Add(time.Duration(c))
	if !at.After(t) {
		at = at.Add(24 * time.Hour)
	}
	return at
}
