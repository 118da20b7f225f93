package file

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Stdin is the path that stands for the standard input.
const Stdin = "-"

// Options say how files are read.
type Options struct {
	Formats       []format.Format // those that are known
	Format        string          // name of the files' format; "" chooses it by their extensions
	shape.Options                 // what the records don't say, and how their tables are read
	Stdin         io.Reader       // what the path Stdin reads
	AnyStation    bool            // read stations that are not of Senegal, by the ids that they have
	Strict        bool            // refuse records of JSON that `stream` would refuse: NaN is not left out
}

// FormatError reports that a file is not what it says: it can't be read as its format, or not further.
type FormatError struct {
	Path     string
	Position string // "line 17"; "" for the file as a whole
	Err      error
}

func (e *FormatError) Error() string {
	if e.Position == "" {
		return fmt.Sprintf("reading %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("reading %s after %s: %v", e.Path, e.Position, e.Err)
}

// Unwrap returns the error of the format.
func (e *FormatError) Unwrap() error { return e.Err }

// Record is what one record of a file holds: observations, which are good until the next is read, or what could not be made such.
type Record struct {
	Observations []meteo.Observation
	Raw          []byte         // when not nil, the refused record: its bytes, or its JSON
	Refusal      *meteo.Refusal // why; its detail says where the record stands
}

// Reader reads the records of one file.
type Reader struct {
	path    string
	decoder *shape.Decoder
	ignored shape.Collector
	rows    format.Reader
	tables  *tableReader  // of a file of tables
	records *recordReader // of a file of objects
	place   string        // where the record is that was returned last; "" where rows is
	close   []func() error
}

// Open opens a file, or the standard input, whether compressed by gzip or not. The error is a
// *FormatError when the file is not what it says; errors.Is(err, fs.ErrNotExist) when it does not exist.
func Open(path string, options Options) (*Reader, error) {
	f, err := options.format(path)
	if err != nil {
		return nil, &FormatError{Path: path, Err: err}
	}
	r := &Reader{path: path, decoder: shape.NewDecoder()}
	r.decoder.Collect(&r.ignored)
	if options.AnyStation {
		r.decoder.AnyStation()
	}
	in := options.Stdin
	if path != Stdin {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("opening an input file: %w", err)
		}
		in = file
		r.close = append(r.close, file.Close)
	}
	if in, err = r.unzip(in); err == nil {
		r.rows, err = f.NewReader(in)
	}
	if err != nil {
		return nil, errors.Join(r.failure(err), r.Close())
	}
	r.close = append(r.close, r.rows.Close)
	if rows, ok := r.rows.(format.Tabular); ok {
		rows = gather(rows, &options.Options)
		r.rows = rows
		r.tables = &tableReader{rows: rows, decoder: r.decoder, options: options.Options}
	} else {
		json, _ := r.rows.(format.JSON)
		if json != nil && options.Strict {
			json = strictJSON{json}
			r.rows = json
		}
		r.records = &recordReader{rows: r.rows, json: json, decoder: r.decoder, options: options.Options}
	}
	return r, nil
}

func (o *Options) format(path string) (format.Format, error) {
	switch {
	case o.Format != "":
		return format.ByName(o.Formats, o.Format)
	case path == Stdin:
		return format.Format{}, errors.New("the standard input has no extension: name its format")
	}
	return format.ByPath(o.Formats, path)
}

// unzip looks at the first two bytes for gzip's mark. A file without it stays a file, for the
// formats that need random access.
func (r *Reader) unzip(in io.Reader) (io.Reader, error) {
	if file, ok := in.(*os.File); ok {
		var mark [2]byte
		if n, _ := file.ReadAt(mark[:], 0); n == 2 && mark != [2]byte{0x1f, 0x8b} {
			return in, nil // a pipe can't be read at a place and goes on below
		}
	}
	buffered := bufio.NewReader(in)
	if mark, _ := buffered.Peek(2); len(mark) < 2 || mark[0] != 0x1f || mark[1] != 0x8b {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("starting to decompress: %w", err)
	}
	r.close = append(r.close, unzipped.Close)
	return unzipped, nil
}

// failure makes the error of a file that can't be read: a *FormatError, unless the system failed.
func (r *Reader) failure(err error) error {
	var system *os.PathError
	if errors.As(err, &system) {
		return fmt.Errorf("reading %s: %w", r.path, err)
	}
	position := ""
	if r.rows != nil {
		position = r.rows.Position()
	}
	return &FormatError{Path: r.path, Position: position, Err: err}
}

// Next returns the next record, io.EOF at the end, or the error that ends the reading. A record that is
// refused is not an error.
func (r *Reader) Next() (Record, error) {
	if r.tables != nil {
		row, err := r.tables.next()
		r.place = row.place
		if err != nil {
			return r.notRead(err)
		}
		observations, err := row.table.Read(row.cells)
		return r.record(row.cells, observations, err)
	}
	next, err := r.records.next()
	r.place = next.place
	if err != nil {
		return r.notRead(err)
	}
	observations, err := r.records.read(next)
	return r.record(next.row, observations, err)
}

// notRead is what Next returns when the format has no row.
func (r *Reader) notRead(err error) (Record, error) {
	var bad *format.RecordError
	switch {
	case errors.As(err, &bad):
		return r.refused(bad.Raw, bad.Refusal), nil
	case errors.Is(err, io.EOF):
		return Record{}, io.EOF
	}
	return Record{}, r.failure(err)
}

// record is what Next returns of a row.
func (r *Reader) record(row shape.Row, observations []meteo.Observation, err error) (Record, error) {
	var refusal *meteo.Refusal
	if errors.As(err, &refusal) {
		return r.refused(row.AppendJSON(nil), refusal), nil
	}
	return Record{Observations: observations}, err
}

func (r *Reader) refused(raw []byte, refusal *meteo.Refusal) Record {
	return Record{Raw: raw, Refusal: meteo.Refuse(refusal.Reason, "%s, %s: %s", r.path, r.Position(), refusal.Detail)}
}

// Ignored lists the columns and members of which nothing was kept so far, after the parts of the file that are not read.
func (r *Reader) Ignored() []shape.Ignored {
	return slices.Concat(format.Ignored(r.rows), r.ignored.List())
}

// Position says where the last record is.
func (r *Reader) Position() string { return cmp.Or(r.place, r.rows.Position()) }

// Close closes the file and removes what was put aside for it.
func (r *Reader) Close() error {
	var err error
	for i := len(r.close) - 1; i >= 0; i-- {
		err = errors.Join(err, r.close[i]())
	}
	r.close = nil
	return err
}
