package scrape

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/client"
)

// LayoutError reports that a page does not look as its site says: nothing, or not all, of it is kept.
type LayoutError struct {
	What string // what no longer matches: a selector, a pattern, a row
	Why  string // how; "" when it matches nothing
	Copy string // where a copy of the page lies
}

func (e *LayoutError) Error() string {
	why := e.Why
	if why == "" {
		why = "matches nothing"
	}
	text := fmt.Sprintf("the layout has changed: %s %s", e.What, why)
	if e.Copy != "" {
		text += "; a copy of the page is in " + e.Copy + ": compare it with the site file and correct that"
	}
	return text
}

// NoticeError is what a server says in place of reports, though with a good status.
type NoticeError struct{ Text string }

func (e *NoticeError) Error() string {
	if e.Text == "" {
		return "the answer is empty, without a single report"
	}
	runes := []rune(strings.Join(strings.Fields(e.Text), " "))
	return fmt.Sprintf("the server says in place of a report: %q", string(runes[:min(len(runes), 200)]))
}

// NotDueError reports that a site is to be left alone for now.
type NotDueError struct {
	Site  string
	Until time.Time
}

func (e *NotDueError) Error() string {
	return fmt.Sprintf("%s is not due: the next round may begin at %s", e.Site, e.Until.UTC().Format(time.RFC3339))
}

// forbiddenError is what robots.txt forbids.
type forbiddenError struct{ host, path string }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("robots.txt of %s forbids to ask for %s", e.host, e.path)
}

// errNotAsked is why a page was not read after the server sent the program away.
var errNotAsked = errors.New("not asked any more")

// failure is the error of a round: nil when no page failed. A failure that may pass outweighs those that will not.
func failure(site string, pages *flow.PartialError) error {
	if len(pages.Failed) == 0 {
		return nil
	}
	class := classOf(pages.Failed[0].Err)
	for _, f := range pages.Failed {
		if errors.Is(f.Err, errNotAsked) {
			continue
		}
		if c := classOf(f.Err); c == flow.Unavailable || c == flow.TryLater && class != flow.Unavailable {
			class = c
		}
	}
	return flow.Fail(class, "reading %s: %w", site, error(pages))
}

// classOf is what the failure of one page means.
func classOf(err error) flow.Class {
	var status *client.StatusError
	var later *client.LaterError
	var layout *LayoutError
	var large *client.TooLargeError
	var forbidden *forbiddenError
	switch {
	case errors.As(err, &later):
		return flow.TryLater
	case errors.As(err, &layout), errors.As(err, &large):
		return flow.BadInput
	case errors.As(err, &forbidden):
		return flow.Usage
	case errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone):
		return flow.NoInput
	case errors.As(err, &status) && !status.Transient():
		return flow.Usage
	}
	return flow.Unavailable
}

// sendsAway reports whether an error says that the server wants to be left alone, so that no further page is asked for.
func sendsAway(err error) bool {
	var status *client.StatusError
	var later *client.LaterError
	var notice *NoticeError
	if errors.As(err, &later) || errors.As(err, &notice) {
		return true
	}
	if !errors.As(err, &status) {
		return false
	}
	switch status.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	}
	return false
}
