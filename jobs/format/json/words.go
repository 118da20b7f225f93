package json

import (
	"bytes"
	"io"
)

// mayHoldNotNumbers reports whether a text may have a word that notNumbers replaces.
func mayHoldNotNumbers(text []byte) bool {
	for _, word := range [...]string{"NaN", "nan", "NAN", "Inf", "inf"} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// notNumbers replaces the words that some programs write for numbers that JSON does not have, outside of strings: NaN (nan of C), which
// stands for a value that was not measured, becomes null; Infinity becomes text, which is refused as a number of its record alone.
type notNumbers struct {
	in       io.Reader
	buf      []byte // read, and not yet looked at or given out
	out      []byte // looked at
	end      error
	inString bool
	escaped  bool // the next byte of the string is
}

// longestWord is the most bytes that must be seen together: those of -Infinity.
const longestWord = 9

func newNotNumbers(in io.Reader) *notNumbers { return &notNumbers{in: in} }

// Read implements io.Reader.
func (r *notNumbers) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.end != nil && len(r.buf) == 0 {
			return 0, r.end
		}
		if r.end == nil {
			kept := len(r.buf)
			r.buf = append(r.buf, make([]byte, max(len(p), 4096))...)
			n, err := r.in.Read(r.buf[kept:])
			r.buf, r.end = r.buf[:kept+n], err
		}
		r.look()
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// look moves what is known from buf to out. A word may be cut off at the end of buf, so that the last bytes wait for more.
func (r *notNumbers) look() {
	in, out, i := r.buf, r.out[:0], 0
	for i < len(in) {
		if r.inString {
			i += r.string(in[i:])
			continue
		}
		next := bytes.IndexAny(in[i:], `"NIni-`)
		if next < 0 {
			i = len(in)
			break
		}
		if i += next; in[i] == '"' {
			r.inString, i = true, i+1
			continue
		}
		if len(in)-i < longestWord && r.end == nil {
			break
		}
		word, instead := wordAt(in[i:])
		if word == 0 {
			i++
			continue
		}
		out = append(append(out, in[:i]...), instead...)
		in, i = in[i+word:], 0
	}
	r.out = append(out, in[:i]...)
	r.buf = append(r.buf[:0:0], in[i:]...)
}

// string returns how many bytes of a string come before the end of it or of the bytes.
func (r *notNumbers) string(in []byte) int {
	for i, c := range in {
		switch {
		case r.escaped:
			r.escaped = false
		case c == '\\':
			r.escaped = true
		case c == '"':
			r.inString = false
			return i + 1
		}
	}
	return len(in)
}

// wordAt returns the length of the word at the beginning of the bytes and what takes its place.
func wordAt(in []byte) (length int, instead string) {
	for _, w := range [...]struct{ word, instead string }{
		{"NaN", "null"},
		{"-NaN", "null"},
		{"nan", "null"},
		{"-nan", "null"},
		{"NAN", "null"},
		{"Infinity", `"Infinity"`},
		{"-Infinity", `"-Infinity"`},
		{"inf", `"Infinity"`},
		{"-inf", `"-Infinity"`},
	} {
		if bytes.HasPrefix(in, []byte(w.word)) {
			return len(w.word), w.instead
		}
	}
	return 0, ""
}
