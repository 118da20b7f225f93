package xlsx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

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
	fixed  []shape.Field // what the rows above the names say of every record, and the name of the sheet
	held   []heldRow     // rows that were read ahead
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
		err = fmt.Errorf("no sheet has, in its first %d rows, names of columns for a time and a measurement, such as Date and Temperature", shape.HeaderRows)
		if hidden != "" {
			err = fmt.Errorf("%w (hidden sheets are not read:%s)", err, hidden)
		}
	}
	return err
}

// nextSheet opens the next visible sheet with a table of measurements and reads up to its first row.
func (r *reader) nextSheet() (found bool, err error) {
	for before := r.tables; r.next < len(r.workbook.sheets); {
		s := &r.workbook.sheets[r.next]
		r.next++
		if s.hidden || s.part == "" {
			continue
		}
		if err := r.openSheet(s); err != nil {
			return false, err
		}
		first, err := r.firstTable()
		if err != nil || r.tables > before {
			return r.tables > before, err
		}
		if first != "" {
			r.notes.Note(fmt.Sprintf("sheet %q", s.name), whyNoTable, first)
		}
	}
	return false, nil
}

// firstTable begins the first table of the sheet, whose names are found by the rule of every format. first is the first text of the sheet.
func (r *reader) firstTable() (first string, err error) {
	if err := r.hold(shape.HeaderRows); err != nil {
		return "", err
	}
	texts := make([][]string, len(r.held))
	for i := range r.held {
		if texts[i], err = r.texts(&r.held[i]); err != nil {
			return "", err
		}
		for _, text := range texts[i] {
			if first == "" {
				first = text
			}
		}
	}
	header, ok := shape.FindHeader(texts)
	if !ok || !header.Complete {
		return first, nil
	}
	header.At(r.sheet)
	r.fixed = header.Fixed
	return first, r.begin(&header)
}

func (r *reader) openSheet(s *sheet) (err error) {
	if err := r.closeRows(); err != nil {
		return err
	}
	r.sheet, r.held, r.fixed = s.name, nil, nil
	if r.areas, err = r.workbook.mergedAreas(s); err != nil {
		return err
	}
	r.rows, err = r.workbook.openRows(s)
	return err
}

// heldRow is a row that was read ahead of those that Next returned.
type heldRow struct {
	line  int
	cells []cell
}

// hold reads rows ahead, up to a number of them.
func (r *reader) hold(count int) error {
	for len(r.held) < count {
		switch err := r.readOn(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		r.held = append(r.held, heldRow{r.rows.line, slices.Clone(r.rows.cells)})
	}
	return nil
}

// read makes the next row that has a value the row at hand.
func (r *reader) read() error {
	if len(r.held) > 0 {
		r.rows.line, r.rows.cells = r.held[0].line, r.held[0].cells
		r.held = r.held[1:]
		return nil
	}
	return r.readOn()
}

// readOn reads the next row of the sheet that has a value.
func (r *reader) readOn() error {
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

// texts returns what a row shows, by its columns. A merged area shows its text in each of its columns.
func (r *reader) texts(row *heldRow) ([]string, error) {
	var texts []string
	for i := range row.cells {
		c := &row.cells[i]
		text := c.text
		if c.kind == "s" {
			var err error
			if text, err = r.workbook.texts.text(c.text); err != nil {
				return nil, err
			}
		} else if x, err := strconv.ParseFloat(text, 64); err == nil && !c.isText() {
			switch shown := r.number(x, r.workbook.format(c), &column{}).(type) {
			case string:
				text = shown
			case time.Time:
				text = shown.Format(time.DateTime)
			}
		}
		for len(texts) <= c.column {
			texts = append(texts, "")
		}
		texts[c.column] = text
	}
	return r.areas.spread(row.line, texts), nil
}

// begin begins a table, whose names and units are in the rows that are held.
func (r *reader) begin(header *shape.Header) error {
	r.held = r.held[header.Rows:]
	if err := r.hold(1); err != nil {
		return err
	}
	r.tables++
	r.table = newTable(header.Headings, r.fixed, r.rows.columns)
	if len(r.held) > 0 {
		r.table.takeUnits(r.held[0].cells, r.workbook)
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
		if r.rows != nil {
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
		isRecord, err := r.isRecord()
		if err != nil || !isRecord {
			return false, err
		}
	}
	r.row = r.row[:0]
	for _, h := range r.table.headings {
		r.row = append(r.row, shape.Field{Name: h.Name})
	}
	copy(r.row[len(r.row)-len(r.fixed):], r.fixed)
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

// isRecord reports whether the row at hand, of texts alone, is a record. Those of a table that begins, or that has its names again, and notes are not.
func (r *reader) isRecord() (bool, error) {
	row := heldRow{r.rows.line, slices.Clone(r.rows.cells)}
	names, err := r.texts(&row)
	if err != nil {
		return false, err
	}
	if r.table.isBegin(names) {
		r.held = append([]heldRow{row}, r.held...)
		if err := r.hold(rowsOfNames); err != nil {
			return false, err
		}
		var texts [][]string
		for i := range r.held[:min(len(r.held), rowsOfNames)] {
			text, err := r.texts(&r.held[i])
			if err != nil {
				return false, err
			}
			texts = append(texts, text)
		}
		if header, ok := shape.FindHeader(texts); ok && header.Complete && header.Rows < len(texts)+1 {
			return false, r.begin(&header)
		}
		r.held = r.held[1:]
		r.rows.line, r.rows.cells = row.line, row.cells
	}
	if note, ok := single(names); ok && len(r.table.headings)-len(r.fixed) > 2 {
		r.notes.Note(fmt.Sprintf("sheet %q", r.sheet), whyNote, note)
		return false, nil
	}
	return true, nil
}

// rowsOfNames is how many rows the names of a table, and their units, take at most.
const rowsOfNames = 4

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
