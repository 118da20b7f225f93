package format

import (
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Columns are the names of the columns of flat formats: every member of the record's JSON, in its order.
// A file always has all of them, so that files can be put together.
func Columns() []string {
	columns := []string{
		"id", "revision", "schema", "station_id", "region", "latitude", "longitude", "elevation_m",
		"observed_at", "fetched_at", "issued_at", "source", "kind", "provider_id",
	}
	for _, v := range meteo.Variables {
		columns = append(columns, v.Name)
	}
	return append(columns, "interval_s", "quality", "qc", "original")
}

// Flat appends the observation's cells to a row, one for each of Columns: nil when unknown, otherwise a
// string, float64 or time.Time. The objects qc and original are JSON text.
func Flat(o *meteo.Observation, row shape.Row) shape.Row {
	w := rowWriter{row: row, keepNil: true}
	w.all(o)
	return w.row
}

// Nested appends the members that the observation has: Flat without the empty cells, and with qc and original as
// rows. The rules of a subject of qc are []any of strings.
func Nested(o *meteo.Observation, row shape.Row) shape.Row {
	w := rowWriter{row: row}
	w.all(o)
	return w.row
}

// rowWriter appends the fields of an observation in the order of Columns.
type rowWriter struct {
	row     shape.Row
	keepNil bool // flat: every column, and objects as text
}

func (w *rowWriter) add(name string, known bool, value any) {
	switch {
	case known:
		w.row = append(w.row, shape.Field{Name: name, Value: value})
	case w.keepNil:
		w.row = append(w.row, shape.Field{Name: name})
	}
}

func (w *rowWriter) text(name, s string)           { w.add(name, s != "", s) }
func (w *rowWriter) number(name string, x float64) { w.add(name, meteo.Known(x), x) }

func (w *rowWriter) all(o *meteo.Observation) {
	w.add("id", !o.ID.IsZero(), o.ID.String())
	w.add("revision", o.Revision > 0, float64(o.Revision))
	w.add("schema", true, float64(meteo.SchemaVersion))
	w.text("station_id", o.StationID)
	w.text("region", o.Region)
	w.number("latitude", o.Latitude)
	w.number("longitude", o.Longitude)
	w.number("elevation_m", o.ElevationM)
	w.add("observed_at", !o.ObservedAt.IsZero(), o.ObservedAt)
	w.add("fetched_at", !o.FetchedAt.IsZero(), o.FetchedAt)
	w.add("issued_at", !o.IssuedAt.IsZero(), o.IssuedAt)
	w.text("source", o.Source)
	w.text("kind", string(o.Kind))
	w.text("provider_id", o.ProviderID)
	for v, x := range o.Values {
		w.number(meteo.Variables[v].Name, x)
	}
	w.add("interval_s", o.IntervalS > 0, float64(o.IntervalS))
	w.text("quality", string(o.Quality))
	w.failures(o.QC)
	w.original(o.Original)
}

func (w *rowWriter) failures(qc []meteo.Failure) {
	if w.keepNil {
		w.text("qc", FailuresText(qc))
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
	w.add("qc", len(subjects) > 0, subjects)
}

func (w *rowWriter) original(vs *meteo.Values) {
	if w.keepNil {
		w.text("original", OriginalText(vs))
		return
	}
	values := originalRow(vs)
	w.add("original", len(values) > 0, values)
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

// IsHeader tells whether the cells of a row are names of columns: at least two of them say what they
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

// Headers is how many rows at the start of a table are looked at for its names.
const Headers = 20
