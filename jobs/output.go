package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"senmeteo/jobs/atomicfile"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// outputFile is a file that appears under its name only when it is whole.
type outputFile struct {
	*bufio.Writer
	file *atomicfile.File
	path string
}

func createOutput(path string) (*outputFile, error) {
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, cantWrite(path, err)
	}
	return &outputFile{Writer: bufio.NewWriterSize(f, 1<<20), file: f, path: path}, nil
}

// Write implements io.Writer. Its errors say what to do.
func (o *outputFile) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		err = cantWrite(o.path, err)
	}
	return n, err
}

// keep gives the file its name, or removes it when that fails.
func (o *outputFile) keep() error {
	if err := o.Flush(); err != nil {
		_ = o.file.Abandon() // the first error says more
		return cantWrite(o.path, err)
	}
	if err := o.file.Commit(); err != nil {
		return cantWrite(o.path, err)
	}
	return nil
}

// abandon removes a file that was not kept; after keep it does nothing.
func (o *outputFile) abandon() error {
	return o.file.Abandon()
}

// cantWrite is the failure of a path that can't be written, without the system's own mention of the path.
func cantWrite(path string, err error) error {
	var known *flow.Failure
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &onPath):
		err = onPath.Err
	case errors.As(err, &onLink):
		err = onLink.Err
	}
	advice := "choose another place"
	if isFull(err) {
		advice = "make room or choose another place"
	}
	return flow.Fail(flow.CantWrite, "writing %s: %w: %s, then run it again", path, err, advice)
}

// isFull tells whether an error says that a disk or a quota is full.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// output is a destination that is a file of any format.
type output struct {
	file *outputFile
	to   format.Writer
	raw  bool // the format can carry records that are no readings
	n    int64
	left int64 // records that it could not carry
	job  *job
}

func newOutput(path string, f format.Format, j *job) (*output, error) {
	file, err := createOutput(path)
	if err != nil {
		return nil, err
	}
	to, err := f.NewWriter(file)
	if err != nil {
		return nil, errors.Join(cantWrite(path, err), file.abandon())
	}
	return &output{file: file, to: to, raw: f.Name == "jsonl", job: j}, nil
}

func (o *output) put(_ context.Context, item *flow.Item) error {
	if item.Raw != nil {
		if !o.raw {
			o.left++
			return nil
		}
		if _, err := o.file.Write(append(item.Raw, '\n')); err != nil {
			return cantWrite(o.file.path, err)
		}
		o.n++
		return nil
	}
	return o.write(&meteo.Observation{Reading: item.Reading})
}

func (o *output) write(obs *meteo.Observation) error {
	if err := o.to.Write(obs); err != nil {
		return cantWrite(o.file.path, err)
	}
	o.n++
	return nil
}

func (o *output) finish(context.Context) (int64, error) {
	if err := o.to.Close(); err != nil {
		return o.n, cantWrite(o.file.path, err)
	}
	if o.left > 0 {
		o.job.log.Warn("records that are no readings are left out: they can only go to Kafka or into a .jsonl file", "records", o.left, "out", o.file.path)
	}
	return o.n, o.file.keep()
}

func (o *output) abandon() {
	if err := o.file.abandon(); err != nil {
		o.job.log.Debug("removing an unfinished file", "error", err)
	}
}
