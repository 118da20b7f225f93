package main

import (
	"errors"
	"io"
	"iter"

	pq "github.com/parquet-go/parquet-go"

	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// The lake's files are those of the format parquet; it does not know that format, so its files are made and read here.

// encodeLake writes the observations of one file of the lake.
func encodeLake(w io.Writer, observations []meteo.Observation, metadata map[string]string) error {
	about := []pq.WriterOption{pq.SortingWriterConfig(pq.SortingColumns(pq.Ascending("station_id"), pq.Ascending("observed_at")))} // as the lake sorts them
	for k, v := range metadata {
		about = append(about, pq.KeyValueMetadata(k, v))
	}
	out := parquet.NewWriter(w, about...)
	for i := range observations {
		if err := out.Write(&observations[i]); err != nil {
			return err
		}
	}
	return out.Close()
}

// decodeLake reads them back.
func decodeLake(r io.ReaderAt, size int64) iter.Seq2[*meteo.Observation, error] {
	return func(yield func(*meteo.Observation, error) bool) {
		reader, err := parquet.Format().NewReader(io.NewSectionReader(r, 0, size))
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = reader.Close() }() // read only
		decoder := shape.NewDecoder()
		for {
			row, err := reader.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			var readings []meteo.Observation
			if err == nil {
				readings, err = decoder.FromRow(row, shape.Defaults{})
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range readings {
				if !yield(&readings[i], nil) {
					return
				}
			}
		}
	}
}
