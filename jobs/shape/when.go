package shape

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads an instant as a file or producer gives it: a time.Time, text in one of the forms of RFC 3339, ISO 8601 and SQL, with
// figures whose day is first ("02/01/2006 15:04", the order of French) or with the name of the month, digits alone (YYYYMMDD, with hh, hhmm
// or hhmmss), a number of seconds, milliseconds, microseconds or nanoseconds since 1970, or a day number of a spreadsheet (see ExcelTime).
// Without a zone it is UTC. It is cut to the microsecond. dayOnly reports that the value names a day alone.
func ParseTime(value any) (t time.Time, dayOnly, ok bool) { return timeStyle{}.parse(value, nil) }

// stamp is what one value says of a time.
type stamp struct {
	t         time.Time // an instant, or the time on the wall as if that were in UTC
	isInstant bool
	hasClock  bool // it says more than the day
}

// at returns the instant of a stamp; zone is that of a time that names none.
func (s stamp) at(zone *time.Location) time.Time {
	if s.isInstant || zone == nil {
		return s.t
	}
	year, month, day := s.t.Date()
	hour, minute, second := s.t.Clock()
	return time.Date(year, month, day, hour, minute, second, s.t.Nanosecond(), zone)
}

// NoZone is the location of a time.Time that a file gives without a zone, such as a workbook's. It is UTC unless the user names a zone.
var NoZone = time.FixedZone("", 0)

// parse reads an instant as ParseTime does, in the style of its column.
func (style timeStyle) parse(value any, zone *time.Location) (t time.Time, dayOnly, ok bool) {
	s, ok := style.read(value)
	if !ok {
		return time.Time{}, false, false
	}
	if t = s.at(zone); t.IsZero() || !inCalendar(t) {
		return time.Time{}, false, false
	}
	return meteoTime(t), !s.hasClock, true
}

// read reads what a value says of a time.
func (style timeStyle) read(value any) (stamp, bool) {
	switch value := value.(type) {
	case time.Time:
		if value.Location() != NoZone {
			return stamp{value, true, true}, true
		}
		s := stamp{t: value, hasClock: !style.days || !isMidnight(value)}
		s.t = s.at(time.UTC)
		return s, true
	case float64:
		return style.readNumber(value)
	case string:
		return style.readText(strings.TrimSpace(value))
	}
	return stamp{}, false
}

func isMidnight(t time.Time) bool {
	hour, minute, second := t.Clock()
	return hour == 0 && minute == 0 && second == 0 && t.Nanosecond() == 0
}

func (style timeStyle) readText(s string) (stamp, bool) {
	if style.serial {
		return readSerial(s)
	}
	if len(s) < 6 || len(s) > maxTimeText {
		return stamp{}, false
	}
	var t time.Time
	if len(s) >= len("2006-01-02T15:04:05Z") && s[4] == '-' && s[10] == 'T' {
		if err := t.UnmarshalText([]byte(s)); err == nil { // RFC 3339, the usual case
			return stamp{t, true, true}, true
		}
	}
	if w, ok := scanTime(s); ok {
		return style.settle(w)
	}
	if x, ok := ParseNumber(s); ok && (len(s) > 6 || !isDigits(s)) && !isRounded(s) { // 260801 may be of any order
		return style.readNumber(x)
	}
	return readNetDate(s)
}

// isRounded reports whether a number lost the figures of its time when a spreadsheet wrote it: 1.78559E+12. Programs write all figures that a
// number has, 1.7855856E9, without the plus, or so many that a second is not lost.
func isRounded(s string) bool {
	figures, power, found := strings.Cut(strings.ToLower(s), "e+")
	exponent, err := strconv.Atoi(power)
	if !found || err != nil {
		return false
	}
	needed := exponent
	if exponent%3 == 0 {
		needed = min(exponent, 9) // seconds since 1970 and their fractions
	}
	_, decimals, _ := strings.Cut(strings.ReplaceAll(figures, ",", "."), ".")
	return len(decimals) < needed
}

// readNetDate reads an instant as .NET writes it in JSON: the milliseconds since 1970 in /Date(1785585600000)/. An offset after them changes nothing.
func readNetDate(s string) (stamp, bool) {
	digits, ok := strings.CutPrefix(s, "/Date(")
	digits, end := strings.CutSuffix(digits, ")/")
	if i := strings.LastIndexAny(digits, "+-"); i > 0 && len(digits)-i == len("+0200") && isDigits(digits[i+1:]) {
		digits = digits[:i]
	}
	if !ok || !end || len(digits) > 13 || !isDigits(digits) {
		return stamp{}, false
	}
	x, _ := plainNumber(digits)
	return stamp{sinceEpoch(x, 1e3), true, true}, true
}

