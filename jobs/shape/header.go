package shape

import "strings"

// HeaderRows is how many rows at the start of a table are looked at for its names.
const HeaderRows = 40

// Header is what the first rows of a table say about it.
type Header struct {
	Headings []Heading
	Fixed    []Field // what the rows above the names say of every row: its place
	Rows     int     // how many rows come before the first of data
	Complete bool    // it has a time and something that is measured, or the columns of a table with one value a row
	known    int
}

// Better reports whether h says more about its table than other does, so that of two ways to cut a file into cells the better one can be chosen.
func (h *Header) Better(other *Header) bool {
	if h.Complete != other.Complete {
		return h.Complete
	}
	return h.known > other.known
}

// FindHeader finds the names of the columns in the first rows of a table, which may have titles, notes and the place above them, a second row of
// names (the groups of columns, as in "Wind" above "Speed"), and units below them. Rows without any text are left out by the caller. ok is false when no row
// has at least two names that say what they hold. Of the rows above the first record the one that says most counts; names further below begin another table.
func FindHeader(rows [][]string) (h Header, ok bool) {
	rows = rows[:min(len(rows), HeaderRows)]
	if h, ok = campbellHeader(rows); ok {
		return h, true
	}
	best, at := nameRow{}, -1
	for i, row := range rows {
		if best.complete() && best.isAbove(row) {
			break
		}
		if r := judgeNames(row, rows[i+1:]); r.better(&best) {
			best, at = r, i
		}
		for _, reach := range [...]bool{false, true} {
			if i == 0 {
				break
			}
			if joined, ok := joinNames(rows[i-1], row, reach); ok {
				if r := judgeNames(joined, rows[i+1:]); r.better(&best) {
					best, at = r, i
				}
			}
		}
	}
	if at < 0 {
		return h, false
	}
	h = Header{Headings: headingsOf(best.names), Rows: at + 1, Complete: best.complete(), known: best.known}
	h.statements(rows[:at])
	h.below(rows[at+1:])
	if at > 0 && h.unitsAbove(rows[at-1]) {
		h.setUnits(rows[at-1])
	}
	return h, true
}

// nameRow is a row that may hold the names of the columns.
type nameRow struct {
	names    []string
	known    int // names that say what they hold, and no earlier one does
	measured bool
	timed    bool
}

func (r *nameRow) complete() bool { return r.measured && r.timed }

// better compares rows of one table: one with a time and a measurement first, then by the number of names. The first of equal rows counts.
func (r *nameRow) better(other *nameRow) bool {
	if r.known < 2 || r.complete() != other.complete() {
		return r.known >= 2 && r.complete()
	}
	return r.known > other.known
}

// isAbove reports whether a row is a record below the names: a time in a column of times, and a value in one of measurements unless the time is in letters
// and figures. What is named below a record is not of it.
func (r *nameRow) isAbove(row []string) bool {
	timed, measured := false, false
	for i, name := range r.names {
		if i >= len(row) || row[i] == "" {
			continue
		}
		switch m := understandHeading(name).meaning; {
		case isTimeOf(m) || isTimePart(name) || name == "" && i == 0:
			if isTimeText(row[i]) {
				return true
			}
			timed = timed || isData(strings.TrimSpace(row[i]))
		case m < stationID || longRoleOf(name) == valueRole:
			measured = measured || beginsFigure(row[i])
		}
	}
	return timed && measured
}

// beginsFigure reports whether a cell begins with a figure, as numbers do, whatever unit comes after them.
func beginsFigure(cell string) bool {
	cell = strings.TrimLeft(cell, "+-\u2212 .,")
	return cell != "" && isDigit(cell[0])
}

// judgeNames looks at a row as names of columns. Numbers and times are not names.
func judgeNames(row []string, below [][]string) nameRow {
	r := nameRow{names: row}
	seen := map[meaning]bool{}
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			if i == 0 && len(below) > 0 && len(below[0]) > 0 && isTimeText(below[0][0]) {
				r.timed = true
			}
			continue
		}
		if isData(cell) {
			return nameRow{}
		}
		m := understandHeading(cell).meaning
		if m == nothing {
			continue
		}
		if !seen[m] || !once[m] {
			r.known++
		}
		seen[m] = true
		r.measured = r.measured || m < stationID
		r.timed = r.timed || isTimeOf(m) || isTimePart(cell)
	}
	if r.timed && isLong(row) {
		r.measured = true
		r.known += 2 // the element and its value
	}
	return r
}

// Heads reports whether a text may be the name of a column: it says what a column holds, or is for in a table with one value a row.
func Heads(name string) bool { return Known(name) || longRoleOf(name) != keyRole }

// isData reports whether a cell holds a value of a table rather than a name.
func isData(cell string) bool {
	if cell[0] > '9' || cell[0] < '+' { // names begin so; numbers and times begin with a digit or a sign
		return false
	}
	if _, ok := ParseNumber(cell); ok {
		return true
	}
	return isTimeText(cell)
}

// isTimeText reports whether a cell is a date or a time in letters and figures, and not a number.
func isTimeText(cell string) bool {
	if cell = strings.TrimSpace(cell); cell == "" || !isDigit(cell[0]) {
		return false
	}
	if _, isNumber := ParseNumber(cell); isNumber {
		return false
	}
	_, _, ok := ParseTime(cell)
	if !ok {
		_, _, ok = timeStyle{}.readClock(cell)
	}
	return ok
}

// isTimePart reports whether a name is that of a part of a date: year, month, day or hour.
func isTimePart(name string) bool {
	switch strings.Join(nameWords(name), "") {
	case "year", "annee", "month", "mois", "yyyy":
		return true
	}
	return false
}

