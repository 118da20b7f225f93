package csv

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// writer writes a line of names and one line per observation, in UTF-8 without a byte-order mark, with
// commas and decimal points.
type writer struct {
	csv   *csv.Writer
	row   shape.Row
	cells []string
	buf   []byte
}

func newWriter(out io.Writer) (format.Writer, error) {
	w := &writer{csv: csv.NewWriter(out)}
	if err := w.csv.Write(format.Columns()); err != nil {
		return nil, fmt.Errorf("writing the names of the columns: %w", err)
	}
	return w, nil
}

// Write implements format.Writer.
func (w *writer) Write(o *meteo.Observation) error {
	w.row = format.Flat(o, w.row[:0])
	w.cells = w.cells[:0]
	for _, f := range w.row {
		w.cells = append(w.cells, w.cell(f.Value))
	}
	if err := w.csv.Write(w.cells); err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	return nil
}

func (w *writer) cell(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		w.buf = meteo.AppendNumber(w.buf[:0], value)
		return string(w.buf)
	case time.Time:
		w.buf = meteo.AppendTime(w.buf[:0], value)
		return string(w.buf)
	}
	return ""
}

// Close implements format.Writer.
func (w *writer) Close() error {
	if w.csv.Flush(); w.csv.Error() != nil {
		return fmt.Errorf("writing the last lines: %w", w.csv.Error())
	}
	return nil
}
