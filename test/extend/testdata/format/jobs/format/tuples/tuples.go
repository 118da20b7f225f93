// Package tuples is a file format for a test: a line of JSON per record, an array of the columns' texts.
package tuples

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Format is the format tuples.
func Format() format.Format {
	return format.Format{Name: "tuples", Extensions: []string{".tuples"}, NewReader: newReader, NewWriter: newWriter}
}

type reader struct {
	lines *bufio.Scanner
	line  int
}

func newReader(in io.Reader) (format.Reader, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, format.MaxRecord)
	return &reader{lines: lines}, nil
}

func (r *reader) Next() (shape.Row, error) {
	r.line++
	if !r.lines.Scan() {
		return nil, errors.Join(r.lines.Err(), endOf(r.lines))
	}
	var cells []string
	if err := json.Unmarshal(r.lines.Bytes(), &cells); err != nil || len(cells) != len(format.Columns()) {
		return nil, errors.Join(r.lines.Err(), fmt.Errorf("line %d is not an array of %d texts", r.line, len(format.Columns())))
	}
	var row shape.Row
	for i, name := range format.Columns() {
		row = append(row, shape.Field{Name: name, Value: cells[i]})
	}
	return row, nil
}

// endOf returns io.EOF unless the lines ended by an error.
func endOf(lines *bufio.Scanner) error {
	if lines.Err() != nil {
		return nil
	}
	return io.EOF
}

func (r *reader) Position() string { return fmt.Sprintf("line %d", r.line) }

func (r *reader) Close() error { return nil }

type writer struct{ lines *json.Encoder }

func newWriter(out io.Writer) (format.Writer, error) { return &writer{json.NewEncoder(out)}, nil }

func (w *writer) Write(o *meteo.Observation) error {
	var cells []string
	for _, f := range format.Flat(o, nil) {
		switch value := f.Value.(type) {
		case string:
			cells = append(cells, value)
		case float64:
			cells = append(cells, string(meteo.AppendNumber(nil, value)))
		case time.Time:
			cells = append(cells, string(meteo.AppendTime(nil, value)))
		default:
			cells = append(cells, "")
		}
	}
	return w.lines.Encode(cells)
}

func (w *writer) Close() error { return nil }
