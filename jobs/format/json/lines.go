package json

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/charset"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Lines is the format jsonl.
func Lines() format.Format {
	return format.Format{
		Name: "jsonl", Extensions: []string{".jsonl", ".ndjson"},
		NewReader: newReaderOfLines,
		NewWriter: func(out io.Writer) (format.Writer, error) { return &lineWriter{out: newBuffer(out)}, nil },
	}
}

// keptOfTooLarge is how much of a line beyond format.MaxRecord its refusal carries.
const keptOfTooLarge = 64 << 10

// lineReader reads one record a line. A line that can't be read is refused alone.
type lineReader struct {
	in      *bufio.Reader
	long    []byte // a line that does not fit the buffer
	line    int
	waiting [][]byte // elements of an array that is a line
}

func newReaderOfLines(in io.Reader) (format.Reader, error) {
	r := &lineReader{in: bufio.NewReaderSize(charset.Unmark(in), 64<<10)}
	if opensOverLines(r.in) {
		return newReader(r.in)
	}
	return r, nil
}

// opensOverLines reports whether the first line that is not empty only opens an object or array: what follows is JSON that is written over
// several lines, as tools that print for people do, whatever the name of the file says.
func opensOverLines(in *bufio.Reader) bool {
	head, _ := in.Peek(512) // an error is that of the first read
	first, second, _ := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte("\n"))
	second = bytes.TrimLeft(second, " \t\r\n")
	switch string(bytes.Join(bytes.Fields(first), nil)) {
	case "{", "[{":
		return bytes.HasPrefix(second, []byte(`"`))
	case "[":
		return bytes.HasPrefix(second, []byte("{"))
	}
	return false
}

// Next implements format.Reader.
func (r *lineReader) Next() (shape.Row, error) {
	line, err := r.NextJSON()
	if err != nil {
		return nil, err
	}
	return r.Row(line)
}

// NextJSON implements format.JSON.
func (r *lineReader) NextJSON() ([]byte, error) {
	for {
		if len(r.waiting) > 0 {
			element := r.waiting[0]
			r.waiting = r.waiting[1:]
			return element, nil
		}
		r.line++
		line, length, err := r.readLine()
		if err != nil {
			return nil, err
		}
		if length > format.MaxRecord {
			return nil, &format.RecordError{
				Raw:     append([]byte(nil), line[:keptOfTooLarge]...),
				Refusal: meteo.Refuse(meteo.TooLarge, "the line has %d bytes, more than %d", length, format.MaxRecord),
			}
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if line[0] != '[' || !r.elements(line) {
				return line, nil
			}
		}
	}
}

// elements takes apart a line that is an array of records. It reports whether it is one.
func (r *lineReader) elements(line []byte) bool {
	in := jsontext.NewDecoder(bytes.NewReader(line), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := in.ReadToken(); err != nil {
		return false
	}
	for in.PeekKind() != ']' {
		element, err := in.ReadValue()
		if err != nil {
			r.waiting = nil
			return false
		}
		r.waiting = append(r.waiting, append([]byte(nil), element...))
	}
	return len(r.waiting) > 0
}

// Row implements format.JSON.
func (r *lineReader) Row(record []byte) (shape.Row, error) {
	row, err := parse(record)
	if err != nil && mayHoldNotNumbers(record) {
		mended, failed := io.ReadAll(newNotNumbers(bytes.NewReader(record)))
		if failed != nil {
			return nil, fmt.Errorf("reading a line: %w", failed)
		}
		if row, failed = parse(mended); failed == nil {
			return row, nil
		}
	}
	return row, err
}

// readLine returns the next line and its length, and at most format.MaxRecord bytes of it. It returns io.EOF
// only when there is no line left.
func (r *lineReader) readLine() (line []byte, length int, err error) {
	r.long = r.long[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		length += len(part)
		switch {
		case err == nil && len(r.long) == 0:
			return part, length, nil
		case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
			return nil, 0, fmt.Errorf("reading a line: %w", err)
		case errors.Is(err, io.EOF) && length == 0:
			return nil, 0, io.EOF
		}
		r.long = append(r.long, part[:min(len(part), format.MaxRecord-len(r.long))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.long, length, nil
		}
	}
}

// Position implements format.Reader.
func (r *lineReader) Position() string { return fmt.Sprintf("line %d", r.line) }

// Close implements format.Reader.
func (r *lineReader) Close() error { return nil }
