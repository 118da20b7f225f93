package metar

import (
	"math"
	"regexp"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

var (
	metres      = regexp.MustCompile(`^(\d{4}|10000)(?:NDV|M)?$`)
	kilometres  = regexp.MustCompile(`^P?(\d{1,2})KM$`)
	miles       = regexp.MustCompile(`^[MP]?(?:(\d) )?(\d{1,3})(?:/(\d{1,2}))?SM$`)
	directional = regexp.MustCompile(`^\d{3,4}(?:[NS][EW]?|[EW])$`)
	unmeasured  = regexp.MustCompile(`^/+(?:NDV|SM|KM)$`)
)

// statuteMile is in metres.
const statuteMile = 1609.344

// visibility decodes the prevailing visibility in metres, kilometres or statute miles. 9999 is 10 km or more, 0000 less
// than 50 m: the bound is kept. The least visibility, which names its direction, is not the prevailing one.
func (d *decoder) visibility(group string) bool {
	switch {
	case group == "CAVOK":
		d.set(meteo.Visibility, 10000)
		return true
	case unmeasured.MatchString(group):
		return true
	case directional.MatchString(group):
		if !d.report.Values.Has(meteo.Visibility) {
			d.unread(group)
		}
		return true
	}
	x, ok := 0.0, false
	if m := metres.FindStringSubmatch(group); m != nil {
		x, ok = metresOf(wmo.Number(m[1]))
		ok = ok && (x == 10000 || !d.late) // other numbers after the pressure may be anything
	} else if m := kilometres.FindStringSubmatch(group); m != nil {
		x, ok = float64(wmo.Number(m[1]))*1000, true
	} else if m := miles.FindStringSubmatch(group); m != nil {
		x, ok = milesOf(m[1], m[2], m[3])
	} else {
		return false
	}
	if !ok {
		d.unread(group)
		return true
	}
	d.set(meteo.Visibility, x)
	return true
}

// metresOf is VVVV in metres; ok is false for a number between the steps of 50 m, which is not a visibility.
func metresOf(figures int) (x float64, ok bool) {
	switch figures {
	case 0:
		return 50, true
	case 9999:
		return 10000, true
	}
	return float64(figures), figures%50 == 0
}

// milesOf is a number of miles in metres. A fraction is a proper one of 2, 4, 8 or 16 parts; figures before its
// numerator are whole miles whose space was lost, "11/2SM". Of sixteenths, whose numerator may have two figures, these
// can't be told apart.
func milesOf(whole, figures, parts string) (x float64, ok bool) {
	if parts == "" {
		return math.Round(float64(wmo.Number(figures)) * statuteMile), whole == "" && len(figures) < 3
	}
	if last := len(figures) - 1; last > 0 {
		if whole != "" || parts == "16" {
			return 0, false
		}
		whole, figures = figures[:last], figures[last:]
	}
	above, below := wmo.Number(figures), wmo.Number(parts)
	switch below {
	case 2, 4, 8, 16:
		x = float64(wmo.Number(whole)) + float64(above)/float64(below)
		return math.Round(x * statuteMile), above > 0 && above < below
	}
	return 0, false
}
