package json

import (
	"bufio"
	"fmt"
	"io"

	"senmeteo/jobs/meteo"
)

func newBuffer(out io.Writer) *bufio.Writer { return bufio.NewWriterSize(out, 64<<10) }

// writer writes an array, one record a line.
type writer struct {
	out   *bufio.Writer
	buf   []byte
	count int
}

// Write implements format.Writer.
func (w *writer) Write(o *meteo.Observation) error {
	w.buf = append(w.buf[:0], ",\n"...)
	if w.count == 0 {
		w.buf = append(w.buf[:0], "[\n"...)
	}
	w.count++
	w.buf = o.AppendJSON(w.buf)
	return flushed(w.out.Write(w.buf))
}

// Close implements format.Writer.
func (w *writer) Close() error {
	end := "\n]\n"
	if w.count == 0 {
		end = "[]\n"
	}
	if err := flushed(w.out.WriteString(end)); err != nil {
		return err
	}
	return flushed(0, w.out.Flush())
}

// lineWriter writes one record a line.
type lineWriter struct {
	out *bufio.Writer
	buf []byte
}

// Write implements format.Writer.
func (w *lineWriter) Write(o *meteo.Observation) error {
	w.buf = append(o.AppendJSON(w.buf[:0]), '\n')
	return flushed(w.out.Write(w.buf))
}

// WriteRaw implements format.RawWriter: the record is a line of its own.
func (w *lineWriter) WriteRaw(record []byte) error {
	w.buf = append(append(w.buf[:0], record...), '\n')
	return flushed(w.out.Write(w.buf))
}

// Close implements format.Writer.
func (w *lineWriter) Close() error { return flushed(0, w.out.Flush()) }

func flushed(_ int, err error) error {
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}
