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
	if !o.ID.IsZero() {
		w.text("id", o.ID.String())
	}
	if o.Revision > 0 {
		w.integer("revision", o.Revision)
	}
	w.integer("schema", SchemaVersion)
	w.text("station_id", o.StationID)
	w.text("region", o.Region)
	w.number("latitude", o.Latitude)
	w.number("longitude", o.Longitude)
	w.number("elevation_m", o.ElevationM)
	w.time("observed_at", o.ObservedAt)
	w.time("fetched_at", o.FetchedAt)
	w.time("issued_at", o.IssuedAt)
	w.text("source", o.Source)
	w.text("kind", string(o.Kind))
	w.text("provider_id", o.ProviderID)
	w.values(&o.Values)
	if o.IntervalS > 0 {
		w.integer("interval_s", o.IntervalS)
	}
	w.text("quality", string(o.Quality))
	w.failures(o.QC)
	if o.Original != nil && o.Original.Count() > 0 {
		w.key("original")
		w.dst = o.Original.AppendJSON(w.dst)
	}
	return append(w.dst, '}')
}

// AppendJSON appends the known values as a JSON object of variable to number.
func (vs *Values) AppendJSON(dst []byte) []byte {
	w := objectWriter{dst: append(dst, '{'), first: true}
	w.values(vs)
	return append(w.dst, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (o *Observation) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// objectWriter appends the members of one JSON object; empty members are left out.
type objectWriter struct {
	dst   []byte
	first bool
}

func (w *objectWriter) key(name string) {
	if !w.first {
		w.dst = append(w.dst, ',')
	}
	w.first = false
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '"', ':')
}

func (w *objectWriter) text(name, s string) {
	if s != "" {
		w.key(name)
		w.dst = appendString(w.dst, s)
	}
}

func (w *objectWriter) integer(name string, n int64) {
	w.key(name)
	w.dst = strconv.AppendInt(w.dst, n, 10)
}

func (w *objectWriter) number(name string, x float64) {
	if Known(x) {
		w.key(name)
		w.dst = AppendNumber(w.dst, x)
	}
}

func (w *objectWriter) time(name string, t time.Time) {
	if !t.IsZero() {
		w.key(name)
		w.dst = append(w.dst, '"')
		w.dst = AppendTime(w.dst, t)
		w.dst = append(w.dst, '"')
	}
}

func (w *objectWriter) values(vs *Values) {
	for v, x := range vs {
		w.number(Variables[v].Name, x)
	}
}

// failures writes {"temperature_c":["range","step"]}; qc is sorted by subject.
func (w *objectWriter) failures(qc []Failure) {
	if len(qc) == 0 {
		return
	}
	w.key("qc")
	w.dst = AppendFailures(w.dst, qc)
}

// AppendFailures appends qc, which is sorted by subject, as a JSON object of subject to rules.
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
