package xlsx

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// sheetName is the name of the first sheet; " 2", " 3" follow for the next.
const sheetName = "Observations"

// writer writes one table: a bold line of names that stays in view, numbers as numbers, times as dates. A
// table longer than a sheet goes on in the next one.
type writer struct {
	out     io.Writer
	book    *excelize.File
	stream  *excelize.StreamWriter
	date    int // style
	bold    int // style
	sheets  int
	line    int
	maxRows int
	row     shape.Row
	cells   []any
}

func newWriter(out io.Writer) (format.Writer, error) {
	w := &writer{out: out, book: excelize.NewFile(), maxRows: excelize.TotalRows}
	dateForm := "yyyy-mm-dd hh:mm:ss"
	var err error
	if w.date, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &dateForm}); err != nil {
		return nil, fmt.Errorf("making the style of dates: %w", err)
	}
	if w.bold, err = w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, fmt.Errorf("making the style of names: %w", err)
	}
	if err := w.book.SetSheetName(w.book.GetSheetName(0), sheetName); err != nil {
		return nil, fmt.Errorf("naming the sheet: %w", err)
	}
	if err := w.start(sheetName); err != nil {
		return nil, err
	}
	return w, nil
}

// start begins to write a sheet that exists.
func (w *writer) start(sheet string) (err error) {
	if w.stream, err = w.book.NewStreamWriter(sheet); err != nil {
		return fmt.Errorf("starting sheet %q: %w", sheet, err)
	}
	w.sheets++
	if err := w.stream.SetColWidth(1, len(format.Columns()), 18); err != nil {
		return fmt.Errorf("setting the width of columns: %w", err)
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("fixing the line of names: %w", err)
	}
	w.cells = w.cells[:0]
	for _, name := range format.Columns() {
		w.cells = append(w.cells, excelize.Cell{StyleID: w.bold, Value: name})
	}
	w.line = 0
	return w.writeCells()
}

func (w *writer) writeCells() error {
	w.line++
	if err := w.stream.SetRow(fmt.Sprintf("A%d", w.line), w.cells); err != nil {
		return fmt.Errorf("writing row %d: %w", w.line, err)
	}
	return nil
}

// Write implements format.Writer.
func (w *writer) Write(o *meteo.Observation) error {
	if w.line == w.maxRows {
		if err := w.stream.Flush(); err != nil {
			return fmt.Errorf("completing a sheet: %w", err)
		}
		next := fmt.Sprintf("%s %d", sheetName, w.sheets+1)
		if _, err := w.book.NewSheet(next); err != nil {
			return fmt.Errorf("making a sheet: %w", err)
		}
		if err := w.start(next); err != nil {
			return err
		}
	}
	w.row = format.Flat(o, w.row[:0])
	w.cells = w.cells[:0]
	for _, f := range w.row {
		w.cells = append(w.cells, w.cell(f.Value))
	}
	return w.writeCells()
}

// cell makes numbers and dates where they come back exactly and text where they would not: Excel, and
// the writer below, keep 15 digits of a number. That is enough for what is measured and for times in full
// milliseconds from March 1900 on.
func (w *writer) cell(value any) any {
	switch value := value.(type) {
	case float64:
		if value == math.Trunc(value) && math.Abs(value) < 1<<53 {
			return int64(value)
		}
		if digits15(value) != value {
			return string(meteo.AppendNumber(nil, value))
		}
	case time.Time:
		serial := digits15(dayNumber(value))
		if serial >= 61 && shape.ExcelTime(serial, false).Equal(value) {
			return excelize.Cell{StyleID: w.date, Value: serial}
		}
		return string(meteo.AppendTime(nil, value))
	}
	return value
}

// digits15 rounds to 15 significant digits.
func digits15(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil { // beyond the largest number
		return math.Inf(1)
	}
	return rounded
}

// dayNumber is a time as a number of days since 30 December 1899.
func dayNumber(t time.Time) float64 {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	seconds := t.Unix() - base.Unix()
	days := seconds / 86400
	micros := (seconds-days*86400)*1e6 + int64(t.Nanosecond()/1000)
	return float64(days) + float64(micros)/86400e6
}

// Close implements format.Writer.
func (w *writer) Close() error {
	if err := w.stream.Flush(); err != nil {
		return fmt.Errorf("completing a sheet: %w", err)
	}
	if err := w.book.Write(w.out); err != nil {
		return fmt.Errorf("writing the workbook: %w", err)
	}
	if err := w.book.Close(); err != nil {
		return fmt.Errorf("removing temporary files: %w", err)
	}
	return nil
}
