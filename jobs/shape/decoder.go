package shape

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/meteo"
)

// Decoder makes readings and observations of JSON values and of rows. It keeps its buffers and the
// names it has seen between records and is for one goroutine.
type Decoder struct {
	buf     bytes.Buffer
	json    *jsontext.Decoder
	names   map[string]string // strings that recur: station ids, regions, sources
	sources map[string]bool   // source names that meteo.CheckSource has passed
	columns map[string]column // names of fields and what they mean
	cells   []cell            // the record at hand, its fields by their meaning

	knownOnly bool   // own reads only members that it knows
	seen      uint64 // the known members that came, by their bits
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder {
	d := &Decoder{names: map[string]string{}, sources: map[string]bool{}, columns: map[string]column{}}
	d.json = jsontext.NewDecoder(&d.buf)
	return d
}

// maxNames bounds each memory of names, so that hostile records cannot fill it.
const maxNames = 4096

// Observation reads one record that AppendJSON wrote, of this or an older schema version. Members
// that it does not know are passed over. The error is a *meteo.Refusal.
func (d *Decoder) Observation(data []byte) (meteo.Observation, error) {
	o, err := d.own(data)
	if errors.Is(err, errNotOwn) {
		return o, meteo.Refuse(meteo.UnknownShape, "it has no schema, station_id and observed_at")
	}
	if err != nil {
		return o, err
	}
	return o, d.validate(&o)
}

// FromJSON reads one JSON value of any shape that FromRow knows, or an array of them. Either every
// record in it is good or the error, a *meteo.Refusal, tells what is wrong with the first bad one.
func (d *Decoder) FromJSON(value []byte, def Defaults) ([]meteo.Observation, error) {
	o, err := d.own(value)
	if err == nil {
		o, err = d.complete(o, def)
		if err != nil {
			return nil, err
		}
		return []meteo.Observation{o}, nil
	}
	var refusal *meteo.Refusal
	if errors.As(err, &refusal) && refusal.Reason == meteo.InvalidJSON {
		return nil, err
	}
	tree, err := ParseJSON(value)
	if err != nil {
		return nil, err
	}
	switch tree := tree.(type) {
	case Row:
		return d.FromRow(tree, def)
	case []any:
		return d.fromArray(tree, def)
	}
	return nil, meteo.Refuse(meteo.UnknownShape, "it is neither an object nor an array of objects")
}

// fromArray reads the records of an array.
func (d *Decoder) fromArray(array []any, def Defaults) ([]meteo.Observation, error) {
	var all []meteo.Observation
	for i, element := range array {
		row, ok := element.(Row)
		if !ok {
			return nil, meteo.Refuse(meteo.UnknownShape, "element %d is no object", i+1)
		}
		some, err := d.FromRow(row, def)
		if err != nil {
			return nil, within(err, "record %d of %d", i+1, len(array))
		}
		all = append(all, some...)
	}
	if len(all) == 0 {
		return nil, meteo.Refuse(meteo.NothingMeasured, "the array is empty")
	}
	return all, nil
}

// complete fills in what a record of the project's own shape does not say and checks it.
func (d *Decoder) complete(o meteo.Observation, def Defaults) (meteo.Observation, error) {
	if o.Source == "" {
		o.Source = def.Source
	}
	if o.Kind == "" {
		o.Kind = def.Kind
	}
	if o.FetchedAt.IsZero() {
		o.FetchedAt = meteoTime(def.FetchedAt)
	}
	return o, d.validate(&o)
}
