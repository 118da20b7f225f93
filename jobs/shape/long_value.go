package shape

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"senmeteo/jobs/meteo"
)

// LongValue is what a row of a table with one value a row holds.
type LongValue struct {
	Name  string // of the element; a code is called "element" and the code, so that --column can name its field
	Value any
	Unit  string // that its row states; "": none
	Over  int64  // seconds that the value covers; 0: it is momentary, or its row does not state them
	is    meaning
}

// SameUnit reports whether two values state the same unit.
func (v *LongValue) SameUnit(unit string) bool {
	return v.Unit == unit || unitWord(v.Unit) == unitWord(unit)
}

// climsoftDaily are the codes of the elements that are of the 24 hours before.
var climsoftDaily = map[string]bool{"2": true, "3": true, "4": true, "5": true}

// Value returns what a row holds; ok is false when it has no value that counts. What is left out for another reason than that it is absent is noted.
func (l *Long) Value(row Row) (v LongValue, ok bool) {
	value := at(row, l.value)
	code, _ := text(at(row, l.element))
	if code == "" {
		if value != nil {
			l.Notes.add(l.headings[l.value].Name, whyNameless, value)
		}
		return v, false
	}
	v.Name, v.is = l.named(code, row)
	if level, _ := text(at(row, l.level)); level != "" && !strings.EqualFold(level, "surface") && level != "0" {
		l.Notes.add(v.Name, whyLevel, level)
		return v, false
	}
	if l.flag >= 0 && l.flag < len(row) { // "M" is also a word for missing values
		switch flag, _ := text(row[l.flag].Value); strings.ToUpper(flag) {
		case "M":
			return v, false
		case "T":
			value = "T"
		}
	}
	if value == nil {
		return v, false
	}
	if !l.over(row, &v, climsoftDaily[code]) {
		return v, false
	}
	v.Value, v.Unit = cloned(value), l.unitOf(row, v.is)
	return v, true
}

// named returns the name of an element, and what it means. One whose code says nothing has the name beside it, if that says something.
func (l *Long) named(code string, row Row) (name string, m meaning) {
	if name = code; isDigits(code) {
		name = "element " + code
		if field, ok := climsoftElements[code]; ok {
			code = field
		}
	}
	if _, said := l.options.field(name); !said {
		if m = understand(code).meaning; m != nothing {
			return l.once(name), m
		}
		if title, _ := text(at(row, l.title)); Measures(title) {
			name = title
		}
	}
	return l.once(name), named(Heading{Name: name}, l.options).meaning
}

// mostSpellings bounds the texts of which each is kept once.
const mostSpellings = 4096

