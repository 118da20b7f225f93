package shape

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"senmeteo/jobs/meteo"
)

// shortNames are names that mean a part of a time beside a year, and something else or nothing elsewhere. Capitals count: MM is the month
// where mm is the minute.
var shortNames = map[string]meaning{
	"MM": monthPart, "M": monthPart, "mm": minutePart, "mn": minutePart, "MN": minutePart, "min": minutePart, "MIN": minutePart, "Min": minutePart, "mi": minutePart,
	"DD": date, "dd": date, "D": date, "JJ": date, "jj": date, "J": date, "da": date, "DA": date, "dy": date, "DY": date,
	"HH": clock, "hh": clock, "H": clock, "h": clock, "hr": clock, "HR": clock, "Hr": clock, "YY": yearPart, "#YY": yearPart, "AA": yearPart, "yy": yearPart,
	"SS": secondPart, "ss": secondPart,
}

// settleNames settles the names of a table that have a meaning only beside the others: the short names of the parts of a date, and HR, which
// is the hour in English and the relative humidity in French. What the user has named stays.
func settleNames(headings []Heading, sample []Row, columns []tableColumn, options *Options) error {
	free := func(i int) bool { _, said := options.field(headings[i].Name); return !said }
	years := 0
	for i := range columns {
		if columns[i].meaning == yearPart || free(i) && shortNames[strings.TrimSpace(headings[i].Name)] == yearPart {
			columns[i].meaning = yearPart
			years++
		}
	}
	for i := range columns {
		m, ok := shortNames[strings.TrimSpace(headings[i].Name)]
		if years > 0 && ok && free(i) && !has(columns, m) {
			columns[i].column = column{meaning: m, convert: same}
		}
	}
	for i := range columns { // the date in Portuguese and Italian, and elsewhere anything
		if strings.EqualFold(strings.TrimSpace(headings[i].Name), "data") && free(i) && has(columns, clock) && !has(columns, date) && !has(columns, instant) && years == 0 {
			columns[i].column = column{meaning: date, convert: same}
		}
	}
	for i := range columns {
		if !isHR(headings[i].Name) || columns[i].meaning != meaning(meteo.Humidity) || !free(i) || headings[i].Unit != "" {
			continue
		}
		isHour, err := judgeHR(i, sample, columns)
		if err != nil {
			return err
		}
		if isHour {
			columns[i].column = column{meaning: clock, convert: same}
		}
	}
	return nil
}

// settleHeights leaves out the columns at another height than the one at which their field is measured, 10 m for the wind and 2 m for the others, where a
// column at that height is beside them.
func settleHeights(headings []Heading, columns []tableColumn, options *Options) {
	for i := range columns {
		m := columns[i].meaning
		right, other := "2m", "10m"
		switch m {
		case meaning(meteo.WindSpeed), meaning(meteo.WindGust), meaning(meteo.WindDirection), meaning(meteo.WindSpeedMean):
			right, other = other, right
		}
		if _, said := options.field(headings[i].Name); said || m >= stationID || !hasWord(headings[i].Name, other) {
			continue
		}
		for j := range columns {
			if columns[j].meaning == m && columns[j].why == "" && hasWord(headings[j].Name, right) {
				columns[i].why = whyHeight
			}
		}
	}
}

// hasWord reports whether a folded word is in a name.
func hasWord(name, word string) bool { return slices.Contains(strings.Fields(meteo.Fold(name)), word) }

func isHR(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "hr") }

func has(columns []tableColumn, m meaning) bool {
	for i := range columns {
		if columns[i].meaning == m {
			return true
		}
	}
	return false
}

// hasTime reports whether a column holds times or a part of them.
func hasTime(columns []tableColumn) bool {
	for i := range columns {
		if m := columns[i].meaning; isTimeOf(m) || m == yearPart {
			return true
		}
	}
	return false
}

