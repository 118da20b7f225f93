package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Source gives the readings of files, one file after the other. It is a flow.Source.
type Source struct {
	// Paths are files, folders, whose files are read in the order of their names, and patterns such as in/*.csv. Stdin
	// stands for the standard input. Subfolders are not read, nor hidden and unfinished files (see isFinished), nor files whose
	// name is not that of a format, unless Options names one.
	Paths   []string
	Options Options
	// Now is when a file is read, for records that do not say when they were fetched. nil: Options.Defaults says.
	Now func() time.Time

	// MoveTo is a folder into which a file is moved when Landed has returned nil for all that it held; one that is not what it
	// says goes into its subfolder rejected.
	MoveTo string
	// Landed makes durable what was put. nil: put itself does.
	Landed func(context.Context) error

	// Follow goes on looking for files, which must be in folders or match patterns, every Poll until the context is
	// cancelled, which is then no error. A file that stays is read again when it has changed.
	Follow bool
	Poll   time.Duration
	// Settle is for how long a file of a folder or pattern must not have changed: it may still be written.
	Settle time.Duration

	// Ignored hears, at the end of a file, of each column and member of which nothing was kept. nil: nobody does.
	Ignored func(path string, what shape.Ignored)

	Log   *slog.Logger // hears of files that are left, refused or moved; nil: nobody does
	Alive func()       // is called whenever Follow has looked; nil: nobody is
}

// Fetch hands over every record of every file. A record that is not a reading is handed over as its raw bytes,
// or for tables as a JSON object of its cells, with the refusal. A file that can't be read, or not to its end, does not keep the others
// from being read: the error is then a *flow.PartialError of files; see Open for its errors.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	w, err := s.walk(put)
	if err != nil {
		return err
	}
	for {
		if err := w.round(ctx); err != nil {
			if s.Follow && errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return nil
			}
			return err
		}
		if !s.Follow {
			return w.failure()
		}
		if s.Alive != nil {
			s.Alive()
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return ctx.Err()
		case <-time.After(s.Poll):
		}
	}
}

// read puts the records of one file.
func (s *Source) read(ctx context.Context, path string, put func(*flow.Item) error) (err error) {
	options := s.Options
	if s.Now != nil {
		options.FetchedAt = s.Now().UTC()
	}
	if path != Stdin { // before its name is asked for a format
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("opening an input file: %w", err)
		}
	}
	r, err := Open(path, options)
	if err != nil {
		return err
	}
	defer func() {
		for _, what := range r.Ignored() {
			if s.Ignored != nil {
				s.Ignored(path, what)
			}
		}
		err = errors.Join(err, r.Close())
	}()
	var item flow.Item // one for all: see flow.Source
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if record.Raw != nil {
			item = flow.Item{Raw: record.Raw, Refusal: record.Refusal}
			if err := put(&item); err != nil {
				return err
			}
		}
		for i := range record.Observations {
			item = flow.Item{Reading: reading(&record.Observations[i])}
			if err := put(&item); err != nil {
				return err
			}
		}
	}
}

// reading takes an observation back to the reading that it was made of: without the verdict, and with the values
// as they were before a correction.
func reading(o *meteo.Observation) meteo.Reading {
	r := o.Reading
	if o.Original != nil {
		for v, x := range o.Original {
			if meteo.Known(x) {
				r.Values[v] = x
			}
		}
	}
	return r
}
