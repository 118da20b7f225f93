package shape

import (
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// Long is a table with one value a row, beside the name or the code of what it is, as ClimSoft and tidy tables of R have it.
type Long struct {
	keys                        []int // the columns that say whose and when a value is, and those that are not understood
	element, value, level, flag int   // -1: there is none
	headings                    []Heading
	Notes                       *Collector // takes what is not kept
}

// climsoftDaily are the codes of the elements that are of the 24 hours before.
var climsoftDaily = map[string]bool{"2": true, "3": true, "4": true, "5": true}

// longRole is what a column of a table with one value a row is for.
type longRole int

const (
	keyRole longRole = iota
	elementRole
	valueRole
	levelRole
	flagRole
	asideRole // about the value, and not a part of it
)

// longRoleOf returns the role of a column by its name.
func longRoleOf(name string) longRole {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "describedby", "element", "elementid", "element_id", "element_code", "elementcode", "parameter", "variable":
		return elementRole
	case "obsvalue", "obs_value", "value", "data_value", "valeur":
		return valueRole
	case "obslevel", "level", "obs_level":
		return levelRole
	case "flag":
		return flagRole
	case "period", "qcstatus", "acquisitiontype", "mark", "capturedby", "dataform", "qctypelog", "datasourcetimezone", "elementname", "element_name", "units", "unit":
		return asideRole
	}
	return keyRole
}

// isLong reports whether the names of columns are those of a table with one value a row.
func isLong(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return longRoleOf(name) == elementRole }) &&
		slices.ContainsFunc(names, func(name string) bool { return longRoleOf(name) == valueRole })
}

// NewLong returns the roles of the columns of a table, where it is one with one value a row.
func NewLong(headings []Heading) (*Long, bool) {
	l := &Long{element: -1, value: -1, level: -1, flag: -1, headings: headings}
	for i, h := range headings {
		switch longRoleOf(h.Name) {
		case elementRole:
			l.element = i
		case valueRole:
			l.value = i
		case levelRole:
			l.level = i
		case flagRole:
			l.flag = i
		case keyRole:
			l.keys = append(l.keys, i)
		}
	}
	return l, l.element >= 0 && l.value >= 0
}

// Key returns what the rows of one observation have in common.
func (l *Long) Key(row Row) string {
	var key []byte
	for _, i := range l.keys {
		if i < len(row) {
			key = append(appendValue(key, row[i].Value), '|')
		}
	}
	return string(key)
}

// Begin returns the first fields of an observation, without its values; Headings has theirs.
func (l *Long) Begin(row Row) Row {
	var out Row
	for _, i := range l.keys {
		field := Field{Name: l.headings[i].Name}
		if i < len(row) {
			if field.Value = row[i].Value; field.Value != nil {
				if s, ok := field.Value.(string); ok {
					field.Value = strings.Clone(s)
				}
			}
		}
		out = append(out, field)
	}
	return append(out, Field{Name: "interval_s"})
}

// Headings returns those of observations that have the given elements.
func (l *Long) Headings(elements []string) []Heading {
	var out []Heading
	for _, i := range l.keys {
		out = append(out, l.headings[i])
	}
	out = append(out, Heading{Name: "interval_s"})
	for _, e := range elements {
		out = append(out, Heading{Name: e})
	}
	return out
}

// Value returns the name of the field that a row has a value of, and the value; ok is false when it has none that counts. A code is called by
// "element" and the code, so that --column can name its field. daily reports that the value is of 24 hours.
func (l *Long) Value(row Row) (name string, value any, daily, ok bool) {
	code, _ := text(at(row, l.element))
	daily = climsoftDaily[code]
	if name = code; isDigits(code) {
		name = "element " + code
	}
	value = at(row, l.value)
	if level, _ := text(at(row, l.level)); level != "" && !strings.EqualFold(level, "surface") && level != "0" {
		l.Notes.add(name, whyLevel, level)
		return name, nil, daily, false
	}
	switch flag, _ := text(at(row, l.flag)); strings.ToUpper(flag) {
	case "M":
		return name, nil, daily, false
	case "T":
		value = "T"
	}
	if s, isText := value.(string); isText {
		value = strings.Clone(s)
	}
	return name, value, daily, value != nil && code != ""
}

// Twice notes a second value of an observation.
func (l *Long) Twice(name string, value any) { l.Notes.add(name, whyTwice, value) }

// Unexpected notes a value of an element that the rows of the beginning do not have.
func (l *Long) Unexpected(name string, value any) { l.Notes.add(name, whyLate, value) }

// ErrLate is the refusal of a row whose observation was already given.
func ErrLate() *meteo.Refusal {
	return meteo.Refuse(meteo.UnknownShape, "its observation was given before, because the rows of one observation are far apart: sort the file by station and time")
}

// The reasons why values of such tables are not kept.
const (
	whyLevel = "it is not of the surface"
	whyTwice = "the observation has another value of it before"
	whyLate  = "no row of the beginning has this element: sort the file by station and time"
)
