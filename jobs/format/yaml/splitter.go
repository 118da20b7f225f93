package yaml

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"senmeteo/jobs/format"
)

// wholeDocument is the most bytes of a document that is parsed as a whole, as YAML says.
const wholeDocument = 1 << 20

// splitter cuts a file into pieces that can be parsed alone: at the marks of documents ("---", "..."), and
// within a document of more than wholeDocument bytes at the lines that start an item of the list at its top. Inside such an item every
// line is indented (YAML 1.2.2, section 8.2.1), so a "-" in the first column is never text.
type splitter struct {
	in    *bufio.Reader
	piece []byte
	ahead []byte // the line that ended the last piece, or nil
	line  int    // of the last line read
	start int    // line of the first line of the last piece

	large  bool // the document at hand is cut into items
	opens  bool // the last piece begins a document
	toItem bool // the last piece ends where an item of a list starts
}

func newSplitter(in io.Reader) *splitter {
	return &splitter{in: bufio.NewReaderSize(in, 64<<10)}
}

// next returns the next piece, good until the call after, or io.EOF.
func (s *splitter) next() ([]byte, error) {
	s.piece, s.start = append(s.piece[:0], s.ahead...), max(s.line, 1)
	s.ahead = nil
	s.opens, s.toItem = s.line == 0 || !s.toItem, false
	s.large = s.large && !s.opens
	for {
		line, err := s.readLine()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading YAML: %w", err)
		}
		if len(line) == 0 {
			if len(s.piece) == 0 {
				return nil, io.EOF
			}
			return s.piece, nil
		}
		head := onlyDirectives(s.piece)
		if head && isVersion(line) {
			continue
		}
		cut, keep, item := boundary(line)
		if head && cut && !item && len(bytes.TrimSpace(s.piece)) > 0 { // the mark after directives is a part of the document
			s.piece = append(s.piece, line...)
			continue
		}
		if item && !s.large {
			cut, item = false, false
			if len(s.piece)+len(line) > wholeDocument && s.opens {
				s.restart(line)
				continue
			}
		}
		if cut && len(bytes.TrimSpace(s.piece)) > 0 {
			if s.ahead = []byte{}; keep {
				s.ahead = append(s.ahead, line...)
			}
			s.toItem = item
			return s.piece, nil
		}
		if !cut || keep {
			s.piece = append(s.piece, line...)
		}
	}
}

// isVersion reports whether a line is the directive with the version of YAML 1, which changes nothing that matters here.
func isVersion(line []byte) bool { return bytes.HasPrefix(line, []byte("%YAML 1.")) }

// onlyDirectives reports whether there is nothing but directives, such as %TAG, and blank lines.
func onlyDirectives(piece []byte) bool {
	for line := range bytes.Lines(piece) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '%' {
			return false
		}
	}
	return true
}

// restart starts the document at hand from its beginning, to be cut into items.
func (s *splitter) restart(line []byte) {
	document := append(append([]byte(nil), s.piece...), line...)
	s.line -= bytes.Count(document, []byte("\n"))
	s.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(document), s.in), 64<<10)
	s.piece, s.large = s.piece[:0], true
}

// boundary reports whether a line starts a new piece, and whether it belongs to it. A mark of a document is
// dropped, but for what may follow it.
func boundary(line []byte) (cut, keep, item bool) {
	text := bytes.TrimRight(line, " \t\r\n")
	switch {
	case bytes.Equal(text, []byte("---")), bytes.Equal(text, []byte("...")):
		return true, false, false
	case bytes.HasPrefix(text, []byte("--- ")):
		return true, true, false
	case bytes.Equal(text, []byte("-")), bytes.HasPrefix(text, []byte("- ")):
		return true, true, true
	}
	return false, false, false
}

// readLine returns the next line with its end, shorter than what is left of the piece's bound.
func (s *splitter) readLine() ([]byte, error) {
	var long []byte
	for {
		part, err := s.in.ReadSlice('\n')
		if len(s.piece)+len(long)+len(part) > format.MaxRecord {
			return nil, fmt.Errorf("an item of the list at the top, or a document of another form, is longer than %d bytes: write a list", format.MaxRecord)
		}
		if err == nil && long == nil {
			s.line++
			return part, nil
		}
		long = append(long, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			if len(long) > 0 {
				s.line++
			}
			return long, err
		}
	}
}
