package csv

import (
	"bufio"
	"bytes"
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
