package meteo

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
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
	abs := max(x, -x)
	switch {
	case !(abs >= 1e-6 && abs < 1e15):
		return strconv.AppendFloat(dst, x, 'g', -1, 64)
	case abs < 1e9:
		for decimals, ten := range [...]float64{1, 10, 100, 1000, 10_000} {
			if digits := uint64(abs*ten + 0.5); float64(digits)/ten == abs {
				return appendDecimal(dst, x < 0, digits, decimals)
			}
		}
	}
	return strconv.AppendFloat(dst, x, 'f', -1, 64)
}

// appendDecimal appends digits / 10^decimals. Where the quotient as float64 is the number to be written, and with fewer decimals it
// is not, this is the number's shortest form: strconv finds the same in four times the time.
func appendDecimal(dst []byte, negative bool, digits uint64, decimals int) []byte {
	var text [24]byte
	at := len(text)
	for written := 0; digits > 0 || written <= decimals; written++ {
		if written == decimals && decimals > 0 {
			at--
			text[at] = '.'
		}
		at--
		text[at] = byte('0' + digits%10)
		digits /= 10
	}
	if negative {
		at--
		text[at] = '-'
	}
	return append(dst, text[at:]...)
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
			w.dst = append(hex.AppendEncode(append(w.dst, '"'), o.ID[:]), '"')
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
	case TypeQuantiles:
		if len(o.Quantiles) > 0 {
			w.name(f)
			w.dst = o.Quantiles.AppendJSON(w.dst)
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
	if plain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	quoted, _ := json.Marshal(s) // a string always marshals; invalid UTF-8 becomes U+FFFD
	return append(dst, quoted...)
}

// plain reports whether a string is its own JSON form as encoding/json writes it. (Of ASCII alone, '<', '>' and '&' have always stayed as
// they are.)
func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return true
	}
	for _, r := range s {
		switch r {
		case utf8.RuneError, '<', '>', '&', '\u2028', '\u2029':
			return false
		}
	}
	return true
}
