package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"senmeteo/jobs/format"
)

// maxText bounds one text or tag of a sheet, in bytes. A cell of Excel holds 32,767 characters.
const maxText = 1 << 20

// scanTable reads a sheet, or the shared strings, and refuses what a reader would have to hold at once beyond the bounds: a
// text, a tag, a row, a string. It looks for tags alone and understands no XML, so that it holds nothing itself.
func scanTable(in io.Reader) error {
	var (
		s   scanner
		buf = make([]byte, 64<<10)
	)
	for {
		n, err := in.Read(buf)
		if bad := s.take(buf[:n]); bad != nil {
			return bad
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("unpacking the workbook: %w", err)
		}
	}
}

// scanner knows how far behind it the last tag and the last start of a record are.
type scanner struct {
	text     int    // bytes since the last <
	record   int    // bytes since the start of the row or string
	isRecord bool   // inside one
	tag      []byte // the first bytes of the tag that is being read
	naming   bool
}

func (s *scanner) take(p []byte) error {
	for len(p) > 0 {
		if s.naming {
			p = s.name(p)
			continue
		}
		end := bytes.IndexByte(p, '<')
		passed := end + 1
		if end < 0 {
			passed = len(p)
		}
		s.text += passed
		s.record += passed
		if s.text > maxText || (s.isRecord && s.record > format.MaxRecord) {
			return fmt.Errorf("a cell of the workbook has more than %d MiB, or a row more than %d MiB", maxText>>20, format.MaxRecord>>20)
		}
		if end >= 0 {
			s.text, s.naming, s.tag = 0, true, s.tag[:0]
		}
		p = p[passed:]
	}
	return nil
}

// name reads what stands behind <, up to the end of the tag's name, and returns the rest.
func (s *scanner) name(p []byte) []byte {
	const enough = 64
	for i, c := range p {
		if c == '<' { // no tag: let take see it
			s.naming = false
			return p[i:]
		}
		if c == ' ' || c == '>' || c == '\t' || c == '\n' || c == '\r' || (c == '/' && len(s.tag) > 0) || len(s.tag) == enough {
			s.naming = false
			s.meet(string(s.tag))
			return p[i:]
		}
		s.tag = append(s.tag, c)
	}
	return nil
}

func (s *scanner) meet(tag string) {
	closing := strings.HasPrefix(tag, "/")
	tag = strings.TrimPrefix(tag, "/")
	if _, local, ok := strings.Cut(tag, ":"); ok {
		tag = local
	}
	if tag == "row" || tag == "si" {
		s.record, s.isRecord = 0, !closing
	}
}
