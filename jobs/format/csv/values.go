package csv

import "strings"

// values makes values of cells. It keeps those that came last in each column, because most cells recur: these take no memory of their own.
type values [][64]any

// What is kept: cells of at most so many bytes, of the first so many columns.
const (
	maxKept        = 32
	maxKeptColumns = 256
)

func newValues(columns int) values { return make(values, min(columns, maxKeptColumns)) }

// of returns a cell of a column as a value.
func (v values) of(column int, cell string) any {
	if column >= len(v) || len(cell) > maxKept {
		return cell
	}
	hash := uint32(len(cell))
	for i := range len(cell) {
		hash = hash*31 + uint32(cell[i])
	}
	kept := &v[column][hash%uint32(len(v[column]))]
	if s, ok := (*kept).(string); !ok || s != cell {
		*kept = strings.Clone(cell) // a part of its line would keep the line
	}
	return *kept
}
