package flow

import (
	"fmt"
	"strings"
)

// PartialError reports which parts of what a source reads failed, whole or in part; what the others gave was handed
// over. A source wraps it in a Failure of the class that fits.
type PartialError struct {
	Parts  string // what they are, in the plural: stations, pages, files
	All    int    // how many there are
	Failed []PartFailure
}

// PartFailure is why one part failed.
type PartFailure struct {
	Name string // as Report.Failed names it
	Err  error
}

// Add notes a part that failed.
func (e *PartialError) Add(name string, err error) {
	e.Failed = append(e.Failed, PartFailure{Name: name, Err: err})
}

// shownReasons is how many reasons an error names, and shownParts how many parts by each; Missing lists all.
const shownReasons, shownParts = 5, 20

// Error names the parts by what happened to them; for a single part it is what happened.
func (e *PartialError) Error() string {
	var reasons []string
	names := map[string][]string{}
	for _, f := range e.Failed {
		text := f.Err.Error()
		if names[text] == nil {
			reasons = append(reasons, text)
		}
		names[text] = append(names[text], f.Name)
	}
	var texts []string
	for _, text := range reasons[:min(len(reasons), shownReasons)] {
		if name := names[text][0]; strings.Contains(text, " "+name+" ") || strings.Contains(text, " "+name+": ") {
			texts = append(texts, text) // that of a file has its path
			continue
		}
		texts = append(texts, listed(names[text], shownParts)+": "+text)
	}
	if more := len(reasons) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d other reasons", more))
	}
	if e.All == 1 {
		return texts[0]
	}
	return fmt.Sprintf("%d of %d %s failed: %s", len(e.Failed), e.All, e.Parts, strings.Join(texts, "; "))
}

// listed joins the first names and counts the others.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Missing lists the parts that failed.
func (e *PartialError) Missing() []string {
	names := make([]string, len(e.Failed))
	for i := range e.Failed {
		names[i] = e.Failed[i].Name
	}
	return names
}

// Unwrap returns the errors of the parts.
func (e *PartialError) Unwrap() []error {
	all := make([]error, len(e.Failed))
	for i := range e.Failed {
		all[i] = e.Failed[i].Err
	}
	return all
}
