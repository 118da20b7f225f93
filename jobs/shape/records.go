package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// Records reads the records of a file of objects: JSON, XML, YAML. The members of a name are judged as the columns of a table are, as a whole,
// by a sample of the records and by what the user says.
type Records struct {
	decoder *Decoder
	table   *Table
	names   []Heading
	byName  map[string]int // position of the column of a member
	cells   Row            // the record at hand, in the order of the columns
}

// maxMembers bounds the names of members that are kept in mind; a record with more names is refused.
const maxMembers = 1024

// NewRecords judges the members by the records of the beginning of a file, which Split has taken apart. The error, a *meteo.Refusal, names the
// member that is ambiguous and the flag that settles it.
func (d *Decoder) NewRecords(sample []Row, options Options) (*Records, error) {
	r := &Records{decoder: d, byName: map[string]int{}}
	ignored := d.ignored
	d.ignored = nil // what is ignored is noted when the records are read
	defer func() { d.ignored = ignored }()
	flat := make([]Row, 0, len(sample))
	for _, row := range sample {
		if r.isOther(row) {
			continue
		}
		row = d.flatten(row)
		flat = append(flat, row)
		for _, f := range row {
			if _, ok := r.byName[f.Name]; !ok && len(r.names) < maxMembers {
				r.byName[f.Name] = len(r.names)
				r.names = append(r.names, Heading{Name: f.Name})
			}
		}
	}
	for i, row := range flat {
		r.cells = make(Row, len(r.names))
		flat[i] = r.inOrder(row)
	}
	proveByThemselves(r.names, flat)
	var err error
	if r.table, err = d.NewTable(r.names, flat, options); err != nil {
		return nil, err
	}
	r.table.dates.column = -1 // each record says its own
	return r, r.several(flat)
}

// proveByThemselves reads the numbers in a sample of columns that have both decimal points and decimal commas, where each number shows which
// it has: unlike a table, a file of objects may have a record of each of several producers.
func proveByThemselves(names []Heading, sample []Row) {
	for i := range names {
		if !isNumberOf(understand(names[i].Name).meaning) {
			continue
		}
		var all signs
		open := false
		for _, row := range sample {
			if s, ok := row[i].Value.(string); ok {
				one := signsOf(s)
				all.add(one)
				open = open || one == (signs{}) && strings.Contains(s, ",")
			}
		}
		if !all.comma || !all.point || open {
			continue
		}
		for _, row := range sample {
			if x, ok := number(row[i].Value); ok {
				row[i].Value = x
			}
		}
	}
}

// isOther reports whether a row is not a record of another producer: what senmeteo and Tomorrow.io write says all by itself.
func (r *Records) isOther(row Row) bool {
	if isOwn(row) {
		return true
	}
	_, ok := tomorrowSteps(row, Defaults{})
	return ok
}

// several lets members of one meaning that no record has side by side all count: records of one file may have different names for a thing.
func (r *Records) several(sample []Row) error {
	for i := range r.table.columns {
		if r.table.columns[i].why != whySecond || r.besideAnother(i, sample) {
			continue
		}
		only := make([]Row, len(sample))
		for n, row := range sample {
			only[n] = row[i : i+1]
		}
		alone, err := r.decoder.NewTable(r.names[i:i+1], only, r.table.options)
		if err != nil {
			return err
		}
		r.table.columns[i] = alone.columns[0]
	}
	return nil
}

// besideAnother reports whether a record has a value of the same meaning in an earlier column.
func (r *Records) besideAnother(column int, sample []Row) bool {
	for _, row := range sample {
		if absent(row[column].Value) {
			continue
		}
		for i := range column {
			if r.table.columns[i].meaning == r.table.columns[column].meaning && r.table.columns[i].why == "" && !absent(row[i].Value) {
				return true
			}
		}
	}
	return false
}

// inOrder puts the members of a flat record in the order of the columns; of two of one name the first present one counts.
func (r *Records) inOrder(row Row) Row {
	cells := r.cells
	for i := range cells {
		cells[i] = Field{Name: r.names[i].Name}
	}
	for at, f := range row {
		i := at
		if i >= len(cells) || cells[i].Name != f.Name { // the usual order is that of the columns
			var ok bool
			if i, ok = r.byName[f.Name]; !ok {
				continue
			}
		}
		if absent(cells[i].Value) {
			cells[i].Value = f.Value
		} else if !absent(f.Value) && f.Value != cells[i].Value && r.table != nil && r.table.columns[i].meaning < stationID {
			r.decoder.ignored.add(f.Name, whySecond, f.Value)
		}
	}
	return cells
}

// Read makes readings of a record that Split returned. They are good until the next call. The error is a *meteo.Refusal.
func (r *Records) Read(row Row) ([]meteo.Observation, error) {
	if isOwn(row) {
		return r.decoder.passing(r.decoder.fromOwn(row, r.table.options.Defaults, false))
	}
	if r.isOther(row) {
		return r.decoder.FromRow(row, r.table.options.Defaults)
	}
	raw := row
	row = r.decoder.flatten(row)
	measures := false
	for _, f := range row {
		i, ok := r.byName[f.Name]
		if !ok {
			if err := r.learn(f); err != nil {
				return nil, err
			}
			i = r.byName[f.Name]
		}
		measures = measures || r.table.columns[i].meaning < stationID
	}
	if !measures {
		return nil, noVariable(raw)
	}
	return r.table.Read(r.inOrder(row))
}

// learn judges a member that no record of the sample had, by its first value alone.
func (r *Records) learn(f Field) error {
	if len(r.names) == maxMembers {
		return meteo.Refuse(meteo.UnknownShape, "the records of the file have more than %d different members", maxMembers)
	}
	heading := Heading{Name: f.Name}
	alone, err := r.decoder.NewTable([]Heading{heading}, []Row{{f}}, r.table.options)
	if err != nil {
		return err
	}
	r.byName[f.Name] = len(r.names)
	r.names = append(r.names, heading)
	r.cells = append(r.cells, Field{})
	r.table.columns = append(r.table.columns, alone.columns...)
	r.table.fields = append(r.table.fields, alone.fields...)
	return nil
}
