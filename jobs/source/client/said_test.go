package client

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatAServerSaysIsOneShortLineWithoutSecrets(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":true,"reason":"no  such\nplace"}`:                          "no such place",
		`{"code":429001,"type":"Too Many","message":"wait, ` + secret + `"}`: "wait, (the key) (code 429001)",
		`{"error":{"code":7,"message":"closed"}}`:                            "closed (code 7)",
		`{"error":"invalid_grant","error_description":"expired"}`:            "expired",
		`{"error":true}`: "",
		`{"current":{}}`: "",
		`[1]`:            "",
		`{"reason":`:     "",
		"<html><head><TITLE class=x>\nLog in </title>": "Log in",
		"<h1>Not Found</h1>":                           "",
		"upstream timed out\nat line 7":                "upstream timed out",
		"\xff\xfe":                                     "",
		"":                                             "",
		"bell \a and escape \x1b[31m":                  "bell and escape [31m",
		strings.Repeat("é", 300):                       strings.Repeat("é", 200) + "...",
	} {
		got := said([]byte(body), []string{secret})
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q says %q, want %q", body, got, want)
		}
	}
}

func TestAnErrorSaysWhatTheServerSaid(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"reason":"the key ` + r.Header.Get("Apikey") + ` is for another plan"}`))
	})
	_, _, err := ask(t, server, nil, Request{URL: "/a"})
	if err == nil || !strings.HasSuffix(err.Error(), "/a answered 400 Bad Request: the key (the key) is for another plan") {
		t.Errorf("got %v", err)
	}
}

func TestWordsForANumberThatIsNoneBecomeNull(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":NaN,"b":[-nan,+Inf,-Infinity,1]}`: `{"a":null,"b":[null,null,null,1]}`,
		`{"nan":"-nan, \"inf\"","a":nan}`:       `{"nan":"-nan, \"inf\"","a":null}`,
		`{"a":nano}`:                            "",
		`{"a":1`:                                "",
		`{"a":1}`:                               `{"a":1}`,
	} {
		r := &Response{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
		err := JSON(r)
		if (err == nil) != (want != "") || err == nil && string(r.Body) != want {
			t.Errorf("%s became %s, %v, want %s", body, r.Body, err, want)
		}
	}
}
