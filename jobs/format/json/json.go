package json

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/charset"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Format is the format json.
func Format() format.Format {
	return format.Format{
		Name: "json", Extensions: []string{".json"},
		NewReader: newReader,
		NewWriter: func(out io.Writer) (format.Writer, error) { return &writer{out: newBuffer(out)}, nil },
	}
}

// reader walks over the elements of the arrays, and the objects, at the top of the file.
type reader struct {
	json   *jsontext.Decoder
	budget *format.Budget
	inside bool // an array
	count  int
}

func newReader(in io.Reader) (format.Reader, error) {
	budget := format.NewBudget(newNotNumbers(charset.Unmark(in)))
	// What parse refuses one by one must not end the file here.
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	r := &reader{json: jsontext.NewDecoder(budget, lenient...), budget: budget}
	if kind := r.json.PeekKind(); kind != '[' && kind != '{' {
		if _, err := r.json.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading the first value: %w", err)
		}
		return nil, errors.New("it does not begin with an array or object of JSON")
	}
	return r, nil
}

// Next implements format.Reader. Elements that are not objects are refused one by one.
func (r *reader) Next() (shape.Row, error) {
	raw, err := r.NextJSON()
	if err != nil {
		return nil, err
	}
	return parse(raw)
}

// NextJSON implements format.JSON.
func (r *reader) NextJSON() ([]byte, error) {
	for {
		r.budget.Refill()
		switch kind := r.json.PeekKind(); {
		case r.inside && kind == ']', !r.inside && kind == '[':
			if _, err := r.json.ReadToken(); err != nil {
				return nil, r.broken(err)
			}
			r.inside = !r.inside
		default:
			return r.record()
		}
	}
}

func (r *reader) record() ([]byte, error) {
	raw, err := r.json.ReadValue()
	if errors.Is(err, io.EOF) && !r.inside {
		return nil, io.EOF
	}
	r.count++
	if err != nil {
		return nil, r.broken(err)
	}
	return raw, nil
}

func (r *reader) broken(err error) error { return fmt.Errorf("reading JSON: %w", err) }

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("record %d", r.count) }

// Close implements format.Reader.
func (r *reader) Close() error { return nil }

// Row implements format.JSON.
func (r *reader) Row(record []byte) (shape.Row, error) { return parse(record) }

// parse makes a row of the JSON of one record or refuses it alone.
func parse(raw []byte) (shape.Row, error) {
	tree, err := shape.ParseJSON(raw)
	var refusal *meteo.Refusal
	if row, ok := tree.(shape.Row); ok {
		return row, nil
	} else if !errors.As(err, &refusal) {
		refusal = meteo.Refuse(meteo.UnknownShape, "it is not an object")
	}
	return nil, &format.RecordError{Raw: append([]byte(nil), raw...), Refusal: refusal}
}