// once returns a text that is good after the next row is read, and that takes memory once.
func (l *Long) once(s string) string {
	if kept, ok := l.spellings[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	if len(l.spellings) < mostSpellings {
		l.spellings[s] = s
	}
	return s
}

// unitOf returns the unit that a row states. Where the user says one, that counts.
func (l *Long) unitOf(row Row, m meaning) string {
	unit, _ := text(at(row, l.unit))
	if _, said := l.options.unit(m); said || unitWord(unit) == "" {
		return ""
	}
	return l.once(unit)
}

// hour is the longest period, in seconds, of a value that counts as momentary: stations give means of minutes, and of the last hour.
const hour = 3600

// over settles the seconds that the value of a row covers; ok is false when it can't be kept. Elements of ClimSoft that are of a day have it as
// their period. What has the name of a momentary value and is over more than an hour is its mean, as in rows of days. A period that is not
// understood is noted, and a value over it is left out.
func (l *Long) over(row Row, v *LongValue, daily bool) (ok bool) {
	stated := at(row, l.period)
	isOver := v.is >= stationID || meteo.Variable(v.is).Over()
	seconds := int64(0)
	if isOver && daily {
		v.Over = daySeconds
	}
	switch x, isNumber := number(stated); {
	case stated == nil, l.seconds == nil && isNumber && (x == 0 || x == 1): // one period of the element
		return true
	case l.seconds != nil && isNumber:
		seconds = int64(l.seconds(min(x, maxInteger)))
	case !isNumber:
		word, _ := text(stated)
		seconds = periodOf(word)
	}
	mean, hasMean := meanOf[meteo.Variable(v.is)]
	switch {
	case seconds > 0 && isOver:
		v.Over = seconds
		return true
	case seconds > 0 && seconds <= hour:
		return true
	case seconds > 0 && hasMean:
		v.Name, v.is, v.Over = meteo.Variables[mean].English, meaning(mean), seconds
		return true
	}
	l.Notes.add(l.headings[l.period].Name, whyPeriod, stated)
	return seconds <= 0 && !isOver
}

// periodWords are the words for the period of a value, in seconds.
var periodWords = map[string]int64{
	"d": daySeconds, "j": daySeconds, "hour": 3600, "hourly": 3600, "heure": 3600, "horaire": 3600, "day": daySeconds, "daily": daySeconds, "jour": daySeconds, "journalier": daySeconds,
	"journaliere": daySeconds, "quotidien": daySeconds, "quotidienne": daySeconds,
}

// isoPeriod is a duration of ISO 8601 without years and months, and countedPeriod one such as "24 h".
var (
	isoPeriod     = regexp.MustCompile(`^P(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})S)?)?$`)
	countedPeriod = regexp.MustCompile(`^([0-9]{1,8})([a-z]+)$`)
)

// periodOf reads the period of a value, in seconds: PT1H, P1D, "24 h", "10 min", hourly, daily; 0: it is not understood.
func periodOf(word string) int64 {
	if parts := isoPeriod.FindStringSubmatch(strings.ToUpper(word)); parts != nil {
		seconds := int64(0)
		for i, unit := range [...]int64{daySeconds, 3600, 60, 1} {
			n, _ := strconv.ParseInt("0"+parts[i+1], 10, 64)
			seconds += n * unit
		}
		return seconds
	}
	folded := unitWord(word)
	parts := countedPeriod.FindStringSubmatch(folded)
	if parts == nil {
		return periodWords[folded]
	}
	n, _ := strconv.ParseInt(parts[1], 10, 64)
	if convert, ok := units[duration][parts[2]]; ok {
		return int64(convert(float64(n)))
	}
	return n * periodWords[strings.TrimSuffix(parts[2], "s")]
}

// InCell returns a value with its unit, for an element whose rows state several; ok is false, and the value noted, when the unit is not known.
func (l *Long) InCell(v *LongValue) (value any, ok bool) {
	if v.Unit == "" {
		return v.Value, true
	}
	if _, known := converter(v.is, v.Unit); v.is < stationID && !known {
		l.Notes.add(v.Name, fmt.Sprintf(whyUnit, v.Unit), v.Value)
		return nil, false
	}
	s, _ := text(v.Value)
	if _, isNumber := number(v.Value); !isNumber {
		return s, true // a word such as calm
	}
	return s + " " + v.Unit, true
}

// Twice notes a second value of an observation.
func (l *Long) Twice(v *LongValue) { l.Notes.add(v.Name, whyTwice, v.Value) }

// Unexpected notes a value of an element that the rows of the beginning do not have, or have in another unit.
func (l *Long) Unexpected(v *LongValue) { l.Notes.add(v.Name, whyLate, v.Value) }

// OverAnother notes a value that covers another interval than the observation's value before it.
func (l *Long) OverAnother(v *LongValue) { l.Notes.add(v.Name, whyOverAnother, v.Value) }

// The reasons why values of such tables are not kept.
const (
	whyNameless    = "its row does not name what it is"
	whyLevel       = "it is not of the surface"
	whyTwice       = "the observation has another value of it before"
	whyLate        = "no row of the beginning has this element in this unit: sort the file by station and time"
	whyPeriod      = "the period of the value is not understood, or it is too long for a momentary one: write it as PT1H, 24 h or daily"
	whyOverAnother = "the observation has a value over another interval before: give it a file of its own"
)
