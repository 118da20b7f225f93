// Package charset brings text files into UTF-8: those with a byte-order mark, those of Windows programs
// in Windows-1252, those of DOS and of the first Macintosh, and UTF-16 without a mark.
package charset

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Unmark returns in as UTF-8 without a byte-order mark when it is UTF-8 or UTF-16. Bytes that are not valid
// UTF-8 are passed on, for formats that refuse them.
func Unmark(in io.Reader) io.Reader {
	buffered := bufio.NewReaderSize(in, 64<<10)
	start, _ := buffered.Peek(4) // a short file is a short start
	order, marked := unicode.LittleEndian, unicode.UseBOM
	switch {
	case bytes.HasPrefix(start, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = buffered.Discard(3) // it was peeked
		return buffered
	case bytes.HasPrefix(start, []byte{0xFF, 0xFE}):
	case bytes.HasPrefix(start, []byte{0xFE, 0xFF}):
		order = unicode.BigEndian
	case len(start) == 4 && start[0] == 0 && start[2] == 0 && start[1] != 0 && start[3] != 0:
		order, marked = unicode.BigEndian, unicode.IgnoreBOM
	case len(start) == 4 && start[1] == 0 && start[3] == 0 && start[0] != 0 && start[2] != 0:
		marked = unicode.IgnoreBOM
	default:
		return buffered
	}
	return transform.NewReader(buffered, unicode.UTF16(order, marked).NewDecoder())
}

// Detect is Unmark for formats that do not say their encoding: text that is not UTF-8 is in Windows-1252, or, where its letters say so, in code page 850 of
// DOS or in that of the first Macintosh. The first part of the file with a byte above 127 decides, so that nothing is read twice.
func Detect(in io.Reader) io.Reader {
	return transform.NewReader(Unmark(in), &detector{})
}

// detector passes ASCII on and decides at the first other byte which encoding the rest has.
type detector struct {
	rest transform.Transformer // nil until decided
}

// Reset forgets the decision.
func (d *detector) Reset() { d.rest = nil }

// Transform implements transform.Transformer.
func (d *detector) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if d.rest != nil {
		return d.rest.Transform(dst, src, atEOF)
	}
	ascii := 0
	for ascii < len(src) && src[ascii] < utf8.RuneSelf {
		ascii++
	}
	if ascii > 0 {
		n := copy(dst, src[:ascii])
		if n < len(src) {
			return n, n, transform.ErrShortDst
		}
		return n, n, nil
	}
	if len(src) < utf8.UTFMax && !atEOF {
		return 0, 0, transform.ErrShortSrc
	}
	if d.rest = transform.Nop; !validStart(src, atEOF) {
		likely, _ := likeliest(src)
		d.rest = likely.NewDecoder()
	}
	return d.rest.Transform(dst, src, atEOF)
}

// Text returns a text that is not UTF-8 in any part as UTF-8, from the encoding of one byte in which each of its bytes above 127 is a letter of
// French; ok is false for any other text.
func Text(b []byte) (text []byte, ok bool) {
	foreign := 0
	for rest := b; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			foreign++
		case size > 1:
			return nil, false
		}
		rest = rest[size:]
	}
	best, found := likeliest(b)
	if foreign == 0 || found < foreign {
		return nil, false
	}
	text, err := best.NewDecoder().Bytes(b)
	return text, err == nil
}

// validStart reports whether b is UTF-8, except that its last letter may be cut off when more follows.
func validStart(b []byte, atEOF bool) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			return !atEOF && !utf8.FullRune(b)
		}
		b = b[size:]
	}
	return true
}

// accents are the bytes of é è ê à ç ô î ï û É and °, the letters beyond ASCII that French texts have most, in the encodings of one byte.
var accents = [...]struct {
	encoding *charmap.Charmap
	bytes    string
}{
	{charmap.Windows1252, "\xE9\xE8\xEA\xE0\xE7\xF4\xEE\xEF\xFB\xC9\xB0"},
	{charmap.CodePage850, "\x82\x8A\x88\x85\x87\x93\x8C\x8B\x96\x90\xF8"},
	{charmap.Macintosh, "\x8E\x8F\x90\x88\x8D\x99\x94\x95\x9E\x83\xA1"},
}

// likeliest returns the encoding in which the most of the bytes above 127 are letters of French, and how many. Of equal ones the first counts.
func likeliest(b []byte) (best *charmap.Charmap, most int) {
	best = charmap.Windows1252
	for _, a := range accents {
		found := 0
		for _, c := range b {
			if c >= utf8.RuneSelf && strings.IndexByte(a.bytes, c) >= 0 {
				found++
			}
		}
		if found > most {
			best, most = a.encoding, found
		}
	}
	return best, most
}

// Fix returns a text that was UTF-8, was read as Windows-1252, and then written as UTF-8 once more ("HumiditÃ©") as it was; others as they are.
func Fix(s string) string {
	suspect := false
	for i := range len(s) {
		if s[i] == 0xC3 || s[i] == 0xC2 || s[i] == 0xE2 { // the first bytes of Ã, Â and â
			suspect = true
			break
		}
	}
	if !suspect {
		return s
	}
	encoded := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			if r >= utf8.RuneSelf && r > 0x9F {
				return s
			}
			b = byte(r) // of the five bytes that Windows-1252 leaves open
		}
		encoded = append(encoded, b)
	}
	if !utf8.Valid(encoded) {
		return s
	}
	return string(encoded)
}
