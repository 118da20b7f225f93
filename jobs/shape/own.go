package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// isOwn reports whether a row has the members of the project's own shape that no record lacks.
func isOwn(row Row) bool {
	return !absent(row.get("schema")) && !absent(row.get("station_id")) && !absent(row.get("observed_at"))
}

// requiredOf returns the positions of the columns of the project's own shape that no record lacks, if a table has each of them once; else nil.
func requiredOf(headings []Heading) []int {
	var positions []int
	for _, name := range [...]string{"schema", "station_id", "observed_at"} {
		for i, h := range headings {
			if h.Name == name {
				positions = append(positions, i)
			}
		}
	}
	if len(positions) != 3 || headings[positions[0]].Name == headings[positions[1]].Name || headings[positions[1]].Name == headings[positions[2]].Name {
		return nil
	}
	return positions
}

// isOwn is isOwn of a row of a table of the project's own shape.
func (t *Table) isOwn(row Row) bool {
	for _, i := range t.required {
		if i >= len(row) || absent(row[i].Value) {
			return false
		}
	}
	return true
}

// readOwn reads a row of the project's own columns.
func (t *Table) readOwn(row Row) ([]meteo.Observation, error) {
	d := t.decoder
	d.record = blank()
	r := ownReader{o: &d.record}
	for i := range row {
		if i >= len(t.fields) || absent(row[i].Value) {
			continue
		}
		if t.fields[i] == nil {
			d.ignored.add(row[i].Name, whyUnknown, row[i].Value)
		} else if err := r.member(t.fields[i], row[i]); err != nil {
			return nil, err
		}
	}
	return d.passing(d.complete(t.options.Defaults))
}

// ownReader reads rows of the project's own members. A lenient one reads cells of files, where numbers and times may have taken the form of a
// spreadsheet's country; a strict one reads JSON, where a number is a number and a time is RFC 3339.
type ownReader struct {
	strict bool
	o      *meteo.Observation
}

// own reads a record of the project's own shape into d.record. Members that it does not know are passed over.
func (d *Decoder) own(row Row, strict bool) error {
	d.record = blank()
	r := ownReader{strict: strict, o: &d.record}
	for _, f := range row {
		if f.Value == nil || !strict && absent(f.Value) {
			continue
		}
		if field := meteo.FieldByName(f.Name); field != nil {
			if err := r.member(field, f); err != nil {
				return err
			}
		} else {
			d.ignored.add(f.Name, whyUnknown, f.Value)
		}
	}
	return nil
}

// member reads one present value into its field.
func (r *ownReader) member(field *meteo.Field, f Field) error {
	switch field.Type {
	case meteo.TypeText:
		return r.text(f, field.Text(r.o))
	case meteo.TypeWhole:
		return r.whole(f, field.Whole(r.o))
	case meteo.TypeNumber:
		return r.number(f, field.Number(r.o))
	case meteo.TypeTime:
		return r.time(f, field.Time(r.o))
	case meteo.TypeID:
		return r.id(f)
	case meteo.TypeSchema:
		var schema int64
		if err := r.whole(f, &schema); err != nil {
			return err
		}
		return checkSchema(schema)
	case meteo.TypeFailures:
		return r.failures(f)
	case meteo.TypeOriginal:
		return r.original(f)
	case meteo.TypeQuantiles:
		return r.quantiles(f)
	}
	return nil
}

func (r *ownReader) text(f Field, into *string) error {
	s, ok := f.Value.(string)
	if !ok && !r.strict {
		s, ok = text(f.Value)
	}
	if !ok {
		return meteo.Refuse(meteo.InvalidField, "%.60s is not text", f.Name)
	}
	if !r.strict {
		s = strings.TrimSpace(s)
	}
	*into = s
	return nil
}

func (r *ownReader) whole(f Field, into *int64) error {
	_, isText := f.Value.(string)
	n, ok := whole(f.Value)
	if !ok || r.strict && isText {
		return meteo.Refuse(meteo.InvalidField, "%s is not a whole number from 0 up: %s", f.Name, quote(f.Value))
	}
	*into = n
	return nil
}

