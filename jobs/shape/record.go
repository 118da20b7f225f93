package shape

import (
	"cmp"
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
		return fresh(d.fromOwn(row, def, false))
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
		all = append(all, *o)
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
	return name == "quantiles" || name == "qc" || name == "original" || containers[strings.ToLower(name)]
}

// cell is one present value of a record, with the meaning of its name.
type cell struct {
	column
	name  string
	value any
	style style
}

// flatten returns the members of a record and of the containers in it, in which there is no other nested value.
func (d *Decoder) flatten(row Row) Row {
	for i := range row {
		switch row[i].Value.(type) {
		case Row, []any:
			return d.flattened(row, make(Row, 0, len(row)+8), 0)
		}
	}
	return row
}

func (d *Decoder) flattened(row, into Row, depth int) Row {
	for _, f := range row {
		switch value := f.Value.(type) {
		case Row:
			switch {
			case depth < 4 && (containers[strings.ToLower(f.Name)] || isPlace(f.Name) && !d.namesVariable(value, 0)):
				into = d.flattened(value, into, depth+1)
			case len(value) == 0:
			case isZone(f.Name):
				into = append(into, d.zoneIn(f.Name, value))
			case isAbout(f.Name):
				into = append(into, d.missing(into, d.about(value))...)
			default:
				d.ignored.add(f.Name, whyNested, value)
			}
		case []any:
			if len(value) > 0 {
				d.ignored.add(f.Name, whyNested, value)
			}
		default:
			into = append(into, f)
		}
	}
	return into
}

// flat reads a record of another producer by itself.
func (d *Decoder) flat(row Row, def Defaults) (*meteo.Observation, error) {
	if !d.namesVariable(row, 0) {
		return nil, noVariable(row)
	}
	d.cells = d.cells[:0]
	for _, f := range d.flatten(row) {
		if absent(f.Value) {
			continue
		}
		switch c := d.column(f.Name); {
		case c.meaning == nothing:
			d.ignored.add(f.Name, whyUnknown, f.Value)
		case c.meaning == notKept:
			d.ignored.add(f.Name, whyNoField, f.Value)
		case c.open:
			d.ignored.add(f.Name, whyNoUnit, f.Value)
		default:
			d.cells = append(d.cells, cell{column: c, name: f.Name, value: f.Value})
		}
	}
	if err := d.settleCells(def); err != nil {
		return nil, err
	}
	return d.reading(def)
}

// noVariable refuses a record without the name of a variable. One that is an error of a service is refused in the service's words, and one with
// arrays that don't fit each other by their lengths.
func noVariable(row Row) *meteo.Refusal {
	if said := serviceError(row, 0); said != "" {
		return meteo.Refuse(meteo.UnknownShape, "it is not weather but what a service answers when it has none: %.300q", said)
	}
	if first, second, ok := unequal(row); ok {
		return meteo.Refuse(meteo.UnknownShape, "its arrays have different lengths: %.40q has %d values, %.40q has %d",
			first.Name, len(first.Value.([]any)), second.Name, len(second.Value.([]any)))
	}
	return meteo.Refuse(meteo.UnknownShape, "no field has the name of something that senmeteo measures")
}

// ServiceError returns what a document says of an error of a service, "" when it is none.
func ServiceError(row Row) string { return serviceError(row, 0) }

// IsError reports whether an element of this name is about an error.
func IsError(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasSuffix(lower, "error") || strings.HasSuffix(lower, "exception") || lower == "errors" || lower == "fault"
}

// serviceError returns what a body says of an error, "" when it is none: {"error":true,"reason":"..."}, {"cod":401,"message":"..."},
// {"error":{"code":1006,"message":"..."}}.
func serviceError(row Row, depth int) string {
	said, failed := "", depth > 0
	for _, f := range row {
		switch lower := strings.ToLower(f.Name); lower {
		case "error", "errors", "fault", "clienterror":
			switch value := f.Value.(type) {
			case Row:
				if inner := serviceError(value, depth+1); depth < 3 && inner != "" {
					return inner
				}
			case string:
				said = cmp.Or(said, value)
			case []any:
				for _, element := range value {
					if inner, ok := element.(Row); ok {
						said = cmp.Or(said, serviceError(inner, depth+1))
					} else if word, ok := element.(string); ok {
						said = cmp.Or(said, word)
					}
				}
			}
			failed = true
		case "message", "reason", "detail", "info", "description", "error_description", "title", "msg":
			if value, ok := f.Value.(string); ok {
				said = cmp.Or(said, value)
			}
		case "cod", "code", "status", "statuscode":
			failed = true
		}
	}
	if !failed {
		return ""
	}
	return said
}

