package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The size of a sheet.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
)

// cell is one that a row of a sheet holds.
type cell struct {
	column  int    // from 0 up
	kind    string // of its value: "", n, s, str, inlineStr, b, d, e
	style   int
	text    string // as in the file; that of a shared text is its number
	formula bool
}

// isText reports whether the cell holds text.
func (c *cell) isText() bool { return c.kind == "s" || c.kind == "str" || c.kind == "inlineStr" }

// columnRange is a range of columns with something in common.
type columnRange struct {
	first, last int // from 0 up
	style       int
	hidden      bool
}

// rows reads the rows of a sheet in their order.
type rows struct {
	*parser
	part    string
	close   func() error
	line    int // the number of the last row
	columns []columnRange
	cells   []cell // of the last row
	inData  bool
	ended   bool
}

// openRows starts to read a sheet.
func (b *workbook) openRows(s *sheet) (*rows, error) {
	part, ok := b.parts[s.part]
	if !ok {
		return nil, fmt.Errorf("the workbook is damaged: it has no part for sheet %q", s.name)
	}
	in, err := part.Open()
	if err != nil {
		return nil, damaged(part.Name, err)
	}
	return &rows{parser: newParser(in), part: part.Name, close: in.Close}, nil
}

// next reads the next row into r.cells, or returns io.EOF at the end of the sheet's cells.
func (r *rows) next() error {
	err := r.nextRow()
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return damaged(r.part, err)
}

func (r *rows) nextRow() error {
	for !r.ended {
		token, err := r.token()
		if err != nil {
			return endOf(err, r.inData)
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "sheetData":
				r.inData = true
			case "col":
				r.column(token.Attr)
			case "row":
				return r.row(token.Attr)
			}
		case xml.EndElement:
			if token.Name.Local == "sheetData" { // what follows is of no interest, but for the sum of all
				r.ended = true
				if _, err := io.Copy(io.Discard, r.in); err != nil {
					return err
				}
			}
		}
	}
	return io.EOF
}

// endOf is the error of a sheet that ends amid its cells.
func endOf(err error, inData bool) error {
	if inData && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *rows) column(attributes []xml.Attr) {
	const most = 1 << 10 // ranges that a sheet of a person has
	c := columnRange{first: number(attributes, "min") - 1, last: number(attributes, "max") - 1, style: number(attributes, "style"), hidden: isTrue(value(attributes, "hidden"))}
	if c.style > 0 || c.hidden {
		if len(r.columns) < most {
			r.columns = append(r.columns, c)
		}
	}
}

// row reads the cells of a row that was begun.
func (r *rows) row(attributes []xml.Attr) error {
	r.cells = r.cells[:0]
	r.line++
	if n := number(attributes, "r"); n > 0 {
		r.line = n
	}
	if r.line > maxRows {
		return fmt.Errorf("a row has the number %d: a sheet has no more than %d", r.line, maxRows)
	}
	for column := 0; ; {
		token, err := r.token()
		if err != nil {
			return endOf(err, true)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local != "c" {
				continue
			}
			c := cell{column: column}
			if err := r.cell(token.Attr, &c); err != nil {
				return endOf(err, true)
			}
			if c.column >= maxColumns {
				return fmt.Errorf("row %d has more than %d columns", r.line, maxColumns)
			}
			column = c.column + 1
			r.cells = append(r.cells, c)
		case xml.EndElement:
			if token.Name.Local == "row" {
				return nil
			}
		}
	}
}

// cell reads a cell that was begun.
func (r *rows) cell(attributes []xml.Attr, c *cell) error {
	for _, a := range attributes {
		switch a.Name.Local {
		case "r":
			if column, ok := columnOf(a.Value); ok {
				c.column = column
			}
		case "t":
			c.kind = a.Value
		case "s":
			c.style, _ = strconv.Atoi(a.Value) // 0, the usual style, for what is not a number
		}
	}
	r.text = r.text[:0]
	inValue := false
	for level := 1; level > 0; {
		token, err := r.token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				inValue = true
			case "f":
				c.formula = true
			case "is":
				if c.text, err = r.runs(); err != nil {
					return err
				}
				continue
			}
			level++
		case xml.EndElement:
			level--
			inValue = false
		case xml.CharData:
			if inValue {
				r.text = append(r.text, token...)
			}
		}
	}
	if c.kind != "inlineStr" {
		c.text = string(r.text)
	}
	if c.kind == "str" {
		c.text = unescape(c.text)
	}
	return nil
}

// columnOf returns the column of a reference such as AB12, from 0 up.
func columnOf(reference string) (int, bool) {
	column, i := 0, 0
	for ; i < len(reference) && i < 4; i++ {
		c := reference[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		column = column*26 + int(c-'a') + 1
	}
	return column - 1, i > 0
}

func value(attributes []xml.Attr, name string) string {
	for _, a := range attributes {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// number returns an attribute that is a whole number, 0 when it is not.
func number(attributes []xml.Attr, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(value(attributes, name)))
	if err != nil {
		return 0
	}
	return n
}
