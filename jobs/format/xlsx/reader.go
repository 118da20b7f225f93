package xlsx

import (
	"errors"
	"fmt"
	"io"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// Format is the format xlsx.
func Format() format.Format {
	return format.Format{
		Name: "xlsx", Extensions: []string{".xlsx", ".xlsm"},
		NewReader: newReader,
		NewWriter: newWriter,
	}
}

// reader gives the rows of every visible sheet that has a table of measurements. A sheet may have several tables, one below the other.
type reader struct {
	workbook *workbook
	done     func() error // removes the copy of the input
	next     int          // index of the next sheet
	sheet    string
	rows     *rows
	areas    areas // of merged cells

	tables int // that were begun
	table  table
	isRead bool // rows holds a row that Next has not returned
	row    shape.Row
	notes  shape.Collector
}

func newReader(in io.Reader) (format.Reader, error) {
	at, size, done, err := format.RandomAccess(in)
	if err != nil {
		return nil, err
	}
	r := &reader{done: done}
	if err := r.open(at, size); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *reader) open(at io.ReaderAt, size int64) (err error) {
	if r.workbook, err = openWorkbook(at, size); err != nil {
		return err
	}
	hidden := ""
	for _, s := range r.workbook.sheets {
		if s.hidden {
			hidden += fmt.Sprintf(" %q", s.name)
			r.notes.Note(fmt.Sprintf("sheet %q", s.name), whyHidden, s.name)
		}
	}
	found, err := r.nextSheet()
	if err == nil && !found {
		err = fmt.Errorf("no sheet has, in its first %d rows, names of columns for a time and a measurement, such as Date and Temperature", format.Headers)
		if hidden != "" {
			err = fmt.Errorf("%w (hidden sheets are not read:%s)", err, hidden)
		}
	}
	return err
}

// nextSheet opens the next visible sheet with a table of measurements and reads up to its first row.
func (r *reader) nextSheet() (found bool, err error) {
	for r.next < len(r.workbook.sheets) {
		s := &r.workbook.sheets[r.next]
		r.next++
		if s.hidden || s.part == "" {
			continue
		}
		if err := r.openSheet(s); err != nil {
			return false, err
		}
		first := ""
		for range format.Headers {
			err := r.read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return false, err
			}
			names, err := r.names()
			if err != nil {
				return false, err
			}
			if isTable(names) {
				return true, r.begin(names)
			}
			for _, name := range names {
				if first == "" {
					first = name
				}
			}
		}
		if first != "" {
			r.notes.Note(fmt.Sprintf("sheet %q", s.name), whyNoTable, first)
		}
	}
	return false, nil
}

func (r *reader) openSheet(s *sheet) (err error) {
	if err := r.closeRows(); err != nil {
		return err
	}
	r.sheet, r.isRead = s.name, false
	if r.areas, err = r.workbook.mergedAreas(s); err != nil {
		return err
	}
	r.rows, err = r.workbook.openRows(s)
	return err
}

// read reads the next row that has a value.
func (r *reader) read() error {
	for {
		if err := r.rows.next(); err != nil {
			return err
		}
		for i := range r.rows.cells {
			if c := &r.rows.cells[i]; c.text != "" || c.formula {
				return nil
			}
		}
	}
}

// names returns the texts of the row at hand by their columns.
func (r *reader) names() ([]string, error) {
	var names []string
	for i := range r.rows.cells {
		c := &r.rows.cells[i]
		text := c.text
		if c.kind == "s" {
			var err error
			if text, err = r.workbook.texts.text(c.text); err != nil {
				return nil, err
			}
		}
		for len(names) <= c.column {
			names = append(names, "")
		}
		names[c.column] = text
	}
	return names, nil
}

// begin begins the table whose names are in the row at hand, and reads up to its first row.
func (r *reader) begin(names []string) error {
	top := r.rows.line
	r.isRead = true
	err := r.read()
	if err == nil && r.areas.below(top, r.rows.line) {
		var parts []string
		if parts, err = r.names(); err == nil && r.isAllText() {
			names = r.areas.join(top, names, parts)
			err = r.read()
		}
	}
	if errors.Is(err, io.EOF) {
		r.isRead, err = false, nil
	}
	if err != nil {
		return err
	}
	r.tables++
	r.table = newTable(names, r.rows.columns)
	if r.isRead {
		r.table.takeUnits(r.rows.cells, r.workbook)
	}
	return nil
}

// isAllText reports whether the row at hand has text alone.
func (r *reader) isAllText() bool {
	for i := range r.rows.cells {
		if c := &r.rows.cells[i]; c.text != "" && !c.isText() {
			return false
		}
	}
	return true
}

// Next implements format.Reader.
func (r *reader) Next() (shape.Row, error) {
	for {
		err := error(io.EOF)
		switch {
		case r.isRead:
			r.isRead, err = false, nil
		case r.rows != nil:
			err = r.read()
		}
		if errors.Is(err, io.EOF) {
			found, err := r.nextSheet()
			if err != nil {
				return nil, err
			}
			if !found {
				return nil, errors.Join(io.EOF, r.closeRows())
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		isRecord, err := r.record()
		if err != nil {
			return nil, err
		}
		if isRecord {
			return r.row, nil
		}
	}
}

// record makes r.row of the row at hand. It returns false for what is not a record: the names of another table, or the same again,
// and notes.
func (r *reader) record() (bool, error) {
	if r.isAllText() {
		names, err := r.names()
		if err != nil {
			return false, err
		}
		if r.table.isBegin(names) && isTable(names) {
			return false, r.begin(names)
		}
		if note, ok := single(names); ok && len(r.table.headings) > 2 {
			r.notes.Note(fmt.Sprintf("sheet %q", r.sheet), whyNote, note)
			return false, nil
		}
	}
	r.row = r.row[:0]
	for _, h := range r.table.headings {
		r.row = append(r.row, shape.Field{Name: h.Name})
	}
	for i := range r.rows.cells {
		c := &r.rows.cells[i]
		at, named := r.table.place(c.column)
		if !named {
			if c.text != "" {
				r.notes.Note("column "+columnName(c.column), whyNameless, c.text)
			}
			continue
		}
		value, err := r.value(c, &r.table.columns[at])
		if err != nil {
			return false, err
		}
		r.row[at].Value = value
	}
	r.areas.fill(r.rows.line, r.row, &r.table)
	return true, nil
}

// Table implements format.Tabular.
func (r *reader) Table() int { return r.tables }

// Headings implements format.Tabular.
func (r *reader) Headings() []shape.Heading { return r.table.headings }

// Ignored implements format.Noting.
func (r *reader) Ignored() []shape.Ignored { return r.notes.List() }

// Position implements format.Reader.
func (r *reader) Position() string {
	if r.rows == nil {
		return fmt.Sprintf("sheet %q", r.sheet)
	}
	return fmt.Sprintf("sheet %q, row %d", r.sheet, r.rows.line)
}

func (r *reader) closeRows() error {
	if r.rows == nil {
		return nil
	}
	err := r.rows.close()
	r.rows = nil
	return err
}

// Close implements format.Reader.
func (r *reader) Close() error {
	err := r.closeRows()
	if r.workbook != nil {
		err = errors.Join(err, r.workbook.Close())
	}
	return errors.Join(err, r.done())
}
