package client

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// JSON is a Request's Fits: the answer must say that it is JSON and be it. The page of a proxy or of a portal
// that stands in for the server is not, nor is a body that was cut off. Words for a number that is none, such as
// -nan or Infinity, which servers print though JSON has none, become null.
func JSON(r *Response) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return quoting(fmt.Errorf("it is %.60q, not JSON", kind), r)
	}
	if json.Valid(r.Body) {
		return nil
	}
	if whole := numbersOnly(r.Body); json.Valid(whole) {
		r.Body = whole
		return nil
	}
	return quoting(fmt.Errorf("its %d bytes are not JSON, though it says so", len(r.Body)), r)
}

// quoting adds what an answer says in words.
func quoting(err error, r *Response) error {
	if text := r.Said(); text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}

// notNumbers matches texts, to pass over them, and words for what is not a number.
var notNumbers = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[-+]?(?i:\bnan\b|\binf(?:inity)?\b)`)

// numbersOnly puts null in place of words such as NaN outside of texts.
func numbersOnly(body []byte) []byte {
	return notNumbers.ReplaceAllFunc(body, func(word []byte) []byte {
		if word[0] == '"' {
			return word
		}
		return []byte("null")
	})
}
