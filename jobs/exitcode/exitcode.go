package exitcode

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"senmeteo/jobs/flow"
)

// Of returns the exit code for what a run returned, by the class of the error.
func Of(err error) int {
	if err == nil {
		return success.Number
	}
	return failures[flow.ClassOf(err)].Number
}

// All returns every code, in ascending order.
func All() []Code {
	codes := append(slices.Collect(maps.Values(failures)), success, killed)
	slices.SortFunc(codes, func(a, b Code) int { return cmp.Compare(a.Number, b.Number) })
	return codes
}

// Help returns the codes that the program itself ends with, one a line, for its help.
func Help() string {
	var b strings.Builder
	b.WriteString("Exit codes:")
	for _, c := range All() {
		if c.Number != killed.Number {
			fmt.Fprintf(&b, "\n%5d  %s", c.Number, c.English.Meaning)
		}
	}
	return b.String()
}
