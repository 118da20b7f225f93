package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// outputFile is a file that appears under its name only when it is whole.
type outputFile struct {
	*bufio.Writer
	file *os.File
	path string
}

func createOutput(path string) (*outputFile, error) {
	f, err := os.Create(path + ".part")
	if err != nil {
		return nil, cantWrite(path, err)
	}
	return &outputFile{Writer: bufio.NewWriterSize(f, 1<<20), file: f, path: path}, nil
}

// keep gives the file its name.
func (o *outputFile) keep() error {
	err := errors.Join(o.Flush(), o.file.Sync(), o.file.Close())
	if err == nil {
		err = os.Rename(o.file.Name(), o.path)
	}
	o.path = ""
	if err != nil {
		return cantWrite(o.file.Name(), err)
	}
	return nil
}

// abandon removes a file that was not kept.
func (o *outputFile) abandon() error {
	if o.path == "" {
		return nil
	}
	o.path = ""
	return errors.Join(o.file.Close(), os.Remove(o.file.Name()))
}

func cantWrite(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return flow.Fail(flow.CantWrite, "writing %s: %w: make room or choose another place, then run it again", path, err)
}

// output is a destination that is a file of any format.
type output struct {
	file *outputFile
	to   format.Writer
	raw  bool // the format can carry records that are no readings
	n    int64
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
			o.job.log.Warn("a record that is no reading can only go to Kafka or into a .jsonl file", "out", o.file.path)
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
	return o.n, o.file.keep()
}

func (o *output) abandon() {
	if err := o.file.abandon(); err != nil {
		o.job.log.Debug("removing an unfinished file", "error", err)
	}
}