// readSerial reads a day number of a spreadsheet in text. Its last figure was rounded, by which a full minute or second is known.
func readSerial(s string) (stamp, bool) {
	x, ok := ParseNumber(s)
	if !ok || x < firstDayNumber || x >= lastDayNumber+1 {
		return stamp{}, false
	}
	t := ExcelTime(x, false)
	rounded := 24 * time.Hour / 2
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		for range len(s) - i - 1 {
			rounded /= 10
		}
		for _, full := range [...]time.Duration{time.Minute, time.Second} {
			if near := t.Round(full); rounded < full/2 && near.Sub(t).Abs() <= rounded+time.Microsecond {
				t = near
				break
			}
		}
	}
	result := stamp{t: t, hasClock: x != math.Trunc(x)}
	result.t = result.at(time.UTC)
	return result, true
}

// settle orders the figures of a written date.
func (style timeStyle) settle(w written) (stamp, bool) {
	year, month, day := w.figures[0], w.figures[1], w.figures[2]
	switch {
	case w.form == ordinal:
		t := time.Date(year, 1, w.figures[1], 0, 0, 0, 0, time.UTC)
		if w.figures[1] < 1 || t.Year() != year {
			return stamp{}, false
		}
		month, day = int(t.Month()), t.Day()
	case w.form == open && w.short && style.order == ShortYearFirst:
		year = longYear(year)
	case w.form == open:
		day, month, year = w.figures[0], w.figures[1], w.figures[2]
		if style.order == MonthFirst {
			day, month = month, day
		}
		if w.short {
			year = longYear(year)
		}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if w.form == noDate || t.Day() != day || int(t.Month()) != month {
		return stamp{}, false
	}
	s := stamp{t: t.Add(w.clock), hasClock: w.hasClock}
	if w.zone != nil {
		s.t, s.isInstant = s.at(w.zone), true
	}
	return s, true
}

// MaxExcelTime is above every day number: 31 December 9999 is the last day that spreadsheets know.
const MaxExcelTime = 2958466

// The numbers that are times by their size alone. Day numbers outside 1990 to 2100 may as well be a year with a day of the year or six
// digits of a date; seconds after 2033 may be ten digits that begin with two of the year.
const (
	firstDayNumber = 32874 // 1 January 1990
	lastDayNumber  = 73050 // 31 December 2099
	firstSecond    = 473385600
	lastSecond     = 2e9
)

// readNumber reads digits of the calendar, seconds and their fractions since 1970, or a day number.
func (style timeStyle) readNumber(x float64) (stamp, bool) {
	if !style.epoch {
		if s, ok := style.calendar(x); ok {
			return s, true
		}
		if x >= firstDayNumber && x < lastDayNumber+1 {
			s := stamp{t: ExcelTime(x, false), hasClock: x != math.Trunc(x)}
			s.t = s.at(time.UTC)
			return s, true
		}
	}
	for _, perSecond := range [...]float64{1, 1e3, 1e6, 1e9} {
		seconds := x / perSecond
		if seconds >= firstSecond && seconds < lastSecond || style.epoch && seconds >= 1e8 && seconds < 1e11 {
			return stamp{sinceEpoch(x, perSecond), true, true}, true
		}
	}
	return stamp{}, false
}

// calendar reads the digits of YYYYMMDD, YYYYMMDDhh, YYYYMMDDhhmm and YYYYMMDDhhmmss.
func (style timeStyle) calendar(x float64) (stamp, bool) {
	if x != math.Trunc(x) || x < 19000101 || x >= 21000101000000 {
		return stamp{}, false
	}
	n := int64(x)
	for _, scale := range [...]int64{1, 1e2, 1e4, 1e6} {
		date, clock := n/scale, n%scale*1e6/scale
		if date < 19000101 || date > 20991231 {
			continue
		}
		hour, minute, second := clock/10000, clock/100%100, clock%100
		if hour > 24 || minute > 59 || second > 59 || hour == 24 && clock%10000 != 0 {
			return stamp{}, false
		}
		w := written{form: settled, figures: [3]int{int(date / 10000), int(date / 100 % 100), int(date % 100)}, hasClock: scale > 1}
		w.clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
		return style.settle(w)
	}
	return stamp{}, false
}

func sinceEpoch(x, perSecond float64) time.Time {
	seconds := math.Floor(x / perSecond)
	fraction := math.Round((x - seconds*perSecond) / perSecond * 1e6)
	return time.Unix(int64(seconds), int64(fraction)*1000).UTC()
}

// ExcelTime turns a day number of a spreadsheet into a time: days since 30 December 1899, or since 1
// January 1904 where the workbook says so. Numbers below 61, where Excel counts a 29 February 1900
// that never was, are a day early. The zone is NoZone. The fraction is rounded to the microsecond, and to the full
// millisecond when it is within 10 µs of one: spreadsheets calculate in binary fractions of a day, and many
// programs write 15 digits of them, the last of which is worth 8.6 µs.
func ExcelTime(serial float64, from1904 bool) time.Time {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, NoZone)
	if from1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, NoZone)
	}
	days := math.Floor(serial)
	micros := math.Round((serial - days) * 86400e6)
	if millis := math.Round(micros/1e3) * 1e3; math.Abs(micros-millis) <= 10 {
		micros = millis
	}
	return base.AddDate(0, 0, int(days)).Add(time.Duration(micros) * time.Microsecond)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isDigits reports whether a text is of digits alone.
