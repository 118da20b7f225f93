package file

import (
	"errors"
	"io"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// recordReader reads the records of a file of objects. It puts the beginning of the file aside until what its members mean is settled.
type recordReader struct {
	rows    format.Reader
	json    format.JSON // rows, when it is of JSON; else nil
	decoder *shape.Decoder
	options shape.Options

	records *shape.Records
	waiting []record // of the sample, or of the object that was read last
	end     error    // what ended the sample
}

// record is a record, or the error of a record, of a file of objects.
type record struct {
	row   shape.Row
	own   []meteo.Observation // instead of row, of a record that was read without making a row
	place string              // where it is, for records that were put aside; "" for those that the file is at
	err   error
}

// next returns the next record, good until the call after.
func (r *recordReader) next() (record, error) {
	if r.records == nil {
		if err := r.open(); err != nil {
			return record{}, err
		}
	}
	for len(r.waiting) == 0 {
		if r.end != nil {
			return record{}, r.end
		}
		own, row, err := r.fromFile()
		if err != nil || own != nil {
			return record{own: own}, err
		}
		for _, part := range r.decoder.Split(row) {
			r.waiting = append(r.waiting, record{row: part})
		}
	}
	first := r.waiting[0]
	r.waiting = r.waiting[1:]
	return first, first.err
}

// fromFile reads the next record of the file: observations of JSON of the project's own, else a row.
func (r *recordReader) fromFile() (own []meteo.Observation, row shape.Row, err error) {
	if r.json == nil {
		row, err = r.rows.Next()
		return nil, row, err
	}
	record, err := r.json.NextJSON()
	if err != nil {
		return nil, nil, err
	}
	if own, ok := r.decoder.OwnJSON(record, r.options.Defaults); ok {
		return own, nil, nil
	}
	row, err = r.json.Row(record)
	return nil, row, err
}

// read makes observations of a record.
func (r *recordReader) read(next record) ([]meteo.Observation, error) {
	if next.own != nil {
		return next.own, nil
	}
	return r.records.Read(next.row)
}

// open reads the sample and settles what its members mean.
func (r *recordReader) open() error {
	var sample []shape.Row
	size := 0
	for len(sample) < shape.SampleRows && size < shape.SampleBytes && r.end == nil {
		row, err := r.rows.Next()
		var bad *format.RecordError
		switch {
		case errors.As(err, &bad):
			r.waiting = append(r.waiting, record{err: err, place: r.rows.Position()})
			size += len(bad.Raw)
		case err != nil:
			r.end = err
		default:
			place := r.rows.Position()
			for _, part := range r.decoder.Split(row) {
				part = append(shape.Row(nil), part...) // a row is good until the next is read
				r.waiting = append(r.waiting, record{row: part, place: place})
				sample = append(sample, part)
				size += sizeOf(part)
			}
		}
	}
	if r.end != nil && !errors.Is(r.end, io.EOF) && len(r.waiting) == 0 {
		return r.end
	}
	records, err := r.decoder.NewRecords(sample, r.options)
	if err != nil {
		return err
	}
	r.records = records
	return nil
}

// sizeOf is what a record takes in a sample, in bytes, roughly.
func sizeOf(value any) int {
	switch value := value.(type) {
	case shape.Row:
		size := 0
		for _, f := range value {
			size += cellSize + sizeOf(f.Value)
		}
		return size
	case []any:
		size := 0
		for _, element := range value {
			size += cellSize + sizeOf(element)
		}
		return size
	case string:
		return len(value)
	}
	return 0
}
