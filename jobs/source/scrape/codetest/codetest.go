// Package codetest holds what the tests of the decoders of weather codes have in common: tables of reports, a corpus of
// reports that must be decoded as before, and an independent decoder of another author that must say the same of each, but for
// differences that are explained.
//
//	testdata/corpus.txt       reports, one a line
//	testdata/want.txt         what the decoder says of each
//	testdata/independent.py   prints what the independent decoder says of each line of its standard input, as JSON
//	testdata/differences.txt  the differences, by what explains them
//
// `go test -update` writes want.txt and differences.txt.
package codetest

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

var update = flag.Bool("update", false, "write testdata/want.txt and testdata/differences.txt")

// Decoded is what a decoder says of one report.
type Decoded struct {
	Head      string // station and time, for people
	Station   string // the provider's id
	Values    meteo.Values
	IntervalS int64
	Words     map[string]bool // what else is known of the report, such as that it is corrected
	Unread    []string
	Err       error
}

// String is all of it on one line.
func (d *Decoded) String() string {
	if d.Err != nil {
		return d.Err.Error()
	}
	return d.Head + " " + Show(&d.Values, d.IntervalS, d.Words)
}

// Corpus decodes every line of the corpus and compares what comes with want.txt.
func Corpus(t *testing.T, decode func(line string) Decoded) {
	t.Helper()
	var got strings.Builder
	for _, line := range lines(t) {
		d := decode(line)
		got.WriteString(d.String() + "\n")
	}
	golden(t, "testdata/want.txt", got.String())
}

// lines are those of the corpus.
func lines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// golden compares a text with a file, line by line.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(want, []byte(got)) {
		return
	}
	wanted := strings.Split(string(want), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(wanted) || line != wanted[i] {
			t.Errorf("%s, line %d: got %s", path, i+1, line)
		}
	}
	if n := strings.Count(got, "\n"); n != len(wanted)-1 {
		t.Errorf("%s has %d lines, got %d", path, len(wanted)-1, n)
	}
}
