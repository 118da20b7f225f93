package shape

import (
	"bytes"
	"errors"
	"io"
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// Decoder reads the project's own JSON records. It keeps its buffers between records and is for
// one goroutine.
type Decoder struct {
	buf   bytes.Buffer
	json  *jsontext.Decoder
	names map[string]string // strings that recur: station ids, regions, sources
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder {
	d := &Decoder{names: map[string]string{}}
	d.json = jsontext.NewDecoder(&d.buf)
	return d
}

// errNotOwn says that a record is JSON but not of the project's own shape.
var errNotOwn = errors.New("not a record of senmeteo's own shape")

// Observation reads one record that AppendJSON wrote, of this or an older schema version. Members
// that it does not know are passed over. The error is a *meteo.Refusal.
func (d *Decoder) Observation(data []byte) (meteo.Observation, error) {
	o, err := d.own(data)
	if errors.Is(err, errNotOwn) {
		return o, meteo.Refuse(meteo.UnknownShape, "it has no schema, station_id and observed_at")
	}
	return o, err
}

// own reads a record of the project's own shape or returns errNotOwn or a Refusal.
func (d *Decoder) own(data []byte) (meteo.Observation, error) {
	o := meteo.Observation{Reading: meteo.Reading{
		Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN(), Values: meteo.NoValues(),
	}}
	d.buf.Reset()
	d.buf.Write(data)
	d.json.Reset(&d.buf)
	if k := d.json.PeekKind(); k != '{' {
		if _, err := d.json.ReadToken(); err != nil {
			return o, invalidJSON(err)
		}
		return o, errNotOwn
	}
	if _, err := d.json.ReadToken(); err != nil {
		return o, invalidJSON(err)
	}
	schema := int64(0)
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadToken()
		if err != nil {
			return o, invalidJSON(err)
		}
		if err := d.member(&o, &schema, name.String()); err != nil {
			return o, err
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return o, invalidJSON(err)
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return o, meteo.Refuse(meteo.InvalidJSON, "more than one value")
	}
	if schema == 0 || o.StationID == "" || o.ObservedAt.IsZero() {
		return o, errNotOwn
	}
	if schema > meteo.SchemaVersion {
		return o, meteo.Refuse(meteo.UnsupportedSchema, "schema %d is newer than %d: update senmeteo", schema, meteo.SchemaVersion)
	}
	return o, nil
}

// member reads the value of one member into its field.
func (d *Decoder) member(o *meteo.Observation, schema *int64, name string) error {
	switch name {
	case "id":
		return d.id(&o.ID)
	case "revision":
		return d.integer(name, &o.Revision)
	case "schema":
		return d.integer(name, schema)
	case "station_id":
		return d.text(name, &o.StationID)
	case "region":
		return d.text(name, &o.Region)
	case "latitude":
		return d.number(name, &o.Latitude)
	case "longitude":
		return d.number(name, &o.Longitude)
	case "elevation_m":
		return d.number(name, &o.ElevationM)
	case "observed_at":
		return d.time(name, &o.ObservedAt)
	case "fetched_at":
		return d.time(name, &o.FetchedAt)
	case "issued_at":
		return d.time(name, &o.IssuedAt)
	case "source":
		return d.text(name, &o.Source)
	case "kind":
		return d.text(name, (*string)(&o.Kind))
	case "interval_s":
		return d.integer(name, &o.IntervalS)
	case "quality":
		return d.text(name, (*string)(&o.Quality))
	case "qc":
		return d.failures(o)
	case "original":
		return d.original(o)
	}
	if v, ok := meteo.VariableByName(name); ok {
		return d.number(name, &o.Values[v])
	}
	if err := d.json.SkipValue(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

func (d *Decoder) text(name string, into *string) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	switch tok.Kind() {
	case '"':
		*into = d.intern(tok.String())
		return nil
	case 'n':
		return nil
	}
	return meteo.Refuse(meteo.InvalidField, "%s is no text", name)
}

// intern returns the kept copy of a short string that recurs. It stops learning at a bound, so
// that hostile records cannot fill the memory.
func (d *Decoder) intern(s string) string {
	const bound = 4096
	if kept, ok := d.names[s]; ok {
		return kept
	}
	if len(d.names) < bound && len(s) <= 64 {
		d.names[s] = s
	}
	return s
}

func (d *Decoder) integer(name string, into *int64) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	if tok.Kind() == 'n' {
		return nil
	}
	if tok.Kind() == '0' {
		if n, err := tok.Int(); err == nil && n >= 0 {
			*into = n
			return nil
		}
	}
	return meteo.Refuse(meteo.InvalidField, "%s is no whole number from 0 up", name)
}

func (d *Decoder) number(name string, into *float64) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	switch tok.Kind() {
	case '0':
		x, err := tok.Float()
		if err != nil || math.IsInf(x, 0) {
			return meteo.Refuse(meteo.InvalidValue, "%s is too large for a number", name)
		}
		*into = x + 0 // -0 becomes 0
		return nil
	case 'n':
		return nil
	}
	return meteo.Refuse(meteo.InvalidValue, "%s is no number", name)
}

func (d *Decoder) time(name string, into *time.Time) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	switch tok.Kind() {
	case '"':
		t, err := time.Parse(time.RFC3339, tok.String())
		if err != nil || t.Year() < 1 {
			return meteo.Refuse(meteo.InvalidTime, "%s %.40q is not RFC 3339", name, tok.String())
		}
		*into = t.UTC().Truncate(time.Microsecond)
		return nil
	case 'n':
		return nil
	}
	return meteo.Refuse(meteo.InvalidTime, "%s is no text", name)
}

