package parquet

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// Writer writes observations into one Parquet file. It holds at most one row group in memory.
type Writer struct {
	out  *parquet.GenericWriter[any]
	row  parquet.Row
	rows []parquet.Row
}

// NewWriter starts a file with Options, and others after them.
func NewWriter(out io.Writer, others ...parquet.WriterOption) *Writer {
	return &Writer{out: parquet.NewGenericWriter[any](out, append(Options(), others...)...), rows: make([]parquet.Row, 1)}
}

func newWriter(out io.Writer) (format.Writer, error) { return NewWriter(out), nil }

// Write implements format.Writer.
func (w *Writer) Write(o *meteo.Observation) error {
	w.row = AppendRow(w.row[:0], o)
	w.rows[0] = w.row
	if _, err := w.out.WriteRows(w.rows); err != nil {
		return fmt.Errorf("writing a row of Parquet: %w", err)
	}
	return nil
}

// Close implements format.Writer.
func (w *Writer) Close() error {
	if err := w.out.Close(); err != nil {
		return fmt.Errorf("completing the Parquet file: %w", err)
	}
	return nil
}
