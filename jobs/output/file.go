package output

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"senmeteo/jobs/atomicfile"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// File is a file that appears under its name only when it is whole. Its errors say what to do.
type File struct {
	*bufio.Writer
	file *atomicfile.File
	path string
}

// Create begins a file.
func Create(path string) (*File, error) {
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, CantWrite(path, err)
	}
	return &File{Writer: bufio.NewWriterSize(f, 1<<20), file: f, path: path}, nil
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err != nil {
		err = CantWrite(f.path, err)
	}
	return n, err
}

// Commit gives the file its name, or removes it when that fails.
func (f *File) Commit() error {
	if err := f.Flush(); err != nil {
		_ = f.file.Abandon() // the first error says more
		return CantWrite(f.path, err)
	}
	if err := f.file.Commit(); err != nil {
		return CantWrite(f.path, err)
	}
	return nil
}

// Abandon removes a file that was not committed; after Commit it does nothing.
func (f *File) Abandon() error { return f.file.Abandon() }

// Table gives write the file at path, which appears when it is whole, and the ending of its name, as "xlsx"; without a path standard
// output and "csv".
func Table(path string, stdout io.Writer, write func(out io.Writer, format string) error) error {
	if path == "" {
		return write(toStdout{stdout}, "csv")
	}
	file, err := Create(path)
	if err != nil {
		return err
	}
	if err := write(file, strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")); err != nil {
		return errors.Join(err, file.Abandon())
	}
	return file.Commit()
}

// Readings is the Destination that is a file of some format.
type Readings struct {
	file    *File
	to      format.Writer
	raw     format.RawWriter // nil: the format can't carry records that are not readings
	n       int64
	skipped int64 // records that it could not carry
	log     *slog.Logger
	reading meteo.Observation // that is being put
}

// CreateReadings begins a file of readings.
func CreateReadings(path string, f format.Format, log *slog.Logger) (*Readings, error) {
	file, err := Create(path)
	if err != nil {
		return nil, err
	}
	to, err := f.NewWriter(file)
	if err != nil {
		return nil, errors.Join(CantWrite(path, err), file.Abandon())
	}
	raw, _ := to.(format.RawWriter)
	return &Readings{file: file, to: to, raw: raw, log: log}, nil
}

// Put implements Destination.
func (r *Readings) Put(_ context.Context, item *flow.Item) error {
	if item.Raw == nil {
		r.reading.Reading = item.Reading
		return r.Write(&r.reading)
	}
	if r.raw == nil {
		r.skipped++
		return nil
	}
	if err := r.raw.WriteRaw(item.Raw); err != nil {
		return CantWrite(r.file.path, err)
	}
	r.n++
	return nil
}

// Write implements ObservationWriter.
func (r *Readings) Write(o *meteo.Observation) error {
	if err := r.to.Write(o); err != nil {
		return CantWrite(r.file.path, err)
	}
	r.n++
	return nil
}

// Finish implements Destination.
func (r *Readings) Finish(context.Context) (int64, error) {
	if err := r.to.Close(); err != nil {
		return r.n, CantWrite(r.file.path, err)
	}
	if r.skipped > 0 {
		r.log.Warn("records that are not readings are left out: they can only go to Kafka or into a .jsonl file", "records", r.skipped, "out", r.file.path)
	}
	return r.n, r.file.Commit()
}

// Abandon implements Destination.
func (r *Readings) Abandon() {
	if err := r.file.Abandon(); err != nil {
		r.log.Debug("removing an unfinished file", "error", err)
	}
}
