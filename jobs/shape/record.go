package shape

import (
	"math"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// FromRow reads one record: a row of senmeteo's own columns, a body of Tomorrow.io's API, an object
// that wraps an array of records, or a flat record of another producer. Either every reading in it is
// good or the error, a *meteo.Refusal, reports what is wrong with the first bad one.
func (d *Decoder) FromRow(row Row, def Defaults) ([]meteo.Observation, error) {
	if isOwn(row) {
		return d.fromOwn(row, def, false)
	}
	if steps, ok := tomorrowSteps(row, def); ok {
		return d.fromTomorrow(steps, def)
	}
	rows := d.Split(row)
	all := make([]meteo.Observation, 0, len(rows))
	for i, record := range rows {
		o, err := d.flat(record, def)
		if err != nil {
			if len(rows) > 1 {
				err = within(err, "record %d of %d", i+1, len(rows))
			}
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// containers are members whose own members belong to the record itself.
var containers = map[string]bool{
	"values": true, "location": true, "position": true, "coordinates": true, "coord": true, "measurements": true,
	"mesures": true, "data": true, "current": true, "record": true, "fields": true, "place": true,
}

// IsPart reports whether an object or element of this name is a part of the record around it and never a
// record of its own.
func IsPart(name string) bool {
	return name == "qc" || name == "original" || containers[strings.ToLower(name)]
}

// cell is one present value of a record, with the meaning of its name.
type cell struct {
	column
	name  string
	value any
	style style
}

// gather collects the understood, present cells of a record and of the containers in it.
func (d *Decoder) gather(row Row, into []cell, depth int) []cell {
	for _, f := range row {
		if part, ok := f.Value.(Row); ok {
			if depth < 4 && containers[strings.ToLower(f.Name)] {
				into = d.gather(part, into, depth+1)
			} else {
				d.ignored.add(f.Name, whyNested, f.Value)
			}
			continue
		}
		if absent(f.Value) {
			continue
		}
		if _, ok := f.Value.([]any); ok {
			d.ignored.add(f.Name, whyNested, f.Value)
			continue
		}
		if c := d.column(f.Name); c.meaning != nothing {
			into = append(into, cell{column: c, name: f.Name, value: f.Value})
		} else {
			d.ignored.add(f.Name, whyUnknown, f.Value)
		}
	}
	return into
}

// flat reads a flat record of another producer.
func (d *Decoder) flat(row Row, def Defaults) (meteo.Observation, error) {
	d.cells = d.gather(row, d.cells[:0], 0)
	if !d.namesVariable(row, 0) {
		return meteo.Observation{}, meteo.Refuse(meteo.UnknownShape, "no field has the name of something that senmeteo measures")
	}
	return d.reading(def)
}

// reading makes a reading of the cells of a record.
func (d *Decoder) reading(def Defaults) (meteo.Observation, error) {
	o := blank()
	o.Source, o.Kind, o.FetchedAt = def.Source, def.Kind, meteoTime(def.FetchedAt)
	for i := range d.cells {
		c := &d.cells[i]
		if err := c.fill(&o); err != nil {
			return o, err
		}
	}
	if o.Values.Has(meteo.Rain) && o.IntervalS == 0 {
		o.IntervalS = def.IntervalS
	}
	if err := d.observedAt(&o); err != nil {
		return o, err
	}
	if err := d.locate(&o, def); err != nil {
		return o, err
	}
	return o, d.validate(&o)
}

// namesVariable reports whether a field has the name of a variable, be its value present or not.
func (d *Decoder) namesVariable(row Row, depth int) bool {
	for _, f := range row {
		part, nested := f.Value.(Row)
		switch {
		case !nested && d.column(f.Name).meaning < stationID:
			return true
		case nested && depth < 4 && containers[strings.ToLower(f.Name)] && d.namesVariable(part, depth+1):
			return true
		}
	}
	return false
}

// fill puts a number, or what is said about the record, into its field. Of two fields with the same
// meaning the first stays.
func (c *cell) fill(o *meteo.Observation) error {
	switch {
	case c.meaning < meaning(meteo.NumVariables):
		return c.number(&o.Values[c.meaning])
	case c.meaning == latitude:
		return c.number(&o.Latitude)
	case c.meaning == longitude:
		return c.number(&o.Longitude)
	case c.meaning == elevation:
		return c.number(&o.ElevationM)
	case c.meaning == interval:
		return c.interval(&o.IntervalS)
	case c.meaning == fetchedAt:
		return c.instant(&o.FetchedAt)
	case c.meaning == issuedAt:
		return c.instant(&o.IssuedAt)
	case c.meaning == kind:
		word, _ := text(c.value)
		o.Kind = meteo.Kind(strings.ToLower(word))
	case c.meaning == providerID:
		o.ProviderID, _ = text(c.value)
	case c.meaning == source:
		if name := sourceName(c.value); name != "" {
			o.Source = name
		}
	}
	return nil
}

func (c *cell) number(into *float64) error {
	x, ok := c.parseNumber()
	if !ok {
		return meteo.Refuse(meteo.InvalidValue, "%.40q is not a number: %s", c.name, quote(c.value))
	}
	if !sentinel(x) && !meteo.Known(*into) {
		*into = c.convert(x)
	}
	return nil
}

// parseNumber reads the value in the style of its column.
func (c *cell) parseNumber() (float64, bool) {
	if s, ok := c.value.(string); ok && c.style.decimal != 0 {
		return decimalNumber(s, c.style.decimal)
	}
	return number(c.value)
}

// parseTime reads the value in the style of its column.
func (c *cell) parseTime() (t time.Time, dayOnly, ok bool) { return c.style.times.parse(c.value) }

func (c *cell) interval(into *int64) error {
	x, ok := c.parseNumber()
	seconds := math.Round(c.convert(x))
	if !ok || seconds < 0 || seconds > maxInteger {
		return meteo.Refuse(meteo.InvalidField, "%.40q is not an interval: %s", c.name, quote(c.value))
	}
	*into = int64(seconds)
	return nil
}

func (c *cell) instant(into *time.Time) error {
	t, _, ok := c.parseTime()
	if !ok {
		return c.noTime()
	}
	*into = t
	return nil
}

func (c *cell) noTime() error {
	return meteo.Refuse(meteo.InvalidTime, "%.40q is not a time: %s", c.name, quote(c.value))
}

// sourceName brings what a producer calls itself into the form of source names: "Tomorrow.io" is
// tomorrow, "Météo Thiès" is meteo-thies. It is "" when nothing remains.
func sourceName(value any) string {
	said, _ := text(value)
	name := said
	if meteo.CheckSource(name) != nil {
		name = strings.ReplaceAll(meteo.Fold(said), " ", "-")
	}
	switch {
	case name == "tomorrow-io":
		return "tomorrow"
	case meteo.CheckSource(name) != nil:
		return ""
	}
	return name
}
