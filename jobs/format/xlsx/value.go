package xlsx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/shape"
)

// The reasons why something is not read.
const (
	whyHidden   = "the sheet is hidden: show it in the workbook to have it read"
	whyNoTable  = "the sheet has no names of columns for a time and a measurement"
	whyNote     = "a row of one text alone is a note and not a record"
	whyNameless = "the column has no name: give it one above its values"
	whyFormula  = "the result of a formula is not stored: open the workbook with a spreadsheet program and save it"
	whyError    = "a formula has no result but an error, which is a missing value"
)

// firstDay is the first day number that is the same in all programs: 1 March 1900. Excel counts a 29 February 1900 that never was.
const firstDay = 61

// today is a day number, of 1927, below which a number without a format of dates may be something else: an hour, a year, 2359.
const today = 10_000

// epochs are the days between those of 1900 and of 1904.
const epochs = 1462

// format returns the number format of a cell.
func (b *workbook) format(c *cell) numberFormat {
	if c.style < 0 || c.style >= len(b.formats) {
		return numberFormat{scale: 1}
	}
	return b.formats[c.style]
}

// value is what a person sees in a cell: nil, a bool, a float64, a time.Time, or text. A day without a time of day is text, 2006-01-02, and
// so is a time of day without a day, 15:04:05.
func (r *reader) value(c *cell, of *column) (any, error) {
	switch c.kind {
	case "s":
		return r.workbook.texts.text(c.text)
	case "str", "inlineStr":
		return c.text, nil
	case "b":
		return isTrue(c.text), nil
	case "e":
		r.notes.Note(of.name, whyError, c.text)
		return nil, nil
	case "d":
		return isoDate(strings.TrimSpace(c.text), r.workbook.format(c).kind), nil
	}
	if c.text == "" {
		if c.formula {
			r.notes.Note(of.name, whyFormula, r.reference(c))
		}
		return nil, nil
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(c.text), 64)
	if err != nil {
		return c.text, nil
	}
	if c.formula && x == 0 && r.workbook.calculates { // which is what programs store that can't calculate
		r.notes.Note(of.name, whyFormula, r.reference(c))
		return nil, nil
	}
	return r.number(x, r.workbook.format(c), of), nil
}

func (r *reader) reference(c *cell) string {
	return columnName(c.column) + strconv.Itoa(r.rows.line)
}

// number is what the format of a cell shows of its number. In a column of times a number without a format has that of the cells above.
func (r *reader) number(x float64, f numberFormat, of *column) any {
	switch {
	case f.kind != isNumber:
		of.kind = f.kind
	case of.isTime && f.scale == 1 && (x >= today && (of.kind == isDate || of.kind == isDateTime) || x < 1 && of.kind == isClock):
		f.kind = of.kind
	}
	switch f.kind {
	case isDate, isDateTime:
		return r.day(x, f.kind)
	case isMonth:
		if x >= firstDay && x < shape.MaxExcelTime {
			return shape.ExcelTime(x, r.workbook.from1904).Format("2006-01")
		}
		return x
	case isClock:
		return r.clock(x)
	case isElapsed:
		if x >= 0 && x < today {
			seconds := int64(math.Round(x * 86400))
			return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
		}
		return r.day(x, isDateTime)
	}
	if f.scale != 1 {
		x = digits15(x * f.scale)
	}
	if f.unit != of.unit && of.has(f.unit) {
		return strconv.FormatFloat(x, 'f', -1, 64) + " " + f.unit
	}
	if r.workbook.from1904 && of.isTime && x >= today && x < 10*today { // a day number that is not shown as one
		x += epochs
	}
	return x
}

// day reads a day number. What no person would take for a day stays a number.
func (r *reader) day(x float64, kind kind) any {
	if x < 1 || x >= shape.MaxExcelTime || x < firstDay && x == math.Trunc(x) && !r.workbook.from1904 {
		return x
	}
	t := shape.ExcelTime(x, r.workbook.from1904).In(shape.NoZone)
	if kind == isDate && x == math.Trunc(x) {
		return t.Format(time.DateOnly)
	}
	return t
}

// clock reads a time of day, which is a fraction of a day. The days before it, of times that were added up, don't show. A whole
// number shows as 0:00, which is not what was meant.
func (r *reader) clock(x float64) any {
	switch {
	case x < 0 || x >= shape.MaxExcelTime:
		return x
	case x >= today:
		return shape.ExcelTime(x, r.workbook.from1904).In(shape.NoZone)
	case x >= 1 && x == math.Trunc(x):
		return fmt.Sprintf("%g, which is shown as 0:00", x)
	}
	return shape.ExcelTime(x-math.Trunc(x)+firstDay, false).Format("15:04:05.999999")
}

// isoDate reads a date that the file has as text (ISO 8601), by the format that shows it.
func isoDate(s string, kind kind) any {
	day, clock, both := strings.Cut(s, "T")
	switch {
	case both && kind == isDate && strings.Trim(clock, "0:.Z") == "":
		return day
	case both && kind == isClock:
		return strings.TrimSuffix(clock, "Z")
	}
	return s
}