func (d *Decoder) id(into *meteo.ID) error {
	var s string
	if err := d.text("id", &s); err != nil || s == "" {
		return err
	}
	id, ok := meteo.ParseID(s)
	if !ok {
		return meteo.Refuse(meteo.InvalidField, "id %.40q is not 32 hexadecimal digits", s)
	}
	*into = id
	return nil
}

// failures reads {"temperature_c":["range"]}.
func (d *Decoder) failures(o *meteo.Observation) error {
	return d.object("qc", func(subject string) error {
		return d.array("qc."+subject, func() error {
			var rule string
			if err := d.text("qc."+subject, &rule); err != nil {
				return err
			}
			o.QC = append(o.QC, meteo.Failure{Subject: d.intern(subject), Rule: meteo.Rule(rule)})
			return nil
		})
	})
}

// original reads {"humidity_pct":101.5}.
func (d *Decoder) original(o *meteo.Observation) error {
	return d.object("original", func(name string) error {
		v, ok := meteo.VariableByName(name)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "original.%.40s is no variable", name)
		}
		if o.Original == nil {
			vs := meteo.NoValues()
			o.Original = &vs
		}
		return d.number("original."+name, &o.Original[v])
	})
}

// object reads an object or null and calls member for each name, which reads its value.
func (d *Decoder) object(name string, member func(string) error) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	if tok.Kind() == 'n' {
		return nil
	}
	if tok.Kind() != '{' {
		return meteo.Refuse(meteo.InvalidField, "%s is no object", name)
	}
	for d.json.PeekKind() != '}' {
		key, err := d.json.ReadToken()
		if err != nil {
			return invalidJSON(err)
		}
		if err := member(key.String()); err != nil {
			return err
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// array reads an array and calls element at each of its values, which reads it.
func (d *Decoder) array(name string, element func() error) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	if tok.Kind() != '[' {
		return meteo.Refuse(meteo.InvalidField, "%s is no array", name)
	}
	for d.json.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

func invalidJSON(err error) *meteo.Refusal {
	return meteo.Refuse(meteo.InvalidJSON, "%.200s", err.Error())
}
