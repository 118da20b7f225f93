package shape

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// errSlow is the verdict of the fast path on a record that the general path has to read.
var errSlow = errors.New("not a plain record of senmeteo's own shape")

// blank is an observation of which nothing is known.
func blank() meteo.Observation {
	return meteo.Observation{Reading: meteo.Reading{
		Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN(), Values: meteo.NoValues(),
	}}
}

// fast reads into d.record a record of the project's own shape whose members are all known, present once and of their type, as AppendJSON writes
// them. It works on the raw bytes of names and values, which spares the tree and the allocations of tokens. Of any other record it
// says so at the first member that is different, and never refuses one: that is for the general path, which reads all
// that this one does in the same way (docs/adr/0015-fast-path.md).
func (d *Decoder) fast(data []byte) (ok bool) {
	d.record = blank()
	o := &d.record
	d.buf.Reset()
	d.buf.Write(data)
	d.json.Reset(&d.buf, jsontext.AllowDuplicateNames(true)) // looked for below, which costs less
	clear(d.seen)
	if err := d.object(func(name []byte) error { return d.member(o, name) }); err != nil {
		return false
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return false
	}
	return d.seen[schemaField] && o.StationID != "" && !o.ObservedAt.IsZero()
}

// schemaField is the position of the field that marks the project's own records.
var schemaField, _ = meteo.FieldIndex([]byte("schema"))

// member reads the value of one member into its field.
func (d *Decoder) member(o *meteo.Observation, name []byte) error {
	i, ok := meteo.FieldIndex(name)
	if !ok || d.seen[i] {
		return errSlow
	}
	d.seen[i] = true
	f := &meteo.Fields[i]
	switch f.Type {
	case meteo.TypeFailures:
		return d.failures(o)
	case meteo.TypeOriginal:
		return d.original(o)
	}
	raw, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	switch f.Type {
	case meteo.TypeNumber:
		return parseFloat(raw, f.Number(o))
	case meteo.TypeWhole:
		return parseWhole(raw, f.Whole(o))
	case meteo.TypeSchema:
		var schema int64
		if err := parseWhole(raw, &schema); err != nil || schema < 1 || schema > meteo.SchemaVersion {
			return errSlow
		}
		return nil
	}
	if raw[0] != '"' {
		return errSlow
	}
	text := unquote(raw)
	switch f.Type {
	case meteo.TypeText:
		if *f.Text(o) = d.intern(text); needsCare(*f.Text(o)) {
			return errSlow
		}
	case meteo.TypeTime:
		t := f.Time(o)
		if err := t.UnmarshalText(text); err != nil || t.IsZero() || !inCalendar(*t) {
			return errSlow
		}
		*t = meteoTime(*t)
	case meteo.TypeID:
		if o.ID, ok = meteo.ParseID(string(text)); !ok {
			return errSlow
		}
	}
	return nil
}

// needsCare reports whether text is not read alike from files and from topics: files have words for missing and blanks around cells.
func needsCare(s string) bool { return absentText(s) || strings.TrimSpace(s) != s }

func parseFloat(raw []byte, into *float64) error {
	x, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return errSlow
	}
	*into = x + 0 // -0 becomes 0
	return nil
}

func parseWhole(raw []byte, into *int64) error {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 || n > maxInteger {
		return errSlow
	}
	*into = n
	return nil
}

// failures reads {"temperature_c":["range"]}.
func (d *Decoder) failures(o *meteo.Observation) error {
	return d.object(func(name []byte) error {
		subject := d.intern(name)
		for _, f := range o.QC {
			if f.Subject == subject {
				return errSlow
			}
		}
		return d.array(func() error {
			raw, err := d.json.ReadValue()
			if err != nil || raw[0] != '"' {
				return errSlow
			}
			o.QC = append(o.QC, meteo.Failure{Subject: subject, Rule: meteo.Rule(d.intern(unquote(raw)))})
			return nil
		})
	})
}

// original reads {"humidity_pct":101.5}.
func (d *Decoder) original(o *meteo.Observation) error {
	vs := meteo.NoValues()
	o.Original = &vs
	return d.object(func(name []byte) error {
		v, ok := meteo.VariableByName(string(name))
		if !ok || o.Original.Has(v) {
			return errSlow
		}
		raw, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		return parseFloat(raw, &vs[v])
	})
}

// object reads an object and calls member for each name, which reads its value. The bytes of the name are good only
// until then.
func (d *Decoder) object(member func(name []byte) error) error {
	if tok, err := d.json.ReadToken(); err != nil || tok.Kind() != '{' {
		return errSlow
	}
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		if err := member(unquote(name)); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// array reads an array and calls element at each of its values, which reads it.
func (d *Decoder) array(element func() error) error {
	if tok, err := d.json.ReadToken(); err != nil || tok.Kind() != '[' {
		return errSlow
	}
	for d.json.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// unquote returns the text of a JSON string; most need no copy.
func unquote(raw jsontext.Value) []byte {
	if bytes.IndexByte(raw, '\\') >= 0 {
		text, _ := jsontext.AppendUnquote(nil, raw) // the decoder has checked it
		return text
	}
	return raw[1 : len(raw)-1]
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
