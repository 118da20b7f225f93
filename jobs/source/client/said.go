package client

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestSaying is how many characters of a server's words an error repeats.
const longestSaying = 200

// title is what an HTML page says in a few words.
var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// said is what a body says in words, for people: the reason of a JSON object, the title of an HTML page, or the first
// line of a text; "" when it says nothing. It is one line of bounded length, without the secrets.
func said(body []byte, secrets []string) string {
	if !utf8.Valid(body) {
		return ""
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	switch {
	case strings.HasPrefix(text, "{"):
		text = reason([]byte(text))
	case strings.HasPrefix(text, "["):
		return ""
	case strings.HasPrefix(text, "<"):
		m := title.FindStringSubmatch(text)
		if m == nil {
			return ""
		}
		text = m[1]
	default:
		text, _, _ = strings.Cut(text, "\n")
	}
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "(the key)")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(text); len(runes) > longestSaying {
		text = string(runes[:longestSaying]) + "..."
	}
	return text
}

// reason is what a JSON object of an error says: {"reason":"..."}, {"message":"...","code":1}, {"error":"..."} and
// {"error":{"message":"..."}}.
func reason(body []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	for _, name := range []string{"reason", "message", "detail", "error_description", "error", "title"} {
		var text string
		if json.Unmarshal(object[name], &text) == nil && strings.TrimSpace(text) != "" {
			var code int64
			if json.Unmarshal(object["code"], &code) == nil && code != 0 {
				text += fmt.Sprintf(" (code %d)", code)
			}
			return text
		}
	}
	if inner := object["error"]; len(inner) > 0 && inner[0] == '{' {
		return reason(inner)
	}
	return ""
}

// secrets are the values of the headers that a request has for its server alone.
func (r *Request) secrets() []string {
	var values []string
	for name, all := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "accept") || strings.HasPrefix(name, "if-") {
			continue
		}
		for _, value := range all {
			if value != "" {
				values = append(values, value)
			}
		}
	}
	return values
}
