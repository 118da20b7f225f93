package shape

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// errNotOwn says that a record is JSON but not of the project's own shape.
var errNotOwn = errors.New("not a record of senmeteo's own shape")

// blank is an observation of which nothing is known.
func blank() meteo.Observation {
	return meteo.Observation{Reading: meteo.Reading{
		Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN(), Values: meteo.NoValues(),
	}}
}

// errUnknownName says that a record has a member that own does not know.
var errUnknownName = errors.New("a member of an unknown name")

// own reads a record of the project's own shape or returns errNotOwn or a Refusal. It works on the
// raw bytes of names and values, which spares the allocations of tokens. Names that come twice are looked for
// here, in a bit set, which is faster than in the decoder; a record with names of others is read
// again with the decoder's own check.
func (d *Decoder) own(data []byte) (meteo.Observation, error) {
	o, err := d.read(data, true)
	if errors.Is(err, errUnknownName) {
		return d.read(data, false)
	}
	return o, err
}

func (d *Decoder) read(data []byte, knownOnly bool) (meteo.Observation, error) {
	o := blank()
	d.buf.Reset()
	d.buf.Write(data)
	d.seen, d.knownOnly = 0, knownOnly
	d.json.Reset(&d.buf, jsontext.AllowDuplicateNames(knownOnly))
	if d.json.PeekKind() != '{' {
		if err := d.json.SkipValue(); err != nil {
			return o, invalidJSON(err)
		}
		return o, errNotOwn
	}
	schema := int64(0)
	if err := d.object("", func(name []byte) error { return d.member(&o, &schema, name) }); err != nil {
		return o, err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return o, meteo.Refuse(meteo.InvalidJSON, "more than one value")
	}
	if schema == 0 || o.StationID == "" || o.ObservedAt.IsZero() {
		return o, errNotOwn
	}
	return o, checkSchema(schema)
}

// member reads the value of one member into its field.
func (d *Decoder) member(o *meteo.Observation, schema *int64, name []byte) error {
	v, isValue := variable(name)
	if isValue {
		if err := d.once(int(v), name); err != nil {
			return err
		}
		return d.number(v.String(), &o.Values[v])
	}
	for i, field := range ownFields {
		if field == string(name) {
			if err := d.once(meteo.NumVariables+i, name); err != nil {
				return err
			}
			break
		}
	}
	switch string(name) {
	case "id":
		return d.id(&o.ID)
	case "revision":
		return d.integer("revision", &o.Revision)
	case "schema":
		return d.integer("schema", schema)
	case "station_id":
		return d.text("station_id", &o.StationID)
	case "region":
		return d.text("region", &o.Region)
	case "latitude":
		return d.number("latitude", &o.Latitude)
	case "longitude":
		return d.number("longitude", &o.Longitude)
	case "elevation_m":
		return d.number("elevation_m", &o.ElevationM)
	case "observed_at":
		return d.time("observed_at", &o.ObservedAt)
	case "fetched_at":
		return d.time("fetched_at", &o.FetchedAt)
	case "issued_at":
		return d.time("issued_at", &o.IssuedAt)
	case "source":
		return d.text("source", &o.Source)
	case "kind":
		return d.text("kind", (*string)(&o.Kind))
	case "provider_id":
		return d.text("provider_id", &o.ProviderID)
	case "interval_s":
		return d.integer("interval_s", &o.IntervalS)
	case "quality":
		return d.text("quality", (*string)(&o.Quality))
	case "qc":
		return d.failures(o)
	case "original":
		return d.original(o)
	}
	if d.knownOnly {
		return errUnknownName
	}
	if err := d.json.SkipValue(); err != nil {
		return invalidJSON(err)
	}
	return nil
}

// ownFields are the names of the members that hold no value of a variable.
var ownFields = [...]string{
	"id", "revision", "schema", "station_id", "region", "latitude", "longitude", "elevation_m", "observed_at",
	"fetched_at", "issued_at", "source", "kind", "provider_id", "interval_s", "quality", "qc", "original",
}

// once refuses a known name that comes again.
func (d *Decoder) once(field int, name []byte) error {
	if d.seen&(1<<field) != 0 {
		return meteo.Refuse(meteo.InvalidJSON, "the name %q comes twice", name)
	}
	d.seen |= 1 << field
	return nil
}

// variable finds a variable by the bytes of its field name.
func variable(name []byte) (meteo.Variable, bool) {
	for v := range meteo.Variables {
		if meteo.Variables[v].Name == string(name) {
			return meteo.Variable(v), true
		}
	}
	return 0, false
}