func (r *ownReader) number(f Field, into *float64) error {
	_, isText := f.Value.(string)
	x, ok := number(f.Value)
	if !ok || r.strict && isText {
		return meteo.Refuse(meteo.InvalidValue, "%s is not a number: %s", f.Name, quote(f.Value))
	}
	*into = x
	return nil
}

func (r *ownReader) time(f Field, into *time.Time) error {
	var t time.Time
	var ok bool
	if r.strict {
		s, _ := f.Value.(string)
		ok = t.UnmarshalText([]byte(s)) == nil && inCalendar(t)
	} else {
		t, _, ok = ParseTime(f.Value)
	}
	if !ok {
		return meteo.Refuse(meteo.InvalidTime, "%s is not a time such as 2026-08-01T12:00:00Z: %s", f.Name, quote(f.Value))
	}
	*into = meteoTime(t)
	return nil
}

func (r *ownReader) id(f Field) (err error) {
	s, _ := text(f.Value)
	id, ok := meteo.ParseID(s)
	if !ok {
		return meteo.Refuse(meteo.InvalidField, "id %s is not 32 hexadecimal digits", quote(f.Value))
	}
	r.o.ID = id
	return nil
}

// nested returns the object in a cell: a Row, or in flat formats its JSON text.
func (r *ownReader) nested(f Field) (Row, error) {
	switch value := f.Value.(type) {
	case Row:
		return value, nil
	case string:
		if r.strict {
			break
		}
		if tree, err := ParseJSON([]byte(value)); err == nil {
			if row, ok := tree.(Row); ok {
				return row, nil
			}
		}
	}
	return nil, meteo.Refuse(meteo.InvalidField, "%s is not an object: %s", f.Name, quote(f.Value))
}

// failures reads subjects and their rules: a list, or in files one rule a field, as XML has them.
func (r *ownReader) failures(f Field) error {
	row, err := r.nested(f)
	if err != nil {
		return err
	}
	for _, subject := range row {
		rules, ok := subject.Value.([]any)
		if !ok && !r.strict {
			rules, ok = []any{subject.Value}, true
		}
		for _, rule := range rules {
			word, isText := rule.(string)
			ok = ok && isText
			r.o.QC = append(r.o.QC, meteo.Failure{Subject: subject.Name, Rule: meteo.Rule(word)})
		}
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "qc of %.40q is not a list of rules", subject.Name)
		}
	}
	return nil
}

func (r *ownReader) original(f Field) error {
	row, err := r.nested(f)
	if err != nil {
		return err
	}
	vs := meteo.NoValues()
	for _, value := range row {
		v, ok := meteo.VariableByName(value.Name)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "original.%.40s is not a variable", value.Name)
		}
		if value.Value == nil || !r.strict && absent(value.Value) {
			continue
		}
		if err := r.number(value, &vs[v]); err != nil {
			return err
		}
	}
	r.o.Original = &vs
	return nil
}

// quantiles reads variables and their seven numbers: a list, or in files one number a field, as XML has them.
func (r *ownReader) quantiles(f Field) error {
	row, err := r.nested(f)
	if err != nil {
		return err
	}
	for len(row) > 0 {
		member := row[0]
		v, ok := meteo.VariableByName(member.Name)
		if !ok {
			return meteo.Refuse(meteo.InvalidField, "quantiles.%.40s is not a variable", member.Name)
		}
		q := meteo.Quantile{Variable: v}
		list, isList := member.Value.([]any)
		row = row[1:]
		if !isList && !r.strict {
			list = []any{member.Value}
			for ; len(row) > 0 && row[0].Name == member.Name; row = row[1:] {
				list = append(list, row[0].Value)
			}
		}
		if len(list) != len(q.Values) {
			return meteo.Refuse(meteo.InvalidField, "quantiles.%s is not a list of %d numbers: %s", member.Name, len(q.Values), quote(member.Value))
		}
		for i := range list {
			if err := r.number(Field{Name: "quantiles." + member.Name, Value: list[i]}, &q.Values[i]); err != nil {
				return err
			}
		}
		if r.o.Quantiles, ok = r.o.Quantiles.With(q); !ok {
			return meteo.Refuse(meteo.InvalidField, "quantiles has %s twice", member.Name)
		}
	}
	return nil
}