// unequal returns two arrays of a record that has times in one, of which the lengths differ.
func unequal(row Row) (first, second Field, ok bool) {
	for _, f := range row {
		array, isArray := f.Value.([]any)
		if m := understand(f.Name).meaning; !isArray || !scalars(array) || !isTimeOf(m) && m >= stationID {
			continue
		}
		if before, had := first.Value.([]any); had && len(before) != len(array) {
			return first, f, true
		}
		first = f
	}
	return first, second, false
}

// reading makes a reading of the cells of a record.
func (d *Decoder) reading(def Defaults) (*meteo.Observation, error) {
	d.record = blank()
	o := &d.record
	o.Source, o.Kind, o.FetchedAt = def.Source, def.Kind, meteoTime(def.FetchedAt)
	for i := range d.cells {
		c := &d.cells[i]
		if err := d.fill(c, o); err != nil {
			return o, err
		}
	}
	if o.Values.Has(meteo.Rain) && o.IntervalS == 0 {
		o.IntervalS = def.IntervalS
	}
	if o.IntervalS == 0 {
		o.IntervalS = d.statedInterval(&o.Values)
	}
	if !hasOver(&o.Values) {
		o.IntervalS = 0 // it is beside no value over an interval
	}
	if err := d.observedAt(o); err != nil {
		return o, err
	}
	if o.Kind == modelled {
		o.Kind = meteo.Model
		if !def.FetchedAt.IsZero() && o.ObservedAt.After(def.FetchedAt) {
			o.Kind, o.IssuedAt = meteo.Forecast, def.FetchedAt.UTC().Truncate(time.Hour)
		}
	}
	if err := d.locate(o, def); err != nil {
		return o, err
	}
	return o, d.validate(o)
}

// statedInterval returns the seconds that the name of the rain states, 0 when it states none or another value over an interval is beside it.
func (d *Decoder) statedInterval(vs *meteo.Values) int64 {
	if !vs.Has(meteo.Rain) {
		return 0
	}
	seconds := int64(0)
	for i := range d.cells {
		if seconds == 0 && d.cells[i].meaning == meaning(meteo.Rain) {
			seconds = d.cells[i].over
		}
	}
	for v := range meteo.Variable(meteo.NumVariables) {
		if v != meteo.Rain && v.Over() && vs.Has(v) {
			return 0
		}
	}
	return seconds
}

// hasOver reports whether there is a value over an interval.
func hasOver(vs *meteo.Values) bool {
	for v := range meteo.Variable(meteo.NumVariables) {
		if v.Over() && vs.Has(v) {
			return true
		}
	}
	return false
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
func (d *Decoder) fill(c *cell, o *meteo.Observation) error {
	switch {
	case c.meaning < meaning(meteo.NumVariables):
		return d.number(c, &o.Values[c.meaning])
	case c.meaning == latitude:
		return d.number(c, &o.Latitude)
	case c.meaning == longitude:
		if err := d.number(c, &o.Longitude); err != nil {
			return err
		}
		if o.Longitude > 180 && o.Longitude <= 360 { // of grids, which count eastwards from Greenwich
			o.Longitude = tidy(o.Longitude - 360)
		}
	case c.meaning == elevation:
		return d.number(c, &o.ElevationM)
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

// parseNumber reads the value in the style of its column.
func (c *cell) parseNumber() (float64, bool) {
	if s, ok := c.value.(string); ok && c.style.decimal != 0 {
		return decimalNumber(s, c.style.decimal)
	}
	return number(c.value)
}

// parseTime reads the value in the style of its column.
func (c *cell) parseTime() (t time.Time, dayOnly, ok bool) {
	style := c.timeStyle()
	return style.parse(c.value, style.zone)
}

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
