package csv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/charset"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Format is the format csv.
func Format() format.Format {
	return format.Format{
		Name: "csv", Extensions: []string{".csv", ".tsv", ".txt"},
		NewReader: newReader,
		NewWriter: newWriter,
	}
}

// separators are what stands between cells, in the order of preference.
const separators = ",;\t|"

// maxColumns is as many as a spreadsheet has.
const maxColumns = 16_384

// reader gives one row per record. It holds one record in memory.
type reader struct {
	csv    *csv.Reader
	budget *format.Budget
	comma  rune
	names  []string
	row    shape.Row
	line   int
}

func newReader(in io.Reader) (format.Reader, error) {
	budget := format.NewBudget(charset.Detect(in))
	buffered := bufio.NewReaderSize(budget, 64<<10)
	comma, err := separator(buffered)
	if err != nil {
		return nil, err
	}
	r := &reader{csv: csv.NewReader(buffered), budget: budget, comma: comma}
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord, r.csv.LazyQuotes = comma, -1, true, true
	for range format.Headers {
		cells, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the names of the columns: %w", err)
		}
		if format.IsHeader(cells) && len(cells) > maxColumns {
			return nil, fmt.Errorf("it has %d columns: more than %d are not accepted", len(cells), maxColumns)
		}
		if format.IsHeader(cells) {
			r.names = append(r.names, cells...)
			return r, nil
		}
	}
	return nil, fmt.Errorf("none of the first %d lines holds names of columns that senmeteo knows, such as temperature, station_id or Date: add a line of names", format.Headers)
}

// separator finds what stands between cells: with the right one some line reads as names of columns.
func separator(in *bufio.Reader) (rune, error) {
	start, err := in.Peek(32 << 10)
	if len(start) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("reading the first line: %w", err)
		}
		return 0, errors.New("the file is empty: a line with the names of the columns is missing")
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return 0, errors.New("it holds zero bytes: this is not a text file")
	}
	best, most := ',', -1
	for _, comma := range separators {
		lines := csv.NewReader(bytes.NewReader(start))
		lines.Comma, lines.FieldsPerRecord, lines.LazyQuotes = comma, -1, true
		for range format.Headers {
			cells, err := lines.Read()
			if err != nil {
				break
			}
			if known := format.KnownNames(cells); format.IsHeader(cells) && known > most {
				best, most = comma, known
			}
		}
	}
	return best, nil
}

// read returns the cells of the next line that is not blank.
func (r *reader) read() ([]string, error) {
	for {
		r.budget.Refill()
		cells, err := r.csv.Read()
		if err != nil {
			if r.line++; errors.Is(err, io.EOF) {
				return nil, io.EOF
			}
			return nil, fmt.Errorf("reading the file: %w", err)
		}
		r.line, _ = r.csv.FieldPos(0)
		blank := true
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(cell)
			blank = blank && cells[i] == ""
		}
		if !blank {
			return cells, nil
		}
	}
}

// Next implements format.Reader. A line of fewer cells than the line of names is refused: it may be cut off.
func (r *reader) Next() (shape.Row, error) {
	cells, err := r.read()
	if err != nil {
		return nil, err
	}
	for len(cells) > len(r.names) && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != len(r.names) {
		raw, err := r.encode(cells)
		if err != nil {
			return nil, err
		}
		return nil, &format.RecordError{Raw: raw, Refusal: meteo.Refuse(meteo.UnknownShape,
			"the line has %d cells, the line of names %d", len(cells), len(r.names))}
	}
	r.row = r.row[:0]
	for i, cell := range cells {
		r.row = append(r.row, shape.Field{Name: r.names[i], Value: cell})
	}
	return r.row, nil
}

// Table implements format.Tabular.
func (r *reader) Table() int { return 1 }

// Headings implements format.Tabular.
func (r *reader) Headings() []shape.Heading {
	headings := make([]shape.Heading, len(r.names))
	for i, name := range r.names {
		headings[i].Name = name
	}
	return headings
}

// encode writes a line again, as UTF-8.
func (r *reader) encode(cells []string) ([]byte, error) {
	var raw bytes.Buffer
	w := csv.NewWriter(&raw)
	w.Comma = r.comma
	err := w.Write(cells)
	w.Flush()
	return bytes.TrimRight(raw.Bytes(), "\n"), err
}

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("line %d", r.line) }

// Close implements format.Reader.
func (r *reader) Close() error { return nil }
