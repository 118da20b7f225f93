package xlsx

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"senmeteo/jobs/format"
)

// maxText bounds one text or tag of a sheet, in bytes. A cell of Excel holds 32,767 characters.
const maxText = 1 << 20

// maxDepth bounds the nesting of elements; a sheet needs seven levels.
const maxDepth = 64

// bounded is the text of a table as far as it keeps the bounds. It looks for tags alone and does not understand XML, so that it
// holds nothing itself.
type bounded struct {
	in io.Reader
	scanner
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if bad := b.take(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

// scanner knows how many bytes ago the last tag and the last record began.
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
			return fmt.Errorf("a cell has more than %d MiB, or a row more than %d MiB", maxText>>20, format.MaxRecord>>20)
		}
		if end >= 0 {
			s.text, s.naming, s.tag = 0, true, s.tag[:0]
		}
		p = p[passed:]
	}
	return nil
}

// name reads what follows <, up to the end of the tag's name, and returns the rest.
func (s *scanner) name(p []byte) []byte {
	const enough = 64
	for i, c := range p {
		if c == '<' { // not a tag: let take see it
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
