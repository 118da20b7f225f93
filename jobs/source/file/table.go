package file

import (
	"errors"
	"io"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// tableReader reads the rows of a file of tables. It puts the beginning of each table aside until what its columns mean is settled.
type tableReader struct {
	rows    format.Tabular
	decoder *shape.Decoder
	options shape.Options

	number  int // of the table at hand
	table   *shape.Table
	waiting []tableRow // of the sample
	ahead   *tableRow  // the first row of the next table
	end     error      // what ended the sample
}

// tableRow is a row, or the error of a row, of a table.
type tableRow struct {
	cells  shape.Row
	table  *shape.Table
	place  string // where it is, for rows that were put aside; "" for the one that the file is at
	number int
	err    error
}

// next returns the next row, good until the call after.
func (t *tableReader) next() (tableRow, error) {
	if len(t.waiting) == 0 && t.end == nil && (t.table == nil || t.ahead != nil) {
		if err := t.open(); err != nil {
			return tableRow{}, err
		}
	}
	switch {
	case len(t.waiting) > 0:
		row := t.waiting[0]
		t.waiting = t.waiting[1:]
		row.table = t.table
		return row, row.err
	case t.end != nil:
		return tableRow{}, t.end
	}
	row, err := t.read()
	if err != nil {
		return row, err
	}
	if row.number != t.number {
		t.ahead = t.aside(row)
		return t.next()
	}
	row.table = t.table
	return row, nil
}

// read reads a row from the file.
func (t *tableReader) read() (tableRow, error) {
	cells, err := t.rows.Next()
	if err != nil {
		return tableRow{}, err
	}
	return tableRow{cells: cells, number: t.rows.Table()}, nil
}

// aside copies a row, so that it is good after the next is read.
func (t *tableReader) aside(row tableRow) *tableRow {
	row.cells = append(shape.Row(nil), row.cells...)
	row.place = t.rows.Position()
	return &row
}

// open reads the sample of the next table and settles what its columns mean.
func (t *tableReader) open() error {
	number, headings := t.rows.Table(), t.rows.Headings()
	var sample []shape.Row
	size := 0
	keep := func(row *tableRow) {
		t.waiting = append(t.waiting, *row)
		sample = append(sample, row.cells)
		for i := range row.cells {
			size += cellSize
			if s, ok := row.cells[i].Value.(string); ok {
				size += len(s)
			}
		}
	}
	if t.ahead != nil {
		keep(t.ahead)
		t.ahead = nil
	}
	for len(sample) < shape.SampleRows && size < shape.SampleBytes {
		row, err := t.read()
		var bad *format.RecordError
		switch {
		case errors.As(err, &bad):
			t.waiting = append(t.waiting, tableRow{err: err, place: t.rows.Position()})
			size += len(bad.Raw)
			continue
		case err != nil:
			t.end = err
		case len(sample) == 0 && row.number != number: // the table before had no row
			number, headings = row.number, t.rows.Headings()
			keep(t.aside(row))
			continue
		case row.number != number:
			t.ahead = t.aside(row)
		default:
			keep(t.aside(row))
			continue
		}
		break
	}
	if t.end != nil && !errors.Is(t.end, io.EOF) && len(t.waiting) == 0 {
		return t.end
	}
	table, err := t.decoder.NewTable(headings, sample, t.options)
	if err != nil {
		return err
	}
	t.number, t.table = number, table
	return nil
}

// cellSize is what a cell takes besides its text, in bytes.
const cellSize = 32