// unquote returns the text of a JSON string; most need no copy.
func unquote(raw jsontext.Value) []byte {
	if bytes.IndexByte(raw, '\\') >= 0 {
		text, _ := jsontext.AppendUnquote(nil, raw) // the decoder has checked it
		return text
	}
	return raw[1 : len(raw)-1]
}

func (d *Decoder) text(name string, into *string) error {
	raw, err := d.json.ReadValue()
	if err != nil {
		return invalidJSON(err)
	}
	switch raw[0] {
	case '"':
		*into = d.intern(unquote(raw))
		return nil
	case 'n':
		return nil
	}
	return meteo.Refuse(meteo.InvalidField, "%.60s is no text", name)
}

// intern returns the kept copy of a short string that recurs.
func (d *Decoder) intern(b []byte) string {
	if kept, ok := d.names[string(b)]; ok {
		return kept
	}
	s := string(b)
	if len(d.names) < maxNames && len(s) <= 64 {
		d.names[s] = s
	}
	return s
}

func (d *Decoder) integer(name string, into *int64) error {
	raw, err := d.json.ReadValue()
	if err != nil {
		return invalidJSON(err)
	}
	if raw[0] == 'n' {
		return nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 {
		return meteo.Refuse(meteo.InvalidField, "%s is no whole number from 0 up", name)
	}
	*into = n
	return nil
}

func (d *Decoder) number(name string, into *float64) error {
	raw, err := d.json.ReadValue()
	if err != nil {
		return invalidJSON(err)
	}
	switch raw.Kind() {
	case '0':
		x, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
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
	raw, err := d.json.ReadValue()
	if err != nil {
		return invalidJSON(err)
	}
	switch raw[0] {
	case '"':
		var t time.Time
		if err := t.UnmarshalText(unquote(raw)); err != nil || !inCalendar(t) {
			return meteo.Refuse(meteo.InvalidTime, "%s %.40s is not RFC 3339", name, raw)
		}
		*into = meteoTime(t)
		return nil
	case 'n':
		return nil
	}
	return meteo.Refuse(meteo.InvalidTime, "%s is no text", name)
}

func (d *Decoder) id(into *meteo.ID) error {
	raw, err := d.json.ReadValue()
	if err != nil {
		return invalidJSON(err)
	}
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] == '"' {
		if id, ok := meteo.ParseID(string(unquote(raw))); ok {
			*into = id
			return nil
		}
	}
	return meteo.Refuse(meteo.InvalidField, "id %.40s is not 32 hexadecimal digits", raw)
}

// failures reads {"temperature_c":["range"]}.
func (d *Decoder) failures(o *meteo.Observation) error {
	return d.object("qc", func(raw []byte) error {
		subject := d.intern(raw)
		for _, f := range o.QC {
			if f.Subject == subject {
				return meteo.Refuse(meteo.InvalidJSON, "the name %q comes twice in qc", subject)
			}
		}
		return d.array(subject, func() error {
			var rule string
			if err := d.text(subject, &rule); err != nil {
				return err
			}
			o.QC = append(o.QC, meteo.Failure{Subject: subject, Rule: meteo.Rule(rule)})
			return nil
		})
	})
}

// original reads {"humidity_pct":101.5}.
func (d *Decoder) original(o *meteo.Observation) error {
	seen := [meteo.NumVariables]bool{}
	return d.object("original", func(name []byte) error {
		v, ok := variable(name)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "original.%.40s is no variable", name)
		}
		if seen[v] {
			return meteo.Refuse(meteo.InvalidJSON, "the name %q comes twice in original", name)
		}
		seen[v] = true
		if o.Original == nil {
			vs := meteo.NoValues()
			o.Original = &vs
		}
		return d.number(v.String(), &o.Original[v])
	})
}

// object reads an object or null and calls member for each name, which reads its value. The bytes
// of the name are good only until then.
func (d *Decoder) object(name string, member func(name []byte) error) error {
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
		key, err := d.json.ReadValue()
		if err != nil {
			return invalidJSON(err)
		}
		if err := member(unquote(key)); err != nil {
			return err
		}
	}
	_, err = d.json.ReadToken()
	return asInvalidJSON(err)
}

// array reads an array and calls element at each of its values, which reads it.
func (d *Decoder) array(name string, element func() error) error {
	tok, err := d.json.ReadToken()
	if err != nil {
		return invalidJSON(err)
	}
	if tok.Kind() != '[' {
		return meteo.Refuse(meteo.InvalidField, "%.60s is no array", name)
	}
	for d.json.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = d.json.ReadToken()
	return asInvalidJSON(err)
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
