package file

import (
	"bytes"
	"errors"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// strictJSON refuses records that are not JSON, where a reader of files corrects what it can.
type strictJSON struct{ format.JSON }

// Next implements format.Reader.
func (s strictJSON) Next() (shape.Row, error) {
	record, err := s.NextJSON()
	if err != nil {
		return nil, err
	}
	return s.Row(record)
}

// Row implements format.JSON.
func (s strictJSON) Row(record []byte) (shape.Row, error) {
	_, err := shape.ParseJSON(record)
	var refusal *meteo.Refusal
	if errors.As(err, &refusal) {
		return nil, &format.RecordError{Raw: bytes.Clone(record), Refusal: refusal}
	}
	return s.JSON.Row(record)
}
