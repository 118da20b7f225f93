package parquet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	thrift "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// Format is the format parquet.
func Format() format.Format {
	return format.Format{
		Name: "parquet", Extensions: []string{".parquet", ".pq"},
		NewReader: func(in io.Reader) (format.Reader, error) { return NewReader(in) },
		NewWriter: newWriter,
	}
}

// reader gives the rows of a file of any producer, by the names of its columns.
type reader struct {
	done    func() error
	wanted  []string           // the columns to read; none: all
	groups  []parquet.RowGroup // those still to come
	rows    parquet.RowReadSeekCloser
	columns []column // by index
	buffer  []parquet.Row
	waiting []parquet.Row
	row     shape.Row
	count   int64

	file     io.ReaderAt
	padded   []thrift.RowGroup // the groups to come of a file whose pages have bytes after their values
	headings []shape.Heading
	notes    shape.Collector
}

// whyList is the reason why a column of lists is not read.
const whyList = "it is a list in each row: give each value a row of its own"

// column is what is known about a column of the file.
type column struct {
	name   string
	value  func(parquet.Value) any // nil for columns that are not read
	isTime bool                    // by its type
}

// NewReader starts reading a file as Format's reader does, but no other columns than the named ones; none named
// means all. A file without one of them is refused. Columns of lists are never read.
func NewReader(in io.Reader, columns ...string) (format.Reader, error) {
	at, size, done, err := format.RandomAccess(in)
	if err != nil {
		return nil, err
	}
	r := &reader{done: done, wanted: columns, buffer: make([]parquet.Row, 256)}
	if err := guard(func() error { return r.open(at, size) }); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// guard makes an error of a panic: the library below panics at some files that are damaged.
func guard(read func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("reading Parquet: the file is damaged: %v", cause)
		}
	}()
	return read()
}

func (r *reader) open(at io.ReaderAt, size int64) error {
	in := io.NewSectionReader(at, 0, size) // which says EOF where a file would name its path
	if err := checkFooter(in, size); err != nil {
		return err
	}
	file, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err != nil {
		return fmt.Errorf("opening the Parquet file: %w", err)
	}
	if err := r.openColumns(file); err != nil {
		return err
	}
	if err := checkPages(in, size, file.Metadata(), r.isRead); err != nil {
		return err
	}
	if r.file = in; strings.HasPrefix(file.Metadata().CreatedBy, padding) {
		r.padded = file.Metadata().RowGroups
	}
	r.groups = file.RowGroups()
	return nil
}

// openColumns settles which columns are read, and how.
func (r *reader) openColumns(file *parquet.File) error {
	elements := leaves(file.Metadata().Schema)
	names := []string{}
	for i, path := range file.Schema().Columns() {
		leaf, _ := file.Schema().Lookup(path...) // it comes from the same schema
		c := column{name: nameOf(path)}
		logical := leaf.Node.Type().LogicalType()
		if logical == nil && i < len(elements) { // of a type that the library does not know
			logical = &elements[i].LogicalType
		}
		switch {
		case leaf.MaxRepetitionLevel > 0:
			r.notes.Note(strings.Join(path, "."), whyList, "")
		case len(r.wanted) == 0 || slices.Contains(r.wanted, c.name):
			names = append(names, c.name)
			c.value = valueOf(leaf.Node.Type(), logical)
			c.isTime = logical != nil && isTimestamp(logical)
		}
		r.columns = append(r.columns, c)
	}
	r.nameIndex()
	for _, c := range r.columns {
		if c.value != nil {
			r.headings = append(r.headings, shape.Heading{Name: c.name})
		}
	}
	for _, name := range r.wanted {
		if !slices.Contains(names, name) {
			return fmt.Errorf("it has no column %q", name)
		}
	}
	if len(r.wanted) == 0 && !format.IsHeader(r.names()) {
		return errors.New("its columns have no names that senmeteo knows, such as temperature, station_id or datetime")
	}
	return nil
}

func (r *reader) names() []string {
	names := make([]string, len(r.headings))
	for i, h := range r.headings {
		names[i] = h.Name
	}
	return names
}

