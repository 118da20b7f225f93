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

	"senmeteo/jobs/shape"
)

// separators are what stands between cells, in the order of preference.
const separators = ",;\t|"

// beginning is how many bytes of a file decide how it is cut into cells and where its names are.
const beginning = 256 << 10

// dialect is how a file is cut into cells, and what its first lines say.
type dialect struct {
	comma    rune
	header   shape.Header
	found    bool // the header
	omission omission
	edit     func(line []byte) []byte // brings a line into one with separators; nil: it has them
	aligned  bool                     // a line has a cell for each name
}

// peek returns the beginning of a file.
func peek(in *bufio.Reader) ([]byte, error) {
	start, err := in.Peek(beginning)
	if len(start) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading the first line: %w", err)
		}
		return nil, errors.New("the file is empty: a line with the names of the columns is missing")
	}
	if zero := bytes.IndexByte(start, 0); zero == 0 || zero > 0 && bytes.ContainsFunc(start, isBinary) {
		return nil, errors.New("it holds zero bytes: this is not a text file")
	}
	return start, nil
}

// isBinary reports whether a character is in no text. Zero bytes are what a logger leaves whose power fails, and ^Z is what ends texts of DOS.
func isBinary(r rune) bool {
	return r > 0 && r < '\t' || r > '\r' && r < ' ' && r != 0x1a || r == utf8.RuneError
}

// newParser returns a parser of lines of any number of cells. Blanks before a quote do not hide it.
func newParser(in io.Reader, comma rune) *csv.Reader {
	p := csv.NewReader(in)
	p.Comma, p.FieldsPerRecord, p.LazyQuotes, p.TrimLeadingSpace = comma, -1, true, comma != '\t'
	return p
}

// findDialect finds what stands between cells: with the right one some line reads as names of columns, and the most of them.
func findDialect(start []byte) dialect {
	best := dialect{comma: ','}
	for _, comma := range separators {
		if bytes.IndexByte(start, byte(comma)) < 0 {
			continue
		}
		rows := firstRows(start, comma)
		header, ok := shape.FindHeader(rows)
		if !ok || best.found && !header.Better(&best.header) {
			continue
		}
		best = dialect{comma: comma, header: header, found: true}
		best.look(rows[header.Rows:])
	}
	return best
}

// findLines finds how to bring the lines of a file that has no separators between its cells into such that have them: lines that are quoted as a whole, and
// cells that are set apart by blanks.
func findLines(start []byte) dialect {
	for _, edit := range [...]func([]byte) []byte{unquoteLine, partAtTwoBlanks, partAtBlanks} {
		var lines [][]byte
		for line := range bytes.Lines(start) {
			if lines = append(lines, slices.Clone(edit(slices.Clone(line)))); len(lines) == 2*shape.HeaderRows {
				break
			}
		}
		d := findDialect(bytes.Join(lines, nil))
		if d.edit = edit; !d.found || !d.header.Complete {
			continue
		}
		if d.aligned = d.comma == '\t'; !d.aligned || d.isAligned(lines) {
			return d
		}
	}
	return dialect{comma: ','}
}

// isAligned reports whether the first lines all have a cell for each name.
func (d *dialect) isAligned(lines [][]byte) bool {
	rows := firstRows(bytes.Join(lines, nil), d.comma)
	for _, cells := range rows[min(d.header.Rows, len(rows)):] {
		if len(cells) != len(d.header.Headings) {
			return false
		}
	}
	return len(rows) > d.header.Rows
}

// firstRows returns the first lines that are not blank, without one that the beginning cuts.
func firstRows(start []byte, comma rune) [][]string {
	lines := newParser(bytes.NewReader(start), comma)
	var rows [][]string
	for len(rows) < shape.HeaderRows {
		cells, err := lines.Read()
		if err != nil {
			break
		}
		if len(start) == beginning && lines.InputOffset() == beginning {
			break
		}
		if clean(cells) {
			rows = append(rows, cells)
		}
	}
	return rows
}

// look learns from the first records how the file leaves out cells, and finds a first column that has no name because R writes the numbers of the rows there.
func (d *dialect) look(rows [][]string) {
	width := len(d.header.Headings)
	numbered := len(rows) > 0
	for _, cells := range rows {
		numbered = numbered && len(cells) == width+1
	}
	if numbered && d.header.Headings[0].Name != "" && shape.IsIndex(rows, !d.header.Complete) {
		d.header.Headings = append([]shape.Heading{{}}, d.header.Headings...)
		width++
	}
	for _, cells := range rows {
		if cells = trimEmpty(cells, width); len(cells) == width {
			d.omission.full(cells)
		}
	}
}

// omission is what a file shows about lines that have fewer cells than there are names: writers leave out the last cells where they are empty.
type omission struct {
	writesEmpty bool  // a line has an empty last cell, so that its writer does not leave it out
	decimals    []int // by column, how many decimals all of its numbers have; -1: not all have the same
	lines       int   // that full has seen
}

// mostDecimals bounds for how many columns decimals are counted.
const mostDecimals = 256

// full learns from a line that has a cell for each name; what numbers look like, from the first lines alone.
func (o *omission) full(cells []string) {
	if cells[len(cells)-1] == "" {
		o.writesEmpty = true
	}
	if o.lines++; o.lines > shape.SampleRows {
		return
	}
	if len(o.decimals) == 0 {
		o.decimals = make([]int, min(len(cells), mostDecimals))
		for i := range o.decimals {
			o.decimals[i] = unseen
		}
	}
	for i := range min(len(o.decimals), len(cells)) {
		if o.decimals[i] == several || cells[i] == "" {
			continue
		}
		switch n := decimalsOf(cells[i]); o.decimals[i] {
		case unseen:
			o.decimals[i] = n
		case n:
		default:
			o.decimals[i] = several
		}
	}
}

// What omission.decimals holds instead of a number of decimals.
const (
	several = -1
	unseen  = -2
)

// decimalsOf counts the letters after the decimal sign of a cell.
func decimalsOf(cell string) int {
	if i := strings.LastIndexAny(cell, ".,"); i >= 0 {
		return len(cell) - i - 1
	}
	return 0
}

// cut returns why a short line seems to be cut off, rather than to have empty cells at its end; "" when it does not.
func (o *omission) cut(cells []string) string {
	last := len(cells) - 1
	switch {
	case len(cells) < 2:
		return "it may be a note, or be cut off"
	case o.writesEmpty:
		return "others have their empty last cells, so that it may be cut off"
	case last < len(o.decimals) && decimalsOf(cells[last]) < o.decimals[last]:
		return "its last number is shorter than the others of its column, so that it may be cut off"
	}
	return ""
}
