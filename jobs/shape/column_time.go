package shape

import (
	"cmp"
	"math"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// timeStyle is how the times of a column are read.
type timeStyle struct {
	order  DateOrder      // of dates that do not begin with the year; OrderUnknown: the day is first
	zone   *time.Location // of times that name none: what the heading states, else what the user says; nil: UTC
	clock  clockForm      // of numbers that are times of day
	days   bool           // midnight, in a typed cell, is the day as a whole
	exact  bool           // other cells have a time of day: a date alone is the moment at which it begins
	epoch  bool           // numbers are seconds, or fractions of them, since 1970
	serial bool           // texts are day numbers of a spreadsheet
}

// judgeTimes settles how the times of a column are read: what the user says; what the heading states; a date of the column that can be read
// in one way only; the language and the signs of the table. A column that stays ambiguous is refused.
func judgeTimes(h Heading, c *column, cells []any, e evidence, options *Options) (timeStyle, error) {
	if options.Zone != nil {
		c.times.zone = nil // what the user says wins over the heading
	}
	style := c.times
	if style.zone == nil || style.zone == sharedZone && h.Zone != nil {
		style.zone = cmp.Or(options.Zone, h.Zone)
	}
	if style.zone == sharedZone {
		return style, meteo.Refuse(meteo.InvalidTime, "the column %.40q names its zone by letters that several zones share: say which with --timezone", h.Name)
	}
	if style.zone == solarZone && (c.meaning == clock || style.anyClock(cells)) {
		return style, meteo.Refuse(meteo.InvalidTime, "the file states that its times are in local solar time (LST): download it in UTC, or say which zone to take them for with --timezone")
	}
	if options.DateOrder != OrderUnknown {
		style.order = options.DateOrder
	}
	style.days = c.meaning != clock && allDays(cells)
	style.serial = !style.epoch && c.meaning != clock && allSerials(cells)
	if c.meaning == clock && e.dates {
		form, err := judgeClock(h, cells)
		if style.clock = form; err != nil {
			return style, err
		}
	}
	if style.order != OrderUnknown {
		return style, nil
	}
	order, err := judgeOrder(h, cells, e)
	style.order = order
	return style, err
}

// allSerials reports whether the cells of a column are all day numbers of spreadsheets, as text.
func allSerials(cells []any) bool {
	for _, cell := range cells {
		s, isText := cell.(string)
		if x, ok := ParseNumber(s); !isText || !ok || x < firstDayNumber || x >= lastDayNumber+1 {
			return false
		}
	}
	return len(cells) > 0
}

// dateFigures is what the dates of a column show about their order, each by an example.
type dateFigures struct {
	dayFirst, monthFirst, yearFirst string // can be read in this way only
	open                            string // can be read in two ways
	french                          bool
	firsts, thirds                  map[int]bool // the figures of dates with a year of two digits
	all                             []written    // those that are open
}

func (f *dateFigures) note(s string) {
	w, ok := scanTime(s)
	if !ok {
		return
	}
	f.french = f.french || w.dayFirst
	if w.form != open {
		return
	}
	f.all = append(f.all, w)
	first, second, third := w.figures[0], w.figures[1], w.figures[2]
	if w.short {
		f.firsts[first], f.thirds[third] = true, true
	}
	switch {
	case first > 31 && w.short:
		f.yearFirst = s
	case first > 12 && second > 12:
	case first > 12:
		f.dayFirst = s
	case second > 12:
		f.monthFirst = s
	case first != second:
		f.open = s
	}
}

// shortYearFirst reports whether the years of two digits are in front: the first figure stays while the last runs.
func (f *dateFigures) shortYearFirst() bool { return len(f.firsts) == 1 && len(f.thirds) > 1 }

// runs reports whether the dates in an order follow each other, up or down, by a day or less over three days or more, or over midnight by three hours or less.
func (f *dateFigures) runs(order DateOrder) bool {
	days, overMidnight, direction := 1, false, time.Duration(0)
	var last time.Time
	for i, w := range f.all {
		s, ok := (timeStyle{order: order}).settle(w)
		if !ok {
			return false
		}
		step := s.t.Sub(last)
		if i > 0 && step != 0 {
			if direction == 0 {
				direction = step / step.Abs()
			}
			if step*direction < 0 || step.Abs() > 24*time.Hour {
				return false
			}
			if s.t.YearDay() != last.YearDay() {
				days++
				overMidnight = overMidnight || w.hasClock && step.Abs() <= 3*time.Hour
			}
		}
		last = s.t
	}
	return days > 2 || overMidnight
}

// judgeOrder settles the order of the figures of a column's dates.
func judgeOrder(h Heading, cells []any, e evidence) (DateOrder, error) {
	f := dateFigures{firsts: map[int]bool{}, thirds: map[int]bool{}}
	for _, cell := range cells {
		if s, ok := cell.(string); ok {
			f.note(s)
		}
	}
	switch {
	case f.yearFirst != "" || f.monthFirst == "" && f.shortYearFirst():
		return ShortYearFirst, nil
	case f.dayFirst != "" && f.monthFirst != "":
		return OrderUnknown, meteo.Refuse(meteo.InvalidTime, "the column %.40q has dates with the day first (%s) and with the month first (%s): correct it, or say which with --date-order", h.Name, quote(f.dayFirst), quote(f.monthFirst))
	case f.monthFirst != "":
		return MonthFirst, nil
	case f.dayFirst != "" || f.open == "" || f.french || e.french || e.decimalComma:
		return DayFirst, nil
	case e.american:
		return MonthFirst, nil
	case f.runs(DayFirst) && !f.runs(MonthFirst):
		return DayFirst, nil
	case f.runs(MonthFirst) && !f.runs(DayFirst):
		return MonthFirst, nil
	}
	return OrderUnknown, meteo.Refuse(meteo.InvalidTime, "the column %.40q has dates such as %s, in which the day or the month may be first: say --date-order dmy or --date-order mdy", h.Name, quote(f.open))
}

// anyClock reports whether a cell of a column has a time of day.
func (style timeStyle) anyClock(cells []any) bool {
	for _, cell := range cells {
		if s, ok := style.read(cell); ok && s.hasClock {
			return true
		}
	}
	return false
}

// allDays reports whether the typed cells of a column are all at midnight.
func allDays(cells []any) bool {
	found := false
	for _, cell := range cells {
		if t, ok := cell.(time.Time); ok {
			if found = true; !isMidnight(t) {
				return false
			}
		}
	}
	return found
}

// judgeClock settles what the numbers of a column of times of day are: hours, hours and minutes, or fractions of a day.
func judgeClock(h Heading, cells []any) (clockForm, error) {
	found, highest, longest := false, 0.0, 0
	fractions, quarters, digits := false, true, true
	if allDotted(cells) {
		return clockDotted, nil
	}
	hours, afterMidnight := false, false // 1 to 24, which may be hours or minutes; 25 to 59
	for _, cell := range cells {
		x, ok := number(cell)
		if !ok {
			continue
		}
		if s, isText := cell.(string); isText && isDigits(strings.TrimSpace(s)) {
			longest = max(longest, len(strings.TrimSpace(s)))
		}
		hours = hours || x >= 1 && x <= 24
		afterMidnight = afterMidnight || x > 24 && x < 60
		found = true
		highest = max(highest, x)
		fractions = fractions || x != math.Trunc(x)
		quarters = quarters && x*4 == math.Trunc(x*4)
		_, isHHMM := hhmmss(x * 100)
		digits = digits && isHHMM
	}
	switch {
	case !found:
		return clockFree, nil
	case fractions && highest <= 1:
		return clockFraction, nil
	case fractions && quarters && highest <= 24:
		return clockDecimal, nil
	case fractions:
	case highest <= 24 && longest < 3:
		return clockHours, nil
	case highest <= 2400 && digits && hours && !afterMidnight && longest < 4: // 12 and 930: each by itself
		return clockFree, nil
	case highest <= 2400 && digits:
		return clockHHMM, nil
	case highest > 2400 && highest <= 240000:
		return clockHHMMSS, nil
	case highest > 2400: // day numbers or seconds with the time of day
		return clockFree, nil
	}
	return clockFree, meteo.Refuse(meteo.InvalidTime, "the numbers of the column %.40q, such as %g, are not hours and not hours with minutes: write them as 12:30", h.Name, highest)
}

// allDotted reports whether times of day have a point or a comma before their minutes: two figures each, of which one at least is not a quarter of a hundred.
func allDotted(cells []any) bool {
	minutes := false
	for _, cell := range cells {
		s, _ := cell.(string)
		hour, minute, ok := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), ".")
		if !ok || !isDigits(hour) || !isDigits(minute) || len(hour) > 2 || len(minute) != 2 || minute >= "60" {
			return false
		}
		minutes = minutes || minute != "00" && minute != "25" && minute != "50"
	}
	return minutes
}