// nameIndex names the times that pandas keeps as the index of a table, which often has no name of its own.
func (r *reader) nameIndex() {
	for i := range r.columns {
		if c := &r.columns[i]; c.value != nil && shape.IsTime(c.name) {
			return
		}
	}
	for i := range r.columns {
		if c := &r.columns[i]; c.isTime && strings.HasPrefix(c.name, "__index_level_") {
			c.name = "datetime"
			return
		}
	}
}

// leaves are the elements of a schema that have values, in the order of the columns.
func leaves(schema []thrift.SchemaElement) []thrift.SchemaElement {
	return slices.DeleteFunc(slices.Clone(schema), func(e thrift.SchemaElement) bool { return e.NumChildren.Valid && e.NumChildren.V > 0 })
}

func isTimestamp(logical *thrift.LogicalType) bool {
	_, ok := logical.Value.(*thrift.TimestampType)
	return ok
}

// nameOf is the name of a column: of all names of its path, but for those of parts of a record, because wind.speed is not a speed and
// soil.temperature not that of the air. temperature.value is temperature, and so are main.temperature and properties.temperature, as in saved answers of
// OpenWeather and weather.gov.
func nameOf(path []string) string {
	var words []string
	for i, word := range path {
		if i == len(path)-1 || !shape.IsPart(word) && word != "main" && word != "properties" {
			words = append(words, word)
		}
	}
	if last := len(words) - 1; last > 0 && (words[last] == "value" || words[last] == "val") {
		words = words[:last]
	}
	return strings.Join(words, " ")
}

// isRead reports whether the column with an index is read.
func (r *reader) isRead(column int) bool { return r.columns[column].value != nil }

// Next implements format.Reader.
func (r *reader) Next() (shape.Row, error) {
	if len(r.waiting) == 0 {
		if err := guard(r.fill); err != nil {
			return nil, err
		}
	}
	cells := r.waiting[0]
	r.waiting = r.waiting[1:]
	r.count++
	r.row = r.row[:0]
	err := guard(func() error {
		for _, cell := range cells {
			c := r.columns[cell.Column()]
			field := shape.Field{Name: c.name}
			if !cell.IsNull() {
				field.Value = c.value(cell)
			}
			r.row = append(r.row, field)
		}
		return nil
	})
	return r.row, err
}

// fill reads some rows, or returns io.EOF.
func (r *reader) fill() error {
	for {
		if r.rows == nil {
			if len(r.groups) == 0 {
				return io.EOF
			}
			if r.groups[0].NumRows() > 0 {
				r.rows = r.openGroup(r.groups[0])
			}
			r.groups, r.padded = r.groups[1:], r.padded[min(1, len(r.padded)):]
			continue
		}
		n, err := r.rows.ReadRows(r.buffer)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading Parquet: %w", err)
		}
		if n > 0 {
			r.waiting = r.buffer[:n]
			return nil
		}
		if err != nil {
			if err := r.closeRows(); err != nil {
				return err
			}
		}
	}
}

// openGroup opens the columns of a row group that are read.
func (r *reader) openGroup(group parquet.RowGroup) parquet.RowReadSeekCloser {
	var chunks []parquet.ColumnChunk
	for i, chunk := range group.ColumnChunks() {
		if r.isRead(i) {
			if len(r.padded) > 0 {
				chunk = r.withoutPadding(chunk, &r.padded[0].Columns[i].MetaData)
			}
			chunks = append(chunks, chunk)
		}
	}
	return parquet.NewColumnChunkRowReader(chunks)
}

func (r *reader) closeRows() error {
	if r.rows == nil {
		return nil
	}
	err := r.rows.Close()
	r.rows = nil
	if err != nil {
		return fmt.Errorf("closing a row group: %w", err)
	}
	return nil
}

// Table implements format.Tabular.
func (r *reader) Table() int { return 1 }

// Headings implements format.Tabular.
func (r *reader) Headings() []shape.Heading { return r.headings }

// Ignored implements format.Noting.
func (r *reader) Ignored() []shape.Ignored { return r.notes.List() }

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("row %d", r.count) }

// Close implements format.Reader.
func (r *reader) Close() error { return errors.Join(r.closeRows(), r.done()) }
