package meteo

import (
	"encoding/json"
	"strconv"
	"time"
)

// AppendTime appends t as RFC 3339 in UTC with "Z", to the microsecond, without trailing zeros.
func AppendTime(dst []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Microsecond).AppendFormat(dst, time.RFC3339Nano)
}

// AppendNumber appends x in the shortest form that reads back as the same float64, without an
// exponent for the numbers that weather has. It must be known and finite.
func AppendNumber(dst []byte, x float64) []byte {
	if x == 0 {
		return append(dst, '0') // and not "-0"
	}
	if abs := max(x, -x); abs >= 1e-6 && abs < 1e15 {
		return strconv.AppendFloat(dst, x, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, x, 'g', -1, 64)
}

// AppendJSON appends the observation's one JSON form: flat, fields in a fixed order, unknown
// fields absent, no white space, no line end. Equal observations give equal bytes.
func (o *Observation) AppendJSON(dst []byte) []byte {
	w := objectWriter{dst: append(dst, '{'), first: true}
	for i := range Fields {
		w.field(&Fields[i], o)
	}
	return append(w.dst, '}')
}

// AppendJSON appends the known values as a JSON object of variable to number.
func (vs *Values) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	first := true
	for v, x := range vs {
		if !Known(x) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(append(dst, '"'), Variables[v].Name...), '"', ':')
		dst = AppendNumber(dst, x)
	}
	return append(dst, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (o *Observation) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// objectWriter appends the members of one JSON object; empty members are left out.
type objectWriter struct {
	dst   []byte
	first bool
}

// field writes one field of a record, if it is known.
func (w *objectWriter) field(f *Field, o *Observation) {
	switch f.Type {
	case TypeNumber:
		if x := *f.number(o); Known(x) {
			w.name(f)
			w.dst = AppendNumber(w.dst, x)
		}
	case TypeText:
		if s := *f.text(o); s != "" {
			w.name(f)
			w.dst = appendString(w.dst, s)
		}
	case TypeWhole:
		if n := *f.whole(o); n > 0 {
			w.name(f)
			w.dst = strconv.AppendInt(w.dst, n, 10)
		}
	case TypeTime:
		if t := *f.instant(o); !t.IsZero() {
			w.name(f)
			w.dst = append(AppendTime(append(w.dst, '"'), t), '"')
		}
	case TypeID:
		if !o.ID.IsZero() {
			w.name(f)
			w.dst = appendString(w.dst, o.ID.String())
		}
	case TypeSchema:
		w.name(f)
		w.dst = strconv.AppendInt(w.dst, SchemaVersion, 10)
	case TypeFailures:
		if len(o.QC) > 0 {
			w.name(f)
			w.dst = AppendFailures(w.dst, o.QC)
		}
	case TypeOriginal:
		if o.Original != nil && o.Original.Count() > 0 {
			w.name(f)
			w.dst = o.Original.AppendJSON(w.dst)
		}
	}
}

// name begins a member.
func (w *objectWriter) name(f *Field) {
	if w.first {
		w.dst = append(w.dst, f.member[1:]...)
		w.first = false
		return
	}
	w.dst = append(w.dst, f.member...)
}

// AppendFailures appends qc, which is sorted by subject, as a JSON object of subject to rules:
// {"temperature_c":["range","step"]}.
func AppendFailures(dst []byte, qc []Failure) []byte {
	dst = append(dst, '{')
	for i, f := range qc {
		switch {
		case i == 0:
			dst = append(appendString(dst, f.Subject), ':', '[')
		case f.Subject != qc[i-1].Subject:
			dst = append(dst, ']', ',')
			dst = append(appendString(dst, f.Subject), ':', '[')
		default:
			dst = append(dst, ',')
		}
		dst = appendString(dst, string(f.Rule))
	}
	if len(qc) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendString appends s as a JSON string. Letters with accents stay as they are.
func appendString(dst []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	quoted, _ := json.Marshal(s) // a string always marshals; invalid UTF-8 becomes U+FFFD
	return append(dst, quoted...)
}
