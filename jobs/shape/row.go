package shape

import (
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// Field is one named value of a record.
type Field struct {
	Name string
	// Value is nil, bool, float64, string, time.Time, Row (an object) or []any of these.
	Value any
}

// Row is one record, its fields in the order of the file.
type Row []Field

// get returns the value of a field by its exact name, nil when the row has none.
func (r Row) get(name string) any {
	for _, f := range r {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Defaults fill in what a record does not say.
type Defaults struct {
	Station   string     // station id for records that name no place; "" refuses them
	Source    string     // for records that name none: "file"
	Kind      meteo.Kind // for records that name none
	FetchedAt time.Time  // for records that don't say
	IntervalS int64      // seconds that a rain amount covers, for records that don't say; 0 unknown
}

// AppendJSON appends the row as a JSON object. FromJSON reads from it what FromRow reads from the
// row; a name that comes twice in the row is written once, as JSON wants it, with its first value.
func (r Row) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	seen := make(map[string]bool, len(r))
	for _, f := range r {
		if seen[f.Name] {
			continue
		}
		if len(seen) > 0 {
			dst = append(dst, ',')
		}
		seen[f.Name] = true
		dst = append(appendText(dst, f.Name), ':')
		dst = appendValue(dst, f.Value)
	}
	return append(dst, '}')
}

func appendValue(dst []byte, value any) []byte {
	switch value := value.(type) {
	case bool:
		if value {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) { // JSON has no such numbers: both are refused as words too
			return appendText(dst, fmt.Sprint(value))
		}
		return meteo.AppendNumber(dst, value)
	case string:
		return appendText(dst, value)
	case time.Time:
		return appendText(dst, string(meteo.AppendTime(nil, value)))
	case Row:
		return value.AppendJSON(dst)
	case []any:
		dst = append(dst, '[')
		for i, element := range value {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, element)
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

// appendText appends a JSON string; what is not UTF-8 in it becomes U+FFFD.
func appendText(dst []byte, s string) []byte {
	quoted, _ := jsontext.AppendQuote(dst, s) // the error only reports such replacements
	return quoted
}
