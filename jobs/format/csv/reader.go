package csv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

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

// maxColumns is as many as a spreadsheet has.
const maxColumns = 16_384

// reader gives one row per record. It holds one record in memory, and the beginning of the file.
type reader struct {
	csv    *csv.Reader
	in     *bufio.Reader
	budget *format.Budget
	comma  rune

	aligned  bool            // see dialect
	headings []shape.Heading // those of the cells, and after them those of fixed
	fixed    []shape.Field   // what the lines above the names say of every record
	width    int             // how many cells a record has
	tables   int             // that were begun
	omission omission
	firsts   map[string]bool // the first cells of lines that were held to be names, or not
	pending  [][]string      // lines that a quote which is not closed had joined to another
	row      shape.Row
	values   values
	line     int
	notes    shape.Collector
}

// notATable returns what a file that begins as another format is, or nil.
func notATable(start []byte) error {
	switch start = bytes.TrimSpace(start); {
	case bytes.HasPrefix(start, []byte("<")):
		return format.ErrMarkup
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[{")):
		return errors.New("it begins as JSON: say --format json")
	}
	return nil
}

func newReader(in io.Reader) (format.Reader, error) {
	budget := format.NewBudget(endLines(charset.Detect(in)))
	buffered := bufio.NewReaderSize(budget, beginning)
	start, err := peek(buffered)
	if err != nil {
		return nil, err
	}
	if isISDLite(start) {
		return &isdLite{lines: bufio.NewReader(buffered), budget: budget}, nil
	}
	d := findMeteostat(start)
	if !d.found {
		d = findDialect(start)
	}
	if !d.found || !d.header.Complete {
		if lines := findLines(start); lines.found {
			d = lines
			buffered = bufio.NewReaderSize(&edited{in: buffered, edit: d.edit}, beginning)
		}
	}
	r := &reader{in: buffered, budget: budget, comma: d.comma, aligned: d.aligned, tables: 1, firsts: map[string]bool{}}
	r.csv = newParser(buffered, d.comma)
	r.csv.ReuseRecord = true
	if !d.found {
		if _, err := r.read(); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading the names of the columns: %w", err)
		}
		if err := notATable(start); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("none of the first %d lines holds names of columns that senmeteo knows, such as temperature, station_id or Date: add a line of names", shape.HeaderRows)
	}
	if len(d.header.Headings) > maxColumns {
		return nil, fmt.Errorf("it has %d columns: more than %d are not accepted", len(d.header.Headings), maxColumns)
	}
	for range d.header.Rows {
		if _, err := r.read(); err != nil {
			return nil, fmt.Errorf("reading the names of the columns: %w", err)
		}
	}
	r.fixed = d.header.Fixed
	r.begin(d.header.Headings)
	r.omission = d.omission
	return r, nil
}

// begin starts a table.
func (r *reader) begin(headings []shape.Heading) {
	r.width, r.headings = len(headings), slices.Clone(headings)
	r.values = newValues(len(headings))
	for _, f := range r.fixed {
		r.headings = append(r.headings, shape.Heading{Name: f.Name})
	}
}

// read returns the cells of the next line that is neither blank nor a comment.
func (r *reader) read() ([]string, error) {
	for {
		cells, err := r.cells()
		if err != nil {
			if r.line++; errors.Is(err, io.EOF) {
				return nil, io.EOF
			}
			return nil, fmt.Errorf("reading the file: %w", err)
		}
		if clean(cells) && (len(cells) > 1 || r.width == 0 || !strings.HasPrefix(cells[0], "#")) {
			return cells, nil
		}
	}
}

// cells returns the cells of the next line.
func (r *reader) cells() ([]string, error) {
	if len(r.pending) > 0 {
		cells := r.pending[0]
		r.pending = r.pending[1:]
		r.line++
		return cells, nil
	}
	r.budget.Refill()
	cells, err := r.csv.Read()
	if err == nil {
		r.line, _ = r.csv.FieldPos(0)
	}
	return cells, err
}

// clean removes blanks around cells and corrects names that were decoded wrongly before; it reports whether a cell is left.
func clean(cells []string) (some bool) {
	for i, cell := range cells {
		if isClean(cell) {
			some = some || cell != ""
			continue
		}
		if cell = charset.Fix(strings.TrimSpace(cell)); cell != "" && (cell[0] == '\'' || cell[0] == '=' || cell[0] == 0xe2) {
			cell = bare(cell)
		}
		cells[i] = cell
		some = some || strings.Trim(cell, "\x00\x1a") != ""
	}
	return some
}

// isClean reports whether a cell has neither blanks nor letters beyond ASCII nor marks around it, as most have.
func isClean(cell string) bool {
	if cell != "" && (cell[0] == '\'' || cell[0] == '=') {
		return false
	}
	for i := range len(cell) {
		if c := cell[i]; c <= ' ' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// bare takes away what programs put around a text besides double quotes: single ones, typographic ones, and the signs by which spreadsheets know a text.
func bare(cell string) string {
	for _, marks := range [...][2]string{{"'", "'"}, {`="`, `"`}, {"“", "”"}} {
		if inside, ok := strings.CutPrefix(cell, marks[0]); ok && strings.HasSuffix(inside, marks[1]) {
			return strings.TrimSpace(strings.TrimSuffix(inside, marks[1]))
		}
	}
	if len(cell) > 1 && cell[0] == '\'' && (cell[1] >= '0' && cell[1] <= '9' || cell[1] == '-' || cell[1] == '+') {
		return cell[1:]
	}
	return cell
}

// Next implements format.Reader. A line may leave out its last cells when they are empty; one of more cells than names, or that seems cut off, is refused.
func (r *reader) Next() (shape.Row, error) {
	for {
		cells, err := r.read()
		if err != nil {
			return nil, err
		}
		if r.isNames(cells) {
			continue
		}
		cells = trimEmpty(r.part(cells), r.width)
		if len(cells) == 1 && r.width > 2 && isNote(cells[0]) {
			r.notes.Note("lines between the rows", whyNote, cells[0])
			continue
		}
		if why := r.faulty(cells); why != nil {
			raw, err := r.encode(cells)
			if err != nil {
				return nil, err
			}
			return nil, &format.RecordError{Raw: raw, Refusal: why}
		}
		return r.record(cells), nil
	}
}

func (r *reader) record(cells []string) shape.Row {
	r.row = r.row[:0]
	for i, cell := range cells {
		r.row = append(r.row, shape.Field{Name: r.headings[i].Name, Value: r.values.of(i, cell)})
	}
	for i := len(cells); i < r.width; i++ {
		r.row = append(r.row, shape.Field{Name: r.headings[i].Name})
	}
	return append(r.row, r.fixed...)
}

// faulty returns why a line can't be assigned to the columns.
func (r *reader) faulty(cells []string) *meteo.Refusal {
	if len(cells) == r.width {
		r.omission.full(cells)
		return nil
	}
	refusal := meteo.Refuse(meteo.UnknownShape, "the line has %d cells, the line of names %d", len(cells), r.width)
	if len(cells) > r.width {
		return refusal
	}
	if r.aligned {
		refusal.Detail += ": which of them it lacks does not show, because blanks are between the cells"
		return refusal
	}
	if why := r.omission.cut(cells); why != "" {
		refusal.Detail += ": " + why
		return refusal
	}
	if _, err := r.in.Peek(1); errors.Is(err, io.EOF) && len(r.pending) == 0 && !r.budget.EndsLine() {
		refusal.Detail += " and the file ends in it: it may be cut off"
		return refusal
	}
	return nil
}

// whyNote is the reason why a line is not read.
const whyNote = "a line of one text alone is a note and not a record"

// isNote reports whether the only text of a line is a note, and not the beginning of a record that was cut off.
func isNote(text string) bool {
	switch c := text[0]; {
	case strings.IndexByte("%*-=+(/", c) >= 0:
		return !shape.Known(text)
	case c >= '0' && c <= '9':
		return false
	}
	return strings.ContainsAny(text, " :")
}

func trimEmpty(cells []string, width int) []string {
	for len(cells) > width && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// isNames reports whether a line repeats the names of the columns, as files do that were put together. Other names begin another table.
func (r *reader) isNames(cells []string) bool {
	first := cells[0]
	if first != "" && first[0] >= '0' && first[0] <= '9' {
		return false
	}
	named, ok := r.firsts[first]
	if !ok {
		if named = shape.Heads(first) || first == ""; len(r.firsts) < maxFirsts {
			r.firsts[first] = named
		}
	}
	if !named {
		return false
	}
	header, ok := shape.FindHeader([][]string{cells})
	if !ok || !header.Complete {
		return false
	}
	same := len(header.Headings) == r.width
	for i := 0; same && i < r.width; i++ {
		same = header.Headings[i].Name == r.headings[i].Name
	}
	if !same {
		r.begin(header.Headings)
		r.tables++
		r.omission = omission{}
	}
	return true
}

// maxFirsts bounds the memory of first cells.
const maxFirsts = 1024

// part takes apart what a quote that is not closed has joined: a cell that holds line breaks and whole lines after them. The lines come next.
func (r *reader) part(cells []string) []string {
	for i, cell := range cells {
		if strings.IndexByte(cell, '\n') < 0 {
			continue
		}
		lines := strings.Split(cell, "\n")
		joined := false
		for _, line := range lines[1:] {
			joined = joined || strings.Count(line, string(r.comma)) >= r.width-1
		}
		if !joined {
			continue
		}
		rest := slices.Clone(cells[i+1:])
		for n, line := range lines[1:] {
			parts := strings.Split(strings.ReplaceAll(line, `"`, ""), string(r.comma))
			if n == len(lines)-2 {
				parts = append(parts, rest...)
			}
			if clean(parts) {
				r.pending = append(r.pending, parts)
			}
		}
		return append(slices.Clone(cells[:i]), strings.Trim(lines[0], `" `))
	}
	return cells
}

// Table implements format.Tabular.
func (r *reader) Table() int { return r.tables }

// Headings implements format.Tabular.
func (r *reader) Headings() []shape.Heading { return r.headings }

// encode writes a line again, as UTF-8.
func (r *reader) encode(cells []string) ([]byte, error) {
	var raw bytes.Buffer
	w := csv.NewWriter(&raw)
	w.Comma = r.comma
	err := w.Write(cells)
	w.Flush()
	return bytes.TrimRight(raw.Bytes(), "\n"), err
}

// Ignored implements format.Noting.
func (r *reader) Ignored() []shape.Ignored { return r.notes.List() }

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("line %d", r.line) }

// Close implements format.Reader.
func (r *reader) Close() error { return nil }
