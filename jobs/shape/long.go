package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// Long is a table with one value a row, beside the name or the code of what it is, as ClimSoft and tidy tables of R have it.
type Long struct {
	headings []Heading
	options  *Options
	carried  []int // the columns that an observation has as they are: those that say whose and when it is, and those that are not understood
	keys     []int // those of carried in which the rows of one observation are alike
	// The columns of the others; -1: there is none.
	element, title, value, level, flag, unit, period int
	seconds                                          func(float64) float64 // of the numbers in period; nil: they have no unit
	spellings                                        map[string]string     // of units and of names, of which each is kept once
	Notes                                            *Collector            // takes what is not kept
}

// longRole is what a column of a table with one value a row is for.
type longRole int

const (
	keyRole longRole = iota
	elementRole
	titleRole // the name of an element that has a code
	valueRole
	levelRole
	flagRole
	unitRole
	periodRole
	asideRole // about the value, and not a part of it
)

// longRoleOf returns the role of a column by its name.
func longRoleOf(name string) longRole {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "describedby", "element", "elementid", "element_id", "element_code", "elementcode", "parameter", "variable",
		"parametre", "paramètre", "élément", "grandeur", "code_parametre", "code_paramètre":
		return elementRole
	case "elementname", "element_name", "parameter_name", "parametername", "variable_name", "variablename", "nom_parametre", "nom_paramètre":
		return titleRole
	case "obsvalue", "obs_value", "value", "data_value", "valeur":
		return valueRole
	case "obslevel", "level", "obs_level":
		return levelRole
	case "flag":
		return flagRole
	case "unit", "units", "unite", "unité", "unités", "uom":
		return unitRole
	case "period", "période", "periode":
		return periodRole
	case "qcstatus", "acquisitiontype", "mark", "capturedby", "dataform", "qctypelog":
		return asideRole
	}
	return keyRole
}

// isLong reports whether the names of columns are those of a table with one value a row.
func isLong(names []string) bool {
	element, value := false, false
	for _, name := range names {
		role := longRoleOf(name)
		element, value = element || role == elementRole, value || role == valueRole
	}
	return element && value
}

// NewLong returns the roles of the columns of a table, where it is one with one value a row. Of several columns with one role the first counts.
func NewLong(headings []Heading, options *Options) (*Long, bool) {
	l := &Long{
		headings: headings, options: options, spellings: map[string]string{},
		element: -1, title: -1, value: -1, level: -1, flag: -1, unit: -1, period: -1,
	}
	columns := l.settled()
	timed := hasTime(columns)
	places := map[longRole]*int{
		elementRole: &l.element, titleRole: &l.title, valueRole: &l.value, levelRole: &l.level, flagRole: &l.flag, unitRole: &l.unit, periodRole: &l.period,
	}
	for i, h := range headings {
		role := longRoleOf(h.Name)
		if _, said := options.field(h.Name); said {
			role = keyRole
		}
		if role == keyRole && columns[i].meaning == interval && l.period < 0 {
			role, l.seconds = periodRole, columns[i].convert
		}
		if at := places[role]; at != nil && *at < 0 {
			*at = i
			continue
		}
		if role == asideRole {
			continue
		}
		l.carried = append(l.carried, i)
		if columns[i].isKey(h.Name, timed) {
			l.keys = append(l.keys, i)
		}
	}
	return l, l.element >= 0 && l.value >= 0
}

// settled returns what the columns mean by their names, each beside the others, and by what the user says.
func (l *Long) settled() []tableColumn {
	columns := make([]tableColumn, len(l.headings))
	for i, h := range l.headings {
		columns[i].column = named(h, l.options)
	}
	_ = settleNames(l.headings, nil, columns, l.options) // nothing is refused without a sample
	return columns
}

// isKey reports whether a column says whose or when a value is, so that rows which differ in it are of different observations. One without a
// name may be an index of times where no other column holds these, and HR may be the hour.
func (c *tableColumn) isKey(name string, timed bool) bool {
	switch m := c.meaning; {
	case name == "":
		return !timed
	case m == nothing, m == notKept, m == fetchedAt, m == interval:
		return false
	}
	return c.meaning >= stationID || isHR(name)
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

// Begin returns the first fields of an observation, without its values; Headings has theirs. The last field is its interval, which is open.
func (l *Long) Begin(row Row) Row {
	var out Row
	for _, i := range l.carried {
		field := Field{Name: l.headings[i].Name}
		if i < len(row) {
			field.Value = cloned(row[i].Value)
		}
		out = append(out, field)
	}
	return append(out, Field{Name: "interval_s"})
}

// cloned returns a value that is good after the next row is read.
func cloned(value any) any {
	if s, ok := value.(string); ok {
		return strings.Clone(s)
	}
	return value
}

// Headings returns those of observations that have the given elements, whose names and units these are.
func (l *Long) Headings(elements []Heading) []Heading {
	var out []Heading
	for _, i := range l.carried {
		out = append(out, l.headings[i])
	}
	return append(append(out, Heading{Name: "interval_s"}), elements...)
}

// ErrLate is the refusal of a row whose observation was already given.
func ErrLate() *meteo.Refusal {
	return meteo.Refuse(meteo.UnknownShape, "its observation was given before, because the rows of one observation are far apart: sort the file by station and time")
}
