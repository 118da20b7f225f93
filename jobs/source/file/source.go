package file

import (
	"context"
	"errors"
	"io"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Source gives the readings of files, one file after the other. It is a flow.Source.
type Source struct {
	Paths   []string // Stdin stands for the standard input
	Options Options
}

// Fetch hands over every record of every file. A record that is no reading is handed over as its raw bytes,
// or for tables as a JSON object of its cells, with the refusal. See Open for the errors.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	for _, path := range s.Paths {
		if err := s.fetchFile(ctx, path, put); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) fetchFile(ctx context.Context, path string, put func(*flow.Item) error) (err error) {
	r, err := Open(path, s.Options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
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
		for _, item := range items(record) {
			if err := put(item); err != nil {
				return err
			}
		}
	}
}

// items makes what is put of a record.
func items(record Record) []*flow.Item {
	if record.Raw != nil {
		return []*flow.Item{{Raw: record.Raw, Refusal: record.Refusal}}
	}
	out := make([]*flow.Item, len(record.Observations))
	for i := range record.Observations {
		out[i] = &flow.Item{Reading: reading(&record.Observations[i])}
	}
	return out
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
