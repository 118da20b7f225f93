package xlsx

import (
	"senmeteo/jobs/shape"
)

// table is what the names of a table say.
type table struct {
	headings []shape.Heading // those of hidden columns last, so that of two with one meaning the visible one counts
	columns  []column        // by heading
	places   []int           // by column of the sheet: the index of its heading, from 1 up; 0: it has no name
	firstAt  int             // the column of the first time, in the sheet
}

// column is what is known about a column of a table.
type column struct {
	name   string
	unit   string // that the format of its numbers shows
	isTime bool
	kind   kind // of the last number with a format of dates or times
}

// has reports whether a text that a format shows is a unit of the column, and not a remark.
func (c *column) has(unit string) bool { return unit != "" && shape.Known(c.name+" ("+unit+")") }

func newTable(headings []shape.Heading, fixed []shape.Field, ranges []columnRange) table {
	t := table{places: make([]int, len(headings)), firstAt: -1}
	isHidden := func(i int) bool {
		for _, r := range ranges {
			if r.hidden && i >= r.first && i <= r.last {
				return true
			}
		}
		return false
	}
	for _, hidden := range [...]bool{false, true} {
		for i, h := range headings {
			if isHidden(i) != hidden {
				continue
			}
			c := column{name: h.Name, isTime: shape.IsTime(h.Name)}
			if c.isTime && t.firstAt < 0 {
				t.firstAt = i
			}
			t.headings = append(t.headings, h)
			t.columns = append(t.columns, c)
			t.places[i] = len(t.headings)
		}
	}
	for _, f := range fixed {
		t.headings = append(t.headings, shape.Heading{Name: f.Name})
	}
	return t
}

// place returns the index of the heading of a column of the sheet.
func (t *table) place(column int) (int, bool) {
	if column >= len(t.places) || t.places[column] == 0 {
		return 0, false
	}
	return t.places[column] - 1, true
}

// takeUnits notes the units that the formats of the first row's numbers show.
func (t *table) takeUnits(cells []cell, b *workbook) {
	for i := range cells {
		at, named := t.place(cells[i].column)
		if named && cells[i].text != "" && !cells[i].isText() {
			if unit := b.format(&cells[i]).unit; t.headings[at].Unit == "" && t.columns[at].has(unit) {
				t.columns[at].unit, t.headings[at].Unit = unit, unit
			}
		}
	}
}

// isBegin reports whether a row of text may have the names of a table: below the first time there is the name of one.
func (t *table) isBegin(names []string) bool {
	return t.firstAt >= 0 && t.firstAt < len(names) && shape.IsTime(names[t.firstAt])
}

// single returns the only text of a row.
func single(names []string) (text string, ok bool) {
	for _, name := range names {
		if name != "" && text != "" {
			return "", false
		}
		text += name
	}
	return text, text != ""
}

// columnName is the name of a column of a sheet, such as AB.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
