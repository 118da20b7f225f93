package shape

import (
	"sort"
	"strconv"
)

// columnar returns the records of an object that holds a table by its columns: arrays of one length, of which one has the time
// ({"time":[...],"temperature":[...]}), the same with objects whose keys are the numbers of the rows, or the names of the columns beside the
// rows ({"columns":[...],"data":[[...]]}).
func columnar(row Row) ([]Row, bool) {
	if rows, ok := columnsAndData(row); ok {
		return rows, true
	}
	n, timed, measured := 0, false, false
	var columns Row
	for _, f := range row {
		array, ok := series(f.Value)
		m := understand(f.Name).meaning
		if !ok || len(array) == 0 || m == nothing && n != 0 && len(array) != n {
			continue
		}
		switch {
		case m == instant, m == date, m == clock:
			timed = true
		case m < stationID:
			measured = true
		}
		if n != 0 && len(array) != n {
			return nil, false
		}
		n = len(array)
		columns = append(columns, Field{Name: f.Name, Value: array})
	}
	if n == 0 || !timed || !measured {
		return nil, false
	}
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = make(Row, len(columns))
		for c, f := range columns {
			rows[i][c] = Field{Name: f.Name, Value: f.Value.([]any)[i]}
		}
	}
	return rows, true
}

// series returns an array of plain values, or the values of an object whose keys are numbers in their order.
func series(value any) ([]any, bool) {
	switch value := value.(type) {
	case []any:
		return value, scalars(value)
	case Row:
		type numbered struct {
			number int
			value  any
		}
		cells := make([]numbered, 0, len(value))
		for _, f := range value {
			n, err := strconv.Atoi(f.Name)
			if err != nil {
				return nil, false
			}
			cells = append(cells, numbered{n, f.Value})
		}
		sort.SliceStable(cells, func(a, b int) bool { return cells[a].number < cells[b].number })
		array := make([]any, len(cells))
		for i := range cells {
			if cells[i].number != i {
				return nil, false
			}
			array[i] = cells[i].value
		}
		return array, scalars(array)
	}
	return nil, false
}

// scalars reports whether an array holds neither objects nor arrays.
func scalars(array []any) bool {
	for _, element := range array {
		switch element.(type) {
		case Row, []any:
			return false
		}
	}
	return true
}

// columnsAndData returns the rows of {"columns":[...],"data":[[...]]}, or with "values", as InfluxDB has them, or "rows" in place of "data".
func columnsAndData(row Row) ([]Row, bool) {
	names, _ := row.get("columns").([]any)
	var data []any
	for _, name := range [...]string{"data", "values", "rows"} {
		if data == nil {
			data, _ = row.get(name).([]any)
		}
	}
	if len(names) == 0 || len(data) == 0 {
		return nil, false
	}
	units, _ := row.get("units").([]any)
	rows := make([]Row, 0, len(data))
	for _, element := range data {
		cells, ok := element.([]any)
		if !ok || len(cells) != len(names) {
			return nil, false
		}
		r := make(Row, 0, len(cells))
		for i, cell := range cells {
			name, ok := names[i].(string)
			if !ok {
				return nil, false
			}
			if len(units) == len(names) {
				unit, _ := units[i].(string)
				name = withUnit(name, unit)
			}
			r = append(r, Field{Name: name, Value: cell})
		}
		rows = append(rows, r)
	}
	return rows, true
}