// judgeHR reports whether a column of that name holds hours: beside dates without a time of day, all of it are hours, and another column is
// the humidity or one day has several of them. Hours of which nothing is sure are refused.
func judgeHR(at int, sample []Row, columns []tableColumn) (bool, error) {
	if has(columns, clock) || len(sample) == 0 {
		return false, nil
	}
	humidities := 0
	for i := range columns {
		if columns[i].meaning == meaning(meteo.Humidity) {
			humidities++
		}
	}
	seen := map[string]bool{}
	several, dated := false, false
	for _, row := range sample {
		var key strings.Builder
		for i := range min(len(row), len(columns)) {
			m := columns[i].meaning
			if m == instant || m == date {
				s, ok := (timeStyle{days: true}).read(row[i].Value)
				if ok && s.hasClock {
					return false, nil
				}
			}
			if m == date || m == instant || m == yearPart {
				dated = true
			}
			if m >= stationID && m != nothing && i != at {
				key.Write(appendValue(nil, row[i].Value))
			}
		}
		if at < len(row) && !absent(row[at].Value) {
			if c := (cell{value: row[at].Value}); !c.isHour() {
				return false, nil
			}
			several = several || seen[key.String()]
			seen[key.String()] = true
		}
	}
	switch {
	case !dated || len(seen) == 0:
		return false, nil
	case humidities > 1 || several:
		return true, nil
	}
	return false, hrIsOpen()
}

// isHour reports whether a value may be an hour of a day.
func (c *cell) isHour() bool {
	_, ok := c.small(24)
	return ok
}

func hrIsOpen() error {
	return meteo.Refuse(meteo.InvalidField, `"HR" may be the hour or the relative humidity: say --column HR=hour or --column HR=humidity_pct`)
}

// settleCells settles the names of a single record that have a meaning only beside its other members, and the unit of its visibility.
func (d *Decoder) settleCells(def Defaults) error {
	hr, clocked, dated, humidities, camel := -1, false, false, 0, def.Source == "tomorrow"
	for i := range d.cells {
		c := &d.cells[i]
		switch {
		case c.meaning == meaning(meteo.Humidity):
			humidities++
			if isHR(c.name) {
				hr = i
			}
		case c.meaning == clock:
			clocked = true
		case c.meaning == date || c.meaning == instant || c.meaning == yearPart:
			s, ok := c.stamp()
			clocked, dated = clocked || ok && s.hasClock, true
		}
		camel = camel || isCamel(c.name)
	}
	if hr >= 0 && dated && !clocked && d.cells[hr].isHour() {
		if humidities < 2 {
			return hrIsOpen()
		}
		d.cells[hr].column = column{meaning: clock, convert: same}
	}
	d.settleVisibility(camel)
	return nil
}

// isCamel reports whether a name is written as those of Tomorrow.io and of other producers of flat records.
func isCamel(name string) bool {
	return name != "" && unicode.IsLower(rune(name[0])) && strings.ContainsFunc(name, unicode.IsUpper) && understand(name).meaning < stationID
}

// farthest is the highest visibility that producers give in kilometres.
const farthest = 100

// settleVisibility settles the unit of a visibility whose name has none: metres when it is too much for kilometres; kilometres in records
// of producers that give them. Any other value is left out.
func (d *Decoder) settleVisibility(kilometres bool) {
	kept := d.cells[:0]
	for _, c := range d.cells {
		if c.meaning == meaning(meteo.Visibility) && !c.unit {
			x, ok := c.parseNumber()
			switch {
			case !ok || sentinel(x):
			case x > farthest:
			case kilometres || x != math.Trunc(x):
				c.convert = times(1000, 1)
			case x != 0:
				d.ignored.add(c.name, whyNoUnit, c.value)
				continue
			}
		}
		kept = append(kept, c)
	}
	d.cells = kept
}

// visibilityUnit settles the unit of a table's visibility whose heading has none, as settleVisibility does of a record's; why is the reason
// why it cannot be.
func visibilityUnit(cells []any, e evidence) (convert func(float64) float64, why string) {
	highest, nines, fractions := math.Inf(-1), math.Inf(-1), false
	for _, cell := range cells {
		x, ok := number(cell)
		switch {
		case !ok || x < 0:
		case x > farthest && repeats(x): // 9999 may stand for a missing value
			nines = max(nines, x)
		default:
			highest = max(highest, x)
			fractions = fractions || x != math.Trunc(x)
		}
	}
	if math.IsInf(highest, -1) {
		highest = nines
	}
	switch {
	case highest > farthest:
		return same, ""
	case e.camel || fractions && !e.american:
		return times(1000, 1), ""
	}
	return same, whyNoUnit
}
