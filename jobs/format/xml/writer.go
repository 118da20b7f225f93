package xml

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

const (
	head = xml.Header + "<observations>\n"
	tail = "</observations>\n"
)

// writer writes one element per observation and one child element per field that it has. The rules of qc and the
// values of original are elements named after their variable.
type writer struct {
	out *bufio.Writer
	row shape.Row
	buf []byte
}

func newWriter(out io.Writer) (format.Writer, error) {
	w := &writer{out: bufio.NewWriterSize(out, 64<<10)}
	return w, failed(w.out.WriteString(head))
}

// Write implements format.Writer.
func (w *writer) Write(o *meteo.Observation) error {
	w.row = format.Nested(o, w.row[:0])
	w.put("  <observation>\n")
	for _, f := range w.row {
		w.put("    ")
		w.element(f.Name, f.Value)
		w.put("\n")
	}
	return failed(w.out.WriteString("  </observation>\n"))
}

// element writes a field; a list is the same element again and again.
func (w *writer) element(name string, value any) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, one := range list {
		w.put("<" + name + ">")
		switch one := one.(type) {
		case string:
			_ = xml.EscapeText(w.out, []byte(one)) // a bufio.Writer keeps its error
		case float64:
			w.buf = meteo.AppendNumber(w.buf[:0], one)
			_, _ = w.out.Write(w.buf)
		case time.Time:
			w.buf = meteo.AppendTime(w.buf[:0], one)
			_, _ = w.out.Write(w.buf)
		case shape.Row:
			for _, f := range one {
				w.element(f.Name, f.Value)
			}
		}
		w.put("</" + name + ">")
	}
}

// put writes text; a bufio.Writer keeps its error until the next call.
func (w *writer) put(s string) { _, _ = w.out.WriteString(s) }

// Close implements format.Writer.
func (w *writer) Close() error {
	w.put(tail)
	return failed(0, w.out.Flush())
}

func failed(_ int, err error) error {
	if err != nil {
		return fmt.Errorf("writing XML: %w", err)
	}
	return nil
}