func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// clockForm is how the numbers of a column of times of day are read.
type clockForm int

const (
	clockFree     clockForm = iota // each by itself
	clockHours                     // 0 to 24
	clockHHMM                      // 930 is 09:30
	clockHHMMSS                    // 93000 is 09:30:00
	clockFraction                  // of a day, as spreadsheets keep it
	clockDecimal                   // hours with a fraction
	clockDotted                    // 12.30 is 12:30
)

// readClock reads a time of day: "12:10", "12h10", "1:30 PM", the hour as a number, hours and minutes as digits, or the fraction of a day
// that a spreadsheet keeps. The zone is nil when it names none.
func (style timeStyle) readClock(value any) (since time.Duration, zone *time.Location, ok bool) {
	switch value := value.(type) {
	case time.Time:
		return sinceMidnight(value), nil, true
	case float64:
		since, ok = clockOf(value, style.clock)
		return since, nil, ok
	case string:
		s := strings.TrimSpace(value)
		if style.clock == clockDotted {
			s = strings.NewReplacer(".", ":", ",", ":").Replace(s)
		}
		if x, isNumber := ParseNumber(s); isNumber {
			since, ok = clockOf(x, style.clock.ofDigits(s))
			return since, nil, ok
		}
		w, ok := scanClock(s)
		return w.clock, w.zone, ok && !isSpan(s)
	}
	return 0, nil, false
}

// isSpan reports whether a text is from one time of day to another, 12h-13h or 06:00-07:00, and not one west of Greenwich.
func isSpan(s string) bool {
	from, to, found := strings.Cut(plainSpaces(s), "-")
	if from, to = strings.TrimSpace(from), strings.TrimSpace(to); !found || from == "" {
		return false
	}
	last := from[len(from)-1]
	return isDigit(last) && strings.Contains(to, ":") || last == 'h' || last == 'H'
}

// ofDigits returns the form of digits in text when the column says nothing.
func (form clockForm) ofDigits(s string) clockForm {
	switch {
	case form != clockFree || !isDigits(s):
	case len(s) == 3 || len(s) == 4:
		return clockHHMM
	case len(s) == 6:
		return clockHHMMSS
	}
	return form
}

// clockOf reads a number as a time of day.
func clockOf(x float64, form clockForm) (time.Duration, bool) {
	isWhole := x == math.Trunc(x)
	if form == clockFree {
		switch {
		case isWhole && x >= 0 && x <= 24:
			form = clockHours
		case math.Trunc(x) == 0:
			form = clockFraction
		case isWhole && x >= 100 && x <= 2400:
			form = clockHHMM
		}
	}
	switch form {
	case clockHours:
		return time.Duration(x) * time.Hour, isWhole && x >= 0 && x <= 24
	case clockFraction:
		return ExcelTime(x, true).Sub(ExcelTime(0, true)), x >= 0 && x <= 1
	case clockDecimal:
		return time.Duration(math.Round(x*3600)) * time.Second, x >= 0 && x <= 24
	case clockHHMM:
		return hhmmss(x * 100)
	case clockHHMMSS:
		return hhmmss(x)
	}
	return 0, false
}

// hhmmss reads the digits of hours, minutes and seconds.
func hhmmss(x float64) (time.Duration, bool) {
	if x != math.Trunc(x) || x < 0 || x > 240000 {
		return 0, false
	}
	n := int64(x)
	hour, minute, second := n/10000, n/100%100, n%100
	return time.Duration(hour*3600+minute*60+second) * time.Second, minute < 60 && second < 60
}
