package wmo

import (
	"errors"
	"fmt"
)

// ErrNil reports that a station says that it has no report.
var ErrNil = errors.New("the report is NIL: the station has none")

// ErrNoReport reports that a text holds no report of the code at all, but something else, such as a notice.
var ErrNoReport = errors.New("the text holds no report")

// SyntaxError reports that a report does not follow its code in what the rest depends on, so that none of it can be trusted.
type SyntaxError struct {
	Group string // the group that does not, "" when one is missing
	Why   string
}

func (e *SyntaxError) Error() string {
	if e.Group == "" {
		return "decoding a report: " + e.Why
	}
	return fmt.Sprintf("decoding a report: group %.20q: %s", e.Group, e.Why)
}
