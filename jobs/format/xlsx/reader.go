package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

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

// Bounds of what a workbook may unpack to. Sheets and shared strings go through temporary files; a full sheet of
// a million records has about 1.5 GB. All other parts are held in memory, and those of a table are small.
const (
	maxFile   = 512 << 20
	maxSheets = 4 << 30
	maxParts  = 32 << 20
	inMemory  = 8 << 20 // of one sheet
)

// reader gives the rows of every sheet that has a table of measurements.
type reader struct {
	book     *excelize.File
	done     func() error // removes the copy of the input
	sheets   []string     // those still to come
	sheet    string
	rows     *excelize.Rows
	line     int
	from1904 bool
	tables   int // that were begun
	names    []string
	isTime   []bool
	row      shape.Row
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

func (r *reader) open(at io.ReaderAt, size int64) error {
	if err := checkParts(at, size); err != nil {
		return err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(at, 0, size), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxSheets, UnzipXMLSizeLimit: inMemory,
	})
	if err != nil {
		return fmt.Errorf("opening the workbook: %w", err)
	}
	r.book, r.sheets = book, book.GetSheetList()
	properties, err := book.GetWorkbookProps()
	if err != nil {
		return fmt.Errorf("reading the properties of the workbook: %w", err)
	}
	r.from1904 = properties.Date1904 != nil && *properties.Date1904
	found, err := r.nextSheet()
	if err == nil && !found {
		err = fmt.Errorf("no sheet has, in its first %d rows, names of columns for a time and a measurement, such as Date and Temperature", format.Headers)
	}
	return err
}

// checkParts refuses what is not a workbook, and archives that would unpack to more than the bounds.
// Package zip holds the parts to the sizes that are declared.
func checkParts(at io.ReaderAt, size int64) error {
	var mark [4]byte
	if _, err := at.ReadAt(mark[:], 0); err == nil && mark == [4]byte{0xd0, 0xcf, 0x11, 0xe0} {
		return errors.New("it is a workbook of Excel 97-2003 or one with a password: save it as .xlsx without a password")
	}
	if size > maxFile {
		return fmt.Errorf("the workbook has more than %d MiB: save the table as .csv", maxFile>>20)
	}
	archive, err := zip.NewReader(at, size)
	if err != nil {
		return fmt.Errorf("opening the workbook: %w", err)
	}
	var sheets, parts uint64
	isWorkbook := false
	for _, part := range archive.File {
		name := partName(part)
		isWorkbook = isWorkbook || strings.HasPrefix(name, "xl/")
		if holdsTable(name) {
			sheets += min(part.UncompressedSize64, maxSheets)
		} else {
			parts += min(part.UncompressedSize64, maxParts)
		}
		if sheets >= maxSheets || parts >= maxParts {
			return fmt.Errorf("the workbook would unpack to more than senmeteo accepts (%d MiB of tables, %d MiB of other parts)", maxSheets>>20, maxParts>>20)
		}
	}
	if !isWorkbook {
		return errors.New("it is an archive, but no workbook")
	}
	for _, part := range archive.File {
		if isSheet(partName(part)) {
			if err := checkTable(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// partName is a part's name as excelize takes it.
func partName(part *zip.File) string {
	return strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
}

// holdsTable reports whether a part goes through a temporary file and is read piece by piece.
func holdsTable(name string) bool {
	return strings.HasPrefix(name, "xl/worksheets/sheet") || name == "xl/sharedstrings.xml"
}

// isSheet reports whether a part holds rows or texts of rows, whatever its size and name.
func isSheet(name string) bool {
	return holdsTable(name) || path.Dir(name) == "xl/worksheets"
}

func checkTable(part *zip.File) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading %.60q of the workbook: %w", part.Name, err)
		}
	}()
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return scanTable(in)
}

// nextSheet opens the next sheet with a table of measurements and reads up to its names.
func (r *reader) nextSheet() (found bool, err error) {
	for len(r.sheets) > 0 {
		if err := r.closeRows(); err != nil {
			return false, err
		}
		r.sheet, r.sheets, r.line = r.sheets[0], r.sheets[1:], 0
		if r.rows, err = r.book.Rows(r.sheet); err != nil {
			return false, fmt.Errorf("opening sheet %q: %w", r.sheet, err)
		}
		for range format.Headers {
			cells, err := r.read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return false, err
			}
			if isTable(cells) {
				r.setNames(cells)
				return true, nil
			}
		}
	}
	return false, nil
}

// isTable reports whether the names of columns are those of measurements.
func isTable(cells []string) bool {
	measured, timed := false, false
	for _, cell := range cells {
		measured = measured || shape.Measures(cell)
		timed = timed || shape.IsTime(cell)
	}
	return measured && timed
}

func (r *reader) setNames(cells []string) {
	r.tables++
	r.names, r.isTime = cells, r.isTime[:0]
	for i, name := range cells {
		r.names[i] = strings.TrimSpace(name)
		r.isTime = append(r.isTime, shape.IsTime(name))
	}
}

// read returns the cells of the next row that has any, or io.EOF at the end of the sheet.
func (r *reader) read() ([]string, error) {
	for r.rows.Next() {
		r.line++
		cells, err := r.rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("reading sheet %q, row %d: %w", r.sheet, r.line, err)
		}
		for _, cell := range cells {
			if cell != "" {
				return cells, nil
			}
		}
	}
	if err := r.rows.Error(); err != nil {
		return nil, fmt.Errorf("reading sheet %q: %w", r.sheet, err)
	}
	return nil, io.EOF
}

// Next implements format.Reader.
func (r *reader) Next() (shape.Row, error) {
	cells, err := r.read()
	for errors.Is(err, io.EOF) {
		found, sheetErr := r.nextSheet()
		if sheetErr != nil {
			return nil, sheetErr
		}
		if !found {
			return nil, io.EOF
		}
		cells, err = r.read()
	}
	if err != nil {
		return nil, err
	}
	r.row = r.row[:0]
	for i, name := range r.names {
		if name == "" {
			continue
		}
		field := shape.Field{Name: name}
		if i < len(cells) {
			field.Value = r.value(i, cells[i])
		}
		r.row = append(r.row, field)
	}
	return r.row, nil
}

// value turns day numbers in columns of times into times; all else stays as the file has it.
func (r *reader) value(column int, cell string) any {
	if r.isTime[column] {
		if x, ok := shape.ParseNumber(cell); ok && x >= 1 && x < shape.MaxExcelTime {
			return shape.ExcelTime(x, r.from1904)
		}
	}
	return cell
}

// Table implements format.Tabular.
func (r *reader) Table() int { return r.tables }

// Headings implements format.Tabular.
func (r *reader) Headings() []shape.Heading {
	var headings []shape.Heading
	for _, name := range r.names {
		if name != "" {
			headings = append(headings, shape.Heading{Name: name})
		}
	}
	return headings
}

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("sheet %q, row %d", r.sheet, r.line) }

func (r *reader) closeRows() error {
	if r.rows == nil {
		return nil
	}
	err := r.rows.Close()
	r.rows = nil
	return err
}

// Close implements format.Reader.
func (r *reader) Close() error {
	err := r.closeRows()
	if r.book != nil {
		err = errors.Join(err, r.book.Close())
	}
	return errors.Join(err, r.done())
}
