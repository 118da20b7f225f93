package shape

import (
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// timeStyle is how the times of a column are read.
type timeStyle struct {
	order DateOrder      // of dates that do not begin with the year; OrderUnknown: the day is first
	zone  *time.Location // of times that name none; nil: UTC
}

// judgeTimes settles how the times of a column are read: what the user says; a date of the column that can be read in one way only; the
// language and the signs of the table. A column that stays ambiguous is refused.
func judgeTimes(h Heading, cells []any, e evidence, options *Options) (timeStyle, error) {
	style := timeStyle{order: options.DateOrder, zone: options.Zone}
	if style.zone == nil {
		style.zone = h.Zone
	}
	if style.order != OrderUnknown {
		return style, nil
	}
	dayAbove, monthAbove, open := "", "", ""
	for _, cell := range cells {
		first, second, ok := figures(cell)
		switch {
		case !ok || first == second && first <= 12:
		case first > 12:
			dayAbove = cell.(string)
		case second > 12:
			monthAbove = cell.(string)
		default:
			open = cell.(string)
		}
	}
	switch {
	case dayAbove != "" && monthAbove != "":
		return style, meteo.Refuse(meteo.InvalidTime, "the column %.40q has dates with the day first (%s) and with the month first (%s): correct it, or say which with --date-order", h.Name, quote(dayAbove), quote(monthAbove))
	case monthAbove != "":
		style.order = MonthFirst
	case dayAbove != "" || open == "" || e.french || e.decimalComma:
		style.order = DayFirst
	default:
		return style, meteo.Refuse(meteo.InvalidTime, "the column %.40q has dates such as %s, in which the day or the month may be first: say --date-order dmy or --date-order mdy", h.Name, quote(open))
	}
	return style, nil
}

// figures returns the first two figures of a date that does not begin with a year: 3 and 12 of "03/12/2026 12:00".
func figures(cell any) (first, second int, ok bool) {
	s, isText := cell.(string)
	if !isText {
		return 0, 0, false
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
	if len(parts) < 3 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return 0, 0, false
	}
	first, err1 := strconv.Atoi(parts[0])
	second, err2 := strconv.Atoi(parts[1])
	_, err3 := strconv.Atoi(parts[2])
	return first, second, err1 == nil && err2 == nil && err3 == nil && first > 0 && second > 0
}
