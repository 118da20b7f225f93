package shape

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads an instant as a file or producer gives it: a time.Time, text in one of the forms
// of RFC 3339, ISO 8601 and SQL ("2006-01-02 15:04[:05]"), the French "02/01/2006 15:04" (the day
// comes first, always), 20060102, a number of seconds, milliseconds, microseconds or nanoseconds since 1970,
// or a day number of a spreadsheet (see ExcelTime). Without a zone it is UTC. It is cut to the
// microsecond. dayOnly reports that text named a day alone.
func ParseTime(value any) (t time.Time, dayOnly, ok bool) { return timeStyle{}.parse(value) }

// location is the zone of times that name none.
func (style timeStyle) location() *time.Location {
	if style.zone == nil {
		return time.UTC
	}
	return style.zone
}

// NoZone is the location of a time.Time that a file gives without a zone, such as a workbook's. It is UTC unless the user names a zone.
var NoZone = time.FixedZone("", 0)

// parse reads an instant as ParseTime does, in the style of its column.
func (style timeStyle) parse(value any) (t time.Time, dayOnly, ok bool) {
	switch value := value.(type) {
	case time.Time:
		if t, ok = value, true; value.Location() == NoZone && style.zone != nil {
			year, month, day := t.Date()
			hour, minute, second := t.Clock()
			t = time.Date(year, month, day, hour, minute, second, t.Nanosecond(), style.zone)
		}
	case float64:
		t, ok = numberedTime(value)
		dayOnly = ok && value < MaxExcelTime && value == math.Trunc(value)
	case string:
		t, dayOnly, ok = style.parseText(strings.TrimSpace(value))
	}
	if !ok || t.IsZero() || !inCalendar(t) {
		return time.Time{}, false, false
	}
	return meteoTime(t), dayOnly, true
}

// MaxExcelTime is above every day number: 31 December 9999 is the last day that spreadsheets know.
const MaxExcelTime = 2958466

// numberedTime reads a number by its size: day numbers end where the seconds of 1970 begin.
func numberedTime(x float64) (time.Time, bool) {
	switch {
	case x >= 61 && x < MaxExcelTime:
		return ExcelTime(x, false), true
	case x >= 1e8 && x < 1e11: // 1973 to 5138
		return sinceEpoch(x, 1), true
	case x >= 1e11 && x < 1e14:
		return sinceEpoch(x, 1e3), true
	case x >= 1e14 && x < 1e17:
		return sinceEpoch(x, 1e6), true
	case x >= 1e17 && x < 1e20:
		return sinceEpoch(x, 1e9), true
	}
	return time.Time{}, false
}

func sinceEpoch(x, perSecond float64) time.Time {
	seconds := math.Floor(x / perSecond)
	fraction := math.Round((x - seconds*perSecond) / perSecond * 1e6)
	return time.Unix(int64(seconds), int64(fraction)*1000).UTC()
}

// ExcelTime turns a day number of a spreadsheet into a time: days since 30 December 1899, or since 1
// January 1904 where the workbook says so. Numbers below 61, where Excel counts a 29 February 1900
// that never was, are a day early. The fraction is rounded to the microsecond, and to the full
// millisecond when it is within 10 µs of one: spreadsheets calculate in binary fractions of a day, and many
// programs write 15 digits of them, the last of which is worth 8.6 µs.
func ExcelTime(serial float64, from1904 bool) time.Time {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days := math.Floor(serial)
	micros := math.Round((serial - days) * 86400e6)
	if millis := math.Round(micros/1e3) * 1e3; math.Abs(micros-millis) <= 10 {
		micros = millis
	}
	return base.AddDate(0, 0, int(days)).Add(time.Duration(micros) * time.Microsecond)
}

// The forms of text, tried in order; Go's parser takes a fraction after the seconds of each.
var (
	yearFirst = []string{
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		"2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00",
	}
	dayFirst       = []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006", "2/1/06 15:04:05", "2/1/06 15:04", "2/1/06"}
	monthFirst     = []string{"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006", "1/2/06 15:04:05", "1/2/06 15:04", "1/2/06"}
	shortYearFirst = []string{"06/1/2 15:04:05", "06/1/2 15:04", "06/1/2"}

	yearFirstSigns = strings.NewReplacer("/", "-", "t", " ", "T", " ", "z", "Z", "  ", " ")
	dayFirstSigns  = strings.NewReplacer(".", "/", "-", "/", " à ", " ", "h", ":", "  ", " ", "T", " ")
)

func (style timeStyle) parseText(s string) (t time.Time, dayOnly, ok bool) {
	if len(s) < 6 || len(s) > 40 {
		return t, false, false
	}
	if err := t.UnmarshalText([]byte(s)); err == nil { // RFC 3339, the usual case
		return t, false, true
	}
	if t, err := time.ParseInLocation("20060102", s, style.location()); err == nil {
		return t, true, true
	}
	if x, isNumber := ParseNumber(s); isNumber {
		t, ok = numberedTime(x)
		return t, ok && x < MaxExcelTime && x == math.Trunc(x), ok
	}
	zone := style.location()
	for _, word := range [...]string{" UTC", " GMT", " TU"} {
		if bare := strings.TrimSuffix(s, word); bare != s {
			s, zone = bare, time.UTC
		}
	}
	forms := dayFirst
	switch style.order {
	case MonthFirst:
		forms = monthFirst
	case ShortYearFirst:
		forms = shortYearFirst
	}
	if beginsWithYear(s) {
		forms = yearFirst
		s = yearFirstSigns.Replace(s)
	} else {
		s = dayFirstSigns.Replace(s)
	}
	for _, form := range forms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, !strings.Contains(form, "15"), true
		}
	}
	return t, false, false
}

// beginsWithYear reports whether a date begins with four digits and no more.
func beginsWithYear(s string) bool {
	return len(s) > 4 && isDigit(s[0]) && isDigit(s[1]) && isDigit(s[2]) && isDigit(s[3]) && !isDigit(s[4])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// parseClock reads a time of day: "12:10", "12h10", "12h", the hour as a number, or the fraction of a
// day that a spreadsheet keeps.
func parseClock(value any) (time.Duration, bool) {
	switch value := value.(type) {
	case time.Time:
		year, month, day := value.Date()
		return value.Sub(time.Date(year, month, day, 0, 0, 0, 0, value.Location())), true
	case float64:
		return numberedClock(value)
	case string:
		s := strings.ToLower(strings.ReplaceAll(value, " ", ""))
		s = strings.TrimSuffix(strings.TrimSuffix(s, "utc"), "z")
		for _, form := range [...]string{"15:04:05", "15:04", "15h04", "15h04m05", "15h"} {
			if t, err := time.Parse(form, s); err == nil {
				return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), true
			}
		}
		if x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil {
			return numberedClock(x)
		}
	}
	return 0, false
}

func numberedClock(x float64) (time.Duration, bool) {
	switch {
	case x >= 0 && x < 1:
		return ExcelTime(x, true).Sub(ExcelTime(0, true)), true
	case x >= 1 && x <= 24 && x == math.Trunc(x):
		return time.Duration(x) * time.Hour, true
	}
	return 0, false
}
