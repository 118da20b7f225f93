package client

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// StatusError is an answer with another status than 200 to 299.
type StatusError struct {
	URL    string // without its query
	Status int
	Header http.Header
	Said   string // what its body says in words, one line of bounded length; "" when it says nothing
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answered %d %s", e.URL, e.Status, http.StatusText(e.Status))
	if e.Said != "" && e.Said != http.StatusText(e.Status) {
		text += ": " + e.Said
	}
	return text
}

// Transient reports whether the same request may succeed later.
func (e *StatusError) Transient() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout ||
		e.Status >= 500 && e.Status != http.StatusNotImplemented && e.Status != http.StatusHTTPVersionNotSupported
}

// RetryAfter is how long the answer's Retry-After header asks to wait, in its form of seconds or of a date.
func (e *StatusError) RetryAfter(now time.Time) (time.Duration, bool) {
	text := e.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// RefusedError reports that the client did not go where it was sent.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "refusing to go on: " + e.Reason }

// TooLargeError reports that a body is longer than Config.MaxBody, compressed or not.
type TooLargeError struct {
	URL string // without its query
	Max int64  // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer of %s is longer than %d bytes", e.URL, e.Max)
}

// LaterError reports that the server wants to be left alone for longer than Config.MostWait.
type LaterError struct {
	Until time.Time
	Err   error // what the server answered
}

func (e *LaterError) Error() string {
	return fmt.Sprintf("%v: it asks to wait until %s", e.Err, e.Until.UTC().Format(time.RFC3339))
}

// Unwrap returns the server's answer.
func (e *LaterError) Unwrap() error { return e.Err }

// transportError is a request that got no whole answer.
type transportError struct {
	url string // without its query
	err error
}

func (e *transportError) Error() string { return fmt.Sprintf("asking %s: %v", e.url, e.err) }
func (e *transportError) Unwrap() error { return e.err }

// Transient reports whether a request that failed so may succeed later: the server was not there, was
// cut off, or answered with something that passes.
func Transient(err error) bool {
	var status *StatusError
	var refused *RefusedError
	var large *TooLargeError
	var transport *transportError
	var unfit *unfitError
	switch {
	case errors.As(err, &status):
		return status.Transient()
	case errors.As(err, &refused), errors.As(err, &large):
		return false
	}
	return errors.As(err, &transport) || errors.As(err, &unfit)
}

// unfitError is an answer that Request.Fits refused.
type unfitError struct {
	url string // without its query
	err error
}

func (e *unfitError) Error() string { return fmt.Sprintf("reading the answer of %s: %v", e.url, e.err) }
func (e *unfitError) Unwrap() error { return e.err }
