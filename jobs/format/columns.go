package format

import (
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Columns are the names of the columns of flat formats: every field of a record, in the order of meteo.Fields.
// A file always has all of them, so that files can be put together.
func Columns() []string {
	columns := make([]string, len(meteo.Fields))
	for i := range meteo.Fields {
		columns[i] = meteo.Fields[i].Name
	}
	return columns
}

// Flat appends the observation's cells to a row, one for each of Columns: nil when unknown, otherwise a
// string, float64 or time.Time. The objects quantiles, qc and original are JSON text.
func Flat(o *meteo.Observation, row shape.Row) shape.Row {
	w := rowWriter{row: row, flat: true}
	w.all(o)
	return w.row
}

// Nested appends the members that the observation has: Flat without the empty cells, and with quantiles, qc and original as
// rows. The rules of a subject of qc are []any of strings, the quantiles of a variable []any of numbers.
func Nested(o *meteo.Observation, row shape.Row) shape.Row {
	w := rowWriter{row: row}
	w.all(o)
	return w.row
}

// rowWriter appends the fields of an observation.
type rowWriter struct {
	row  shape.Row
	flat bool // every column, and objects as text
}

func (w *rowWriter) add(name string, known bool, value any) {
	switch {
	case known:
		w.row = append(w.row, shape.Field{Name: name, Value: value})
	case w.flat:
		w.row = append(w.row, shape.Field{Name: name})
	}
}

func (w *rowWriter) all(o *meteo.Observation) {
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		switch f.Type {
		case meteo.TypeText:
			s := *f.Text(o)
			w.add(f.Name, s != "", s)
		case meteo.TypeWhole:
			n := *f.Whole(o)
			w.add(f.Name, n > 0, float64(n))
		case meteo.TypeNumber:
			x := *f.Number(o)
			w.add(f.Name, meteo.Known(x), x)
		case meteo.TypeTime:
			t := *f.Time(o)
			w.add(f.Name, !t.IsZero(), t)
		case meteo.TypeID:
			w.add(f.Name, !o.ID.IsZero(), o.ID.String())
		case meteo.TypeSchema:
			w.add(f.Name, true, float64(meteo.SchemaVersion))
		case meteo.TypeFailures:
			w.failures(f.Name, o.QC)
		case meteo.TypeOriginal:
			w.original(f.Name, o.Original)
		case meteo.TypeQuantiles:
			w.quantiles(f.Name, o.Quantiles)
		}
	}
}

func (w *rowWriter) failures(name string, qc []meteo.Failure) {
	if w.flat {
		s := FailuresText(qc)
		w.add(name, s != "", s)
		return
	}
	var subjects shape.Row
	for i, f := range qc {
		if i == 0 || f.Subject != qc[i-1].Subject {
			subjects = append(subjects, shape.Field{Name: f.Subject, Value: []any{}})
		}
		last := &subjects[len(subjects)-1]
		last.Value = append(last.Value.([]any), string(f.Rule))
	}
	w.add(name, len(subjects) > 0, subjects)
}

func (w *rowWriter) original(name string, vs *meteo.Values) {
	if w.flat {
		s := OriginalText(vs)
		w.add(name, s != "", s)
		return
	}
	values := originalRow(vs)
	w.add(name, len(values) > 0, values)
}

func (w *rowWriter) quantiles(name string, qs meteo.Quantiles) {
	if w.flat {
		s := QuantilesText(qs)
		w.add(name, s != "", s)
		return
	}
	var variables shape.Row
	for i := range qs {
		list := make([]any, 0, len(qs[i].Values))
		for _, x := range qs[i].Values {
			list = append(list, x)
		}
		variables = append(variables, shape.Field{Name: qs[i].Variable.String(), Value: list})
	}
	w.add(name, len(variables) > 0, variables)
}

// FailuresText is qc as the JSON text that flat formats keep in a cell, "" when every check passed.
func FailuresText(qc []meteo.Failure) string {
	if len(qc) == 0 {
		return ""
	}
	return string(meteo.AppendFailures(nil, qc))
}

// OriginalText is original as the JSON text that flat formats keep in a cell, "" when nothing was corrected.
func OriginalText(vs *meteo.Values) string {
	values := originalRow(vs)
	if len(values) == 0 {
		return ""
	}
	return string(values.AppendJSON(nil))
}

// QuantilesText is quantiles as the JSON text that flat formats keep in a cell, "" when none are known.
func QuantilesText(qs meteo.Quantiles) string {
	if len(qs) == 0 {
		return ""
	}
	return string(qs.AppendJSON(nil))
}

func originalRow(vs *meteo.Values) shape.Row {
	if vs == nil {
		return nil
	}
	var values shape.Row
	for v, x := range vs {
		if meteo.Known(x) {
			values = append(values, shape.Field{Name: meteo.Variables[v].Name, Value: x})
		}
	}
	return values
}

// IsHeader reports whether the cells of a row are names of columns: at least two of them say what they
// hold, as a reading needs a time and a value. Titles and notes above a table do not.
func IsHeader(cells []string) bool { return KnownNames(cells) >= 2 }

// KnownNames counts the cells that are names of columns which say what they hold.
func KnownNames(cells []string) int {
	known := 0
	for _, cell := range cells {
		if shape.Known(cell) {
			known++
		}
	}
	return known
}
