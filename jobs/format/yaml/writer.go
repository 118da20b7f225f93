package yaml

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// writer writes a list of mappings. Text is always quoted, in the way that JSON and YAML share, so that no
// reader takes "NO" or "1e3" for something else; numbers and times are plain.
type writer struct {
	out   *bufio.Writer
	row   shape.Row
	buf   []byte
	count int
}

func newWriter(out io.Writer) (format.Writer, error) {
	return &writer{out: bufio.NewWriterSize(out, 64<<10)}, nil
}

// Write implements format.Writer.
func (w *writer) Write(o *meteo.Observation) error {
	w.row, w.buf = format.Nested(o, w.row[:0]), w.buf[:0]
	indent := "- "
	for _, f := range w.row {
		w.buf = append(append(append(w.buf, indent...), f.Name...), ": "...)
		w.buf = append(appendValue(w.buf, f.Value), '\n')
		indent = "  "
	}
	w.count++
	return failed(w.out.Write(w.buf))
}

// appendValue appends a value; objects and lists in the flow style.
func appendValue(dst []byte, value any) []byte {
	switch value := value.(type) {
	case float64:
		return meteo.AppendNumber(dst, value)
	case time.Time:
		return meteo.AppendTime(dst, value)
	case string:
		quoted, _ := jsontext.AppendQuote(dst, value) // an observation's text is valid UTF-8
		return quoted
	case shape.Row:
		dst = append(dst, '{')
		for i, f := range value {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendValue(append(append(dst, f.Name...), ": "...), f.Value)
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, element := range value {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendValue(dst, element)
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

// Close implements format.Writer.
func (w *writer) Close() error {
	if w.count == 0 {
		if err := failed(w.out.WriteString("[]\n")); err != nil {
			return err
		}
	}
	return failed(0, w.out.Flush())
}

func failed(_ int, err error) error {
	if err != nil {
		return fmt.Errorf("writing YAML: %w", err)
	}
	return nil
}
