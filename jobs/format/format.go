// Package format says what a file format is. One folder below it holds one format; the program's
// catalog lists them.
package format

import (
	"io"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Format reads and writes files of one kind.
type Format struct {
	Name       string   // "csv"
	Extensions []string // lower case, with the dot; the first is the usual one
	// NewReader starts reading. It refuses what is not of this format with an error that says so.
	// Formats that need random access take it from in when it is an io.ReaderAt of known size
	// (*os.File) and otherwise put in aside in a temporary file, which the Reader's Close removes.
	NewReader func(in io.Reader) (Reader, error)
	// NewWriter starts a file. Nothing is complete before Close has returned nil.
	NewWriter func(out io.Writer) (Writer, error)
}

// Reader gives the records of one file in their order.
type Reader interface {
	// Next returns the next record: a flat row, or for JSON, YAML and XML also a nested one. It returns
	// io.EOF at the end and any other error when the file can't be read further.
	Next() (shape.Row, error)
	// Position says where the record that Next returned last stands, for messages: "line 17", "sheet Data, row 4".
	Position() string
	Close() error
}

// Writer writes observations or readings, in the columns or members of meteo.Observation.
type Writer interface {
	Write(o *meteo.Observation) error
	// Close completes the file; it does not close the io.Writer below.
	Close() error
}
