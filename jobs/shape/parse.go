package shape

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// maxDepth bounds the nesting of a record; the bodies of known producers nest six deep.
const maxDepth = 64

// ParseJSON reads exactly one JSON value into nil, bool, float64, string, Row or []any. The error is a
// *meteo.Refusal: a name that comes twice in an object, bytes that are not UTF-8 and more than 64
// levels of nesting are refused as well.
func ParseJSON(value []byte) (any, error) {
	in := jsontext.NewDecoder(bytes.NewReader(value))
	tree, err := parseValue(in)
	if err != nil {
		return nil, err
	}
	if _, err := in.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, meteo.Refuse(meteo.InvalidJSON, "more than one value")
	}
	return tree, nil
}

func parseValue(in *jsontext.Decoder) (any, error) {
	tok, err := in.ReadToken()
	if err != nil {
		return nil, invalidJSON(err)
	}
	if in.StackDepth() > maxDepth {
		return nil, meteo.Refuse(meteo.InvalidJSON, "nested more than %d deep", maxDepth)
	}
	switch tok.Kind() {
	case '{':
		return parseObject(in)
	case '[':
		return parseArray(in)
	case '"':
		return tok.String(), nil
	case '0':
		x, err := tok.Float()
		if err != nil {
			return nil, meteo.Refuse(meteo.InvalidValue, "a number is out of range")
		}
		return x, nil
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func parseObject(in *jsontext.Decoder) (any, error) {
	row := Row{}
	for in.PeekKind() != '}' {
		name, err := in.ReadToken()
		if err != nil {
			return nil, invalidJSON(err)
		}
		field := Field{Name: name.String()}
		if field.Value, err = parseValue(in); err != nil {
			return nil, err
		}
		row = append(row, field)
	}
	_, err := in.ReadToken()
	return row, asInvalidJSON(err)
}

func parseArray(in *jsontext.Decoder) (any, error) {
	array := []any{}
	for in.PeekKind() != ']' {
		value, err := parseValue(in)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := in.ReadToken()
	return array, asInvalidJSON(err)
}

func asInvalidJSON(err error) error {
	if err == nil {
		return nil
	}
	return invalidJSON(err)
}

func invalidJSON(err error) *meteo.Refusal {
	return meteo.Refuse(meteo.InvalidJSON, "%.200s", err.Error())
}