// understandHeading understands the name of a column as tables have it: comments and numbers of sensors left out.
func understandHeading(name string) column { return understand(plainHeading(name)) }

// plainHeading is a name without the sign of a comment before it and the number of the sensor after it, as HOBO loggers have it.
func plainHeading(name string) string {
	name, _, _ = strings.Cut(name, "(LGR S/N")
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "# "))
}

func headingsOf(names []string) []Heading {
	headings := make([]Heading, len(names))
	for i, name := range names {
		headings[i].Name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "# "))
	}
	return headings
}

// joinNames puts the names of groups before those of the columns in them. A group is of one column, or reaches to the next one.
func joinNames(groups, names []string, reach bool) (joined []string, ok bool) {
	several, first, group := 0, 0, ""
	for i, name := range names {
		if !reach {
			group = ""
		}
		if i < len(groups) && strings.TrimSpace(groups[i]) != "" {
			if group = strings.TrimSpace(groups[i]); isData(group) {
				return nil, false
			}
			if several++; several == 1 {
				first = i
			}
		}
		joined = append(joined, joinName(group, strings.TrimSpace(name)))
	}
	return joined, several >= 2 || first > 0 // one text alone at the margin is a title
}

// joinName finds the order in which the name of a group and that of a column in it say what the column holds: Vent above Direction is the direction,
// Température (°C) above Max the highest; Sol above Température is not a temperature of the air.
func joinName(group, name string) string {
	if group == "" || name == "" {
		return group + name
	}
	bare, unit, _ := strings.Cut(group, "(")
	if unit != "" {
		unit = " (" + unit
	}
	orders := []string{group + " " + name, strings.TrimSpace(bare) + " " + name + unit, name + " " + group}
	if alone := understandHeading(name).meaning; alone != nothing && (isTimeOf(alone) || Known(group)) {
		orders = append(orders, name) // "Wind" above "Wind speed": the group adds nothing
	}
	for _, order := range orders {
		if understandHeading(order).meaning != nothing {
			return order
		}
	}
	return orders[0]
}

// below takes the rows below the names that are not data: their units, how they were formed, the names once more.
func (h *Header) below(rows [][]string) {
	for _, row := range rows {
		switch {
		case h.isUnits(row):
			h.setUnits(row)
		case isProcesses(row):
			for i := range h.Headings {
				if i < len(row) {
					h.Headings[i].Process = strings.TrimSpace(row[i])
				}
			}
		case isRule(row):
		default:
			if r := judgeNames(row, nil); r.known < 2 && !h.repeats(row) {
				return
			}
		}
		h.Rows++
	}
}

func (h *Header) setUnits(row []string) {
	for i := range h.Headings {
		if i < len(row) {
			h.Headings[i].Unit = strings.Trim(strings.TrimSpace(row[i]), "()[]")
		}
	}
}

// unitsAbove reports whether the row above the names holds their units: each cell above the name of a measurement is a unit of it.
func (h *Header) unitsAbove(row []string) bool {
	if !h.isUnits(row) {
		return false
	}
	for i, cell := range row {
		if cell = strings.Trim(strings.TrimSpace(cell), "()[]"); cell == "" || i >= len(h.Headings) {
			continue
		}
		if m := understandHeading(h.Headings[i].Name).meaning; dimensionOf(m) != noDimension && h.Headings[i].Unit == "" {
			if _, ok := converter(m, cell); !ok {
				return false
			}
		}
	}
	return true
}

// isUnits reports whether a row holds the units of the columns: no values, and at least one unit of what its column measures.
func (h *Header) isUnits(row []string) bool {
	found := false
	for i, cell := range row {
		cell = strings.Trim(strings.TrimSpace(cell), "()[]")
		if cell == "" {
			continue
		}
		if isData(cell) {
			return false
		}
		if i < len(h.Headings) {
			m := understandHeading(h.Headings[i].Name).meaning
			if d := dimensionOf(m); d != noDimension {
				_, ok := converter(m, cell)
				found = found || ok
			}
		}
	}
	return found
}

// repeats reports whether all cells of a row are names of what their columns hold, as in a second language.
func (h *Header) repeats(row []string) bool {
	found := false
	for i, cell := range row {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if i >= len(h.Headings) || isData(cell) {
			return false
		}
		m := understandHeading(cell).meaning
		if m == nothing || m != understandHeading(h.Headings[i].Name).meaning {
			return false
		}
		found = true
	}
	return found
}

// isProcesses reports whether a row says how the values of each column were formed, as loggers of Campbell have it.
func isProcesses(row []string) bool {
	found := false
	for _, cell := range row {
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "":
		case "avg", "aver", "average", "mean", "sum", "last", "time", "smp", "tot", "max", "min", "std", "wvc", "med", "mom", "cov", "tmx", "tmn", "smm", "rfh", "etsz", "hst":
			found = true
		default:
			return false
		}
	}
	return found
}

// isRule reports whether a row is a line that was drawn with signs.
func isRule(row []string) bool {
	return strings.Trim(strings.Join(row, ""), "-=_+* ") == ""
}

// IsIndex reports whether the first cells of rows are an index of them: whole numbers in steps of one, or, where they may be, times.
func IsIndex(rows [][]string, times bool) bool {
	numbers, before := true, 0.0
	for i, row := range rows {
		x, ok := ParseNumber(row[0])
		numbers = numbers && ok && (x == before+1 || i == 0 && x == 0)
		times = times && isTimeText(row[0])
		before = x
	}
	return numbers || times
}
