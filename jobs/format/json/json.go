package json

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

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
	header []any // the names of the columns, of a table that is an array of arrays
}

func newReader(in io.Reader) (format.Reader, error) {
	budget := format.NewBudget(newNotNumbers(charset.Unmark(in)))
	// What parse refuses one by one must not end the file here.
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	r := &reader{json: jsontext.NewDecoder(budget, lenient...), budget: budget}
	if kind := r.json.PeekKind(); kind != '[' && kind != '{' {
		if _, err := r.json.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
			if rest := r.json.UnreadBuffer(); len(rest) > 0 && rest[0] == '<' {
				return nil, format.ErrMarkup
			}
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
			row, err := r.record()
			if row == nil && err == nil { // the names of columns
				continue
			}
			return row, err
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
	if raw.Kind() == '[' {
		return r.cells(raw)
	}
	return raw, nil
}

// cells reads an array in the array at the top: the names of the columns of a table, for which it returns nil, or one of its rows, as an object.
func (r *reader) cells(raw []byte) ([]byte, error) {
	tree, _ := parseText(raw)
	array, _ := tree.([]any)
	switch {
	case r.header == nil && areNames(array):
		r.header = array
		return nil, nil
	case r.header == nil || len(array) != len(r.header):
		return raw, nil
	}
	row := make(shape.Row, len(array))
	for i, value := range array {
		name, _ := r.header[i].(string)
		row[i] = shape.Field{Name: name, Value: value}
	}
	return row.AppendJSON(nil), nil
}

// areNames reports whether an array holds the names of columns, one of a variable among them.
func areNames(array []any) bool {
	measures := false
	for _, value := range array {
		name, isText := value.(string)
		if !isText {
			return false
		}
		measures = measures || shape.Measures(name)
	}
	return measures
}

func (r *reader) broken(err error) error { return fmt.Errorf("reading JSON: %w", err) }

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("record %d", r.count) }

// Close implements format.Reader.
func (r *reader) Close() error { return nil }

// Row implements format.JSON.
func (r *reader) Row(record []byte) (shape.Row, error) { return parse(record) }

// parse makes a row of the JSON of one record or refuses it alone. Text of Windows and DOS, which JSON does not allow, is read as such.
func parse(raw []byte) (shape.Row, error) {
	tree, err := parseText(raw)
	var refusal *meteo.Refusal
	if row, ok := tree.(shape.Row); ok {
		return row, nil
	} else if !errors.As(err, &refusal) {
		refusal = meteo.Refuse(meteo.UnknownShape, "it is not an object")
	}
	return nil, refused(raw, refusal)
}

// parseText is shape.ParseJSON for text in any encoding.
func parseText(raw []byte) (any, error) {
	tree, err := shape.ParseJSON(raw)
	if err != nil && !utf8.Valid(raw) {
		if text, ok := charset.Text(raw); ok {
			return shape.ParseJSON(text)
		}
	}
	return tree, err
}

func refused(raw []byte, refusal *meteo.Refusal) error {
	return &format.RecordError{Raw: append([]byte(nil), raw...), Refusal: refusal}
}
