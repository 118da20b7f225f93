package shape

import (
	"time"

	"senmeteo/jobs/meteo"
)

// Decoder makes readings and observations of JSON values and of rows. It keeps its buffers and the
// names it has seen between records and is for one goroutine.
type Decoder struct {
	sources  map[string]bool           // source names that meteo.CheckSource has passed
	columns  map[string]column         // names of fields and what they mean
	zones    map[string]*time.Location // that records name; nil: there is no such zone
	stations map[string]meteo.Station  // by the names of places that were met; the zero one: it is not known
	known    []meteo.Station           // of the record at hand
	cells    []cell                    // the record at hand, its fields by their meaning

	anyStation bool       // see AnyStation
	ignored    *Collector // of the file at hand; nil: nobody asks

	record meteo.Observation    // the one that is being read
	alone  [1]meteo.Observation // what the readers of files return of a record that is one reading

	// Of the fast path:
	names map[string]string // texts that recur: station ids, regions, sources
	seen  []bool            // by meteo.Fields: the members that it has met
	next  int               // the field after the last one
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder {
	return &Decoder{
		names: map[string]string{}, sources: map[string]bool{}, columns: map[string]column{}, zones: map[string]*time.Location{}, stations: map[string]meteo.Station{},
		seen: make([]bool, len(meteo.Fields)),
	}
}

// Collect makes the Decoder note in c what it ignores from now on; nil ends that.
func (d *Decoder) Collect(c *Collector) { d.ignored = c }

// AnyStation makes the Decoder read, from now on, records of stations that are not of Senegal too, by the ids or names that they have. Their
// region is "", and their coordinates are those that the record gives.
func (d *Decoder) AnyStation() { d.anyStation = true }

// What bounds each memory of names, so that hostile records cannot fill it: how many, and the longest of most, in bytes.
const (
	maxNames = 4096
	maxName  = 64
)

// Observation reads one record that AppendJSON wrote, of this or an older schema version. Members
// that it does not know are passed over. The error is a *meteo.Refusal.
func (d *Decoder) Observation(data []byte) (meteo.Observation, error) {
	if d.fast(data) {
		return d.record, d.validate(&d.record)
	}
	tree, err := ParseJSON(data)
	if err != nil {
		return d.record, err
	}
	row, ok := tree.(Row)
	if !ok || !isOwn(row) {
		return d.record, meteo.Refuse(meteo.UnknownShape, "it has no schema, station_id and observed_at")
	}
	if err := d.own(row, true); err != nil {
		return d.record, err
	}
	return d.record, d.validate(&d.record)
}

// FromJSON reads one JSON value of any shape that FromRow knows, or an array of them. Either every
// record in it is good or the error, a *meteo.Refusal, describes what is wrong with the first bad one. A record of the
// project's own shape is held to its types.
func (d *Decoder) FromJSON(value []byte, def Defaults) ([]meteo.Observation, error) {
	if d.fast(value) {
		return fresh(d.complete(def))
	}
	return d.general(value, def)
}

// AppendFromJSON appends what FromJSON returns, so that a caller may use one slice again and again.
func (d *Decoder) AppendFromJSON(dst []meteo.Observation, value []byte, def Defaults) ([]meteo.Observation, error) {
	if d.fast(value) {
		o, err := d.complete(def)
		return append(dst, *o), err
	}
	all, err := d.general(value, def)
	return append(dst, all...), err
}

// general reads a JSON value by the general path.
func (d *Decoder) general(value []byte, def Defaults) ([]meteo.Observation, error) {
	tree, err := ParseJSON(value)
	if err != nil {
		return nil, err
	}
	switch tree := tree.(type) {
	case Row:
		if isOwn(tree) {
			return fresh(d.fromOwn(tree, def, true))
		}
		return d.FromRow(tree, def)
	case []any:
		return d.fromArray(tree, def)
	}
	return nil, meteo.Refuse(meteo.UnknownShape, "it is neither an object nor an array of objects")
}

// OwnJSON reads a record of a file as FromRow reads the row of it, if it is one that AppendJSON wrote; it is good until the next record is read. Of
// any other record ok is false.
func (d *Decoder) OwnJSON(value []byte, def Defaults) (own []meteo.Observation, ok bool) {
	if !d.fast(value) {
		return nil, false
	}
	own, err := d.passing(d.complete(def))
	return own, err == nil
}

// fromOwn reads a record of the project's own shape.
func (d *Decoder) fromOwn(row Row, def Defaults, strict bool) (*meteo.Observation, error) {
	if err := d.own(row, strict); err != nil {
		return nil, err
	}
	return d.complete(def)
}

// fromArray reads the records of an array.
func (d *Decoder) fromArray(array []any, def Defaults) ([]meteo.Observation, error) {
	var all []meteo.Observation
	for i, element := range array {
		row, ok := element.(Row)
		if !ok {
			return nil, meteo.Refuse(meteo.UnknownShape, "element %d is not an object", i+1)
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
func (d *Decoder) complete(def Defaults) (*meteo.Observation, error) {
	o := &d.record
	if o.Source == "" {
		o.Source = def.Source
	}
	if o.Kind == "" {
		o.Kind = def.Kind
	}
	if o.FetchedAt.IsZero() {
		o.FetchedAt = meteoTime(def.FetchedAt)
	}
	return o, d.validate(o)
}

// fresh returns a reading as a list of its own.
func fresh(o *meteo.Observation, err error) ([]meteo.Observation, error) {
	if err != nil {
		return nil, err
	}
	return []meteo.Observation{*o}, nil
}

// passing returns a reading as a list that is good until the next record is read, which spares an allocation a record.
func (d *Decoder) passing(o *meteo.Observation, err error) ([]meteo.Observation, error) {
	if err != nil {
		return nil, err
	}
	d.alone[0] = *o
	return d.alone[:], nil
}
