package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// endLines returns in with line feeds at the ends of its lines where it has carriage returns alone, as programs of the first Macintosh wrote them. The
// beginning of the file decides.
func endLines(in io.Reader) io.Reader {
	buffered := bufio.NewReaderSize(in, 64<<10)
	start, _ := buffered.Peek(64 << 10) // a short file is a short start
	if bytes.IndexByte(start, '\r') < 0 || bytes.IndexByte(start, '\n') >= 0 {
		return buffered
	}
	return &returns{in: buffered}
}

// returns reads carriage returns as line feeds.
type returns struct{ in io.Reader }

func (r *returns) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// edited reads lines that were changed.
type edited struct {
	in   *bufio.Reader
	edit func(line []byte) []byte
	rest []byte
}

func (e *edited) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		line, err := e.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return 0, fmt.Errorf("a line has more than %d bytes", len(line))
		}
		e.rest = e.edit(line)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// unquoteLine takes the quotes away from a line that is quoted as a whole.
func unquoteLine(line []byte) []byte {
	text := bytes.TrimSpace(line)
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' || bytes.Contains(bytes.ReplaceAll(text[1:len(text)-1], []byte(`""`), nil), []byte(`"`)) {
		return line
	}
	return append(bytes.ReplaceAll(text[1:len(text)-1], []byte(`""`), []byte(`"`)), '\n')
}

// partAtTwoBlanks puts tabs for runs of two or more blanks.
func partAtTwoBlanks(line []byte) []byte { return partAt(line, 2) }

// partAtBlanks puts tabs for blanks.
func partAtBlanks(line []byte) []byte { return partAt(line, 1) }

// partAt puts a tab for each run of at least so many blanks.
func partAt(line []byte, blanks int) []byte {
	text := bytes.TrimSpace(line)
	out := line[:0]
	for i := 0; i < len(text); {
		run := 0
		for text[i+run] == ' ' || text[i+run] == '\t' {
			run++
		}
		switch {
		case run >= blanks:
			out = append(out, '\t')
		default:
			out = append(out, text[i:i+max(run, 1)]...)
		}
		i += max(run, 1)
	}
	return append(out, '\n')
}
