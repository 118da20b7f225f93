package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// Format is the format parquet.
func Format() format.Format {
	return format.Format{
		Name: "parquet", Extensions: []string{".parquet", ".pq"},
		NewReader: newReader,
		NewWriter: newWriter,
	}
}

// reader gives the rows of a file of any producer, by the names of its columns. Columns of lists are passed over.
type reader struct {
	done    func() error
	groups  []parquet.RowGroup // those still to come
	rows    parquet.Rows
	columns []column // by index
	buffer  []parquet.Row
	waiting []parquet.Row
	row     shape.Row
	count   int64
}

// column is what is known about a column of the file.
type column struct {
	name  string
	value func(parquet.Value) any // nil for columns that are passed over
}

func newReader(in io.Reader) (format.Reader, error) {
	at, size, done, err := format.RandomAccess(in)
	if err != nil {
		return nil, err
	}
	r := &reader{done: done, buffer: make([]parquet.Row, 256)}
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
	names := []string{}
	for _, path := range file.Schema().Columns() {
		leaf, _ := file.Schema().Lookup(path...) // it comes from the same schema
		c := column{name: path[len(path)-1]}
		if leaf.MaxRepetitionLevel == 0 {
			c.value = valueOf(leaf.Node.Type())
			names = append(names, c.name)
		}
		r.columns = append(r.columns, c)
	}
	if !format.IsHeader(names) {
		return errors.New("its columns have no names that senmeteo knows, such as temperature, station_id or datetime")
	}
	if err := checkPages(in, size, file.Metadata()); err != nil {
		return err
	}
	r.groups = file.RowGroups()
	return nil
}

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
			if c.value == nil {
				continue
			}
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
			r.rows = r.groups[0].Rows()
			r.groups = r.groups[1:]
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

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("row %d", r.count) }

// Close implements format.Reader.
func (r *reader) Close() error { return errors.Join(r.closeRows(), r.done()) }
