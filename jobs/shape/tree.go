package shape

// Split takes an object that wraps an array of records apart: {"city":"Dakar","records":[{...}]} gives
// one row per element, with what the object itself says after what the element says. Any other row,
// the bodies of known APIs and senmeteo's own records among them, is returned as it is. Elements that are not objects
// are kept as rows that FromRow refuses.
func (d *Decoder) Split(row Row) []Row {
	if isOwn(row) {
		return []Row{row}
	}
	if _, ok := tomorrowSteps(row, Defaults{}); ok {
		return []Row{row}
	}
	if rows := d.unwrap(row, nil, 0); rows != nil {
		return rows
	}
	return []Row{row}
}

// unwrap returns nil for a row that wraps nothing.
func (d *Decoder) unwrap(row, said Row, depth int) []Row {
	if depth > 3 {
		return nil
	}
	rest := make(Row, 0, len(row)+len(said))
	for _, f := range row {
		if _, isRow := f.Value.(Row); !isRow && d.measures(f) {
			return nil // a record of its own
		} else if _, isArray := f.Value.([]any); !isArray {
			rest = append(rest, f)
		}
	}
	rest = append(rest, said...)
	var rows []Row
	for _, f := range row {
		switch value := f.Value.(type) {
		case []any:
			rows = append(rows, elements(value, rest)...)
		case Row:
			rows = append(rows, d.unwrap(value, rest, depth+1)...)
		}
	}
	return rows
}

// measures reports whether a field holds a value of a variable.
func (d *Decoder) measures(f Field) bool {
	_, isArray := f.Value.([]any)
	return !isArray && !absent(f.Value) && d.column(f.Name).meaning < stationID
}

// elements makes rows of an array that holds at least one object.
func elements(array []any, rest Row) []Row {
	var rows []Row
	objects := false
	for _, element := range array {
		row, ok := element.(Row)
		if !ok {
			rows = append(rows, Row{{Name: "element", Value: element}})
			continue
		}
		objects = true
		rows = append(rows, append(append(make(Row, 0, len(row)+len(rest)), row...), rest...))
	}
	if !objects {
		return nil
	}
	return rows
}
