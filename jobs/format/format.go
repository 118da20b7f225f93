// Package format says what a file format is. One folder below it holds one format; the program's
// catalog lists them. What the formats share is here: the columns, the bound of a record, the
// row of names in a table.
package format

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

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
	// io.EOF at the end, a *RecordError when only this record can't be read, and any other error when the
	// file can't be read further. The row is good until the next call.
	Next() (shape.Row, error)
	// Position says where the record that Next returned last stands, for messages: "line 17", "sheet Data, row 4".
	Position() string
	Close() error
}

// Tabular is a Reader of tables: CSV, XLSX, Parquet.
type Tabular interface {
	Reader
	// Table returns the number of the table, from 1 up, that holds the row which Next returned last.
	Table() int
	// Headings returns those of that table. The fields of its rows are in their order.
	Headings() []shape.Heading
}

// JSON is a Reader of records that are JSON, which may be read without making rows of them.
type JSON interface {
	Reader
	// NextJSON returns the next record as it is in the file. It is good until the next call, and its errors are those of Next.
	NextJSON() ([]byte, error)
	// Row makes of such a record what Next returns.
	Row(record []byte) (shape.Row, error)
}

// Noting is a Reader that notes what it does not give, such as hidden sheets.
type Noting interface {
	// Ignored lists what was noted so far.
	Ignored() []shape.Ignored
}

// Ignored lists what a reader noted so far; nothing when it notes nothing.
func Ignored(r Reader) []shape.Ignored {
	if noting, ok := r.(Noting); ok {
		return noting.Ignored()
	}
	return nil
}

// Writer writes observations or readings, in the columns or members of meteo.Observation.
type Writer interface {
	Write(o *meteo.Observation) error
	// Close completes the file; it does not close the io.Writer below.
	Close() error
}

// RawWriter is a Writer whose format carries records that are not readings as they are, between the others.
type RawWriter interface {
	Writer
	WriteRaw(record []byte) error
}

// RecordError says that one record can't be read while the rest of the file can: Next may be called again.
type RecordError struct {
	Raw     []byte // the record as it is in the file, or its beginning when it is too large
	Refusal *meteo.Refusal
}

func (e *RecordError) Error() string { return e.Refusal.Error() }

// Unwrap returns the refusal.
func (e *RecordError) Unwrap() error { return e.Refusal }

// MaxRecord is the most bytes that one record of a file may have. A record is held in memory, so that
// this bounds what hostile files can take.
const MaxRecord = 4 << 20

// ByName finds a format by its name.
func ByName(formats []Format, name string) (Format, error) {
	names := make([]string, len(formats))
	for i, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("no format is called %q: use one of %s", name, strings.Join(names, ", "))
}

// ByPath finds the format of a file by its extension, whatever its case; ".gz" after it is passed over.
func ByPath(formats []Format, path string) (Format, error) {
	name := strings.ToLower(filepath.Base(path))
	extension := filepath.Ext(strings.TrimSuffix(name, ".gz"))
	names := make([]string, len(formats))
	for i, f := range formats {
		if slices.Contains(f.Extensions, extension) {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("the extension of %q is not that of a format: name it, one of %s", name, strings.Join(names, ", "))
}
