// Package charset brings text files into UTF-8: those with a byte-order mark, those of Windows programs
// in Windows-1252, and UTF-16 without a mark.
package charset

import (
	"bufio"
	"bytes"
	"io"
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

// Detect is Unmark for formats that do not say their encoding: text that is not UTF-8 is taken for
// Windows-1252. The first part of the file with a byte above 127 decides, so that nothing is read twice.
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
	d.rest = charmap.Windows1252.NewDecoder()
	if validStart(src, atEOF) {
		d.rest = transform.Nop
	}
	return d.rest.Transform(dst, src, atEOF)
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
