package shape

import (
	"time"

	"senmeteo/jobs/meteo"
)

// get returns the value of a field by its exact name, nil when the row has none.
func (r Row) get(name string) any {
	for _, f := range r {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// isOwn tells whether a row has the columns of the project's own shape.
func isOwn(row Row) bool {
	return !absent(row.get("schema")) && !absent(row.get("station_id")) && !absent(row.get("observed_at"))
}

// ownRow reads a row of the project's own columns, as text, as typed cells of a table, or nested as in JSON.
// Numbers and times may have taken the form of a spreadsheet's country on the way.
func (d *Decoder) ownRow(row Row) (meteo.Observation, error) {
	o := blank()
	schema := int64(0)
	for _, f := range row {
		if absent(f.Value) {
			continue
		}
		if err := d.ownField(&o, &schema, f); err != nil {
			return o, err
		}
	}
	return o, checkSchema(schema)
}

// ownField reads one present value into its field.
func (d *Decoder) ownField(o *meteo.Observation, schema *int64, f Field) error {
	switch f.Name {
	case "id":
		s, _ := text(f.Value)
		id, ok := meteo.ParseID(s)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "id %s is not 32 hexadecimal digits", quote(f.Value))
		}
		o.ID = id
		return nil
	case "revision":
		return ownInteger(f, &o.Revision)
	case "schema":
		return ownInteger(f, schema)
	case "interval_s":
		return ownInteger(f, &o.IntervalS)
	case "station_id":
		return d.ownText(f, &o.StationID)
	case "region":
		return d.ownText(f, &o.Region)
	case "source":
		return d.ownText(f, &o.Source)
	case "kind":
		return d.ownText(f, (*string)(&o.Kind))
	case "provider_id":
		return d.ownText(f, &o.ProviderID)
	case "quality":
		return d.ownText(f, (*string)(&o.Quality))
	case "latitude":
		return ownNumber(f, &o.Latitude)
	case "longitude":
		return ownNumber(f, &o.Longitude)
	case "elevation_m":
		return ownNumber(f, &o.ElevationM)
	case "observed_at":
		return ownTime(f, &o.ObservedAt)
	case "fetched_at":
		return ownTime(f, &o.FetchedAt)
	case "issued_at":
		return ownTime(f, &o.IssuedAt)
	case "qc":
		return d.ownFailures(o, f)
	case "original":
		return ownOriginal(o, f)
	}
	if v, ok := meteo.VariableByName(f.Name); ok {
		return ownNumber(f, &o.Values[v])
	}
	return nil
}

func (d *Decoder) ownText(f Field, into *string) error {
	s, ok := text(f.Value)
	if !ok {
		return meteo.Refuse(meteo.InvalidField, "%s is no text", f.Name)
	}
	*into = s
	return nil
}

func ownInteger(f Field, into *int64) error {
	n, ok := whole(f.Value)
	if !ok {
		return meteo.Refuse(meteo.InvalidField, "%s is no whole number from 0 up: %s", f.Name, quote(f.Value))
	}
	*into = n
	return nil
}

func ownNumber(f Field, into *float64) error {
	x, ok := number(f.Value)
	if !ok {
		return meteo.Refuse(meteo.InvalidValue, "%s is no number: %s", f.Name, quote(f.Value))
	}
	*into = x
	return nil
}

func ownTime(f Field, into *time.Time) error {
	t, _, ok := ParseTime(f.Value)
	if !ok {
		return meteo.Refuse(meteo.InvalidTime, "%s is no time: %s", f.Name, quote(f.Value))
	}
	*into = t
	return nil
}

// nested returns the object in a cell: a Row, or in flat formats its JSON text.
func nested(f Field) (Row, error) {
	switch value := f.Value.(type) {
	case Row:
		return value, nil
	case string:
		if tree, err := ParseJSON([]byte(value)); err == nil {
			if row, ok := tree.(Row); ok {
				return row, nil
			}
		}
	}
	return nil, meteo.Refuse(meteo.InvalidField, "%s is no object: %s", f.Name, quote(f.Value))
}

// ownFailures reads subjects and their rules: a list, or one rule a field as XML has them.
func (d *Decoder) ownFailures(o *meteo.Observation, f Field) error {
	row, err := nested(f)
	if err != nil {
		return err
	}
	for _, subject := range row {
		rules, ok := subject.Value.([]any)
		if !ok {
			rules = []any{subject.Value}
		}
		for _, rule := range rules {
			word, ok := rule.(string)
			if !ok {
				return meteo.Refuse(meteo.InvalidField, "qc of %.40q is no list of rules", subject.Name)
			}
			o.QC = append(o.QC, meteo.Failure{Subject: subject.Name, Rule: meteo.Rule(word)})
		}
	}
	return nil
}

func ownOriginal(o *meteo.Observation, f Field) error {
	row, err := nested(f)
	if err != nil {
		return err
	}
	vs := meteo.NoValues()
	for _, value := range row {
		v, ok := meteo.VariableByName(value.Name)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "original.%.40s is no variable", value.Name)
		}
		if absent(value.Value) {
			continue
		}
		if err := ownNumber(value, &vs[v]); err != nil {
			return err
		}
	}
	o.Original = &vs
	return nil
}
