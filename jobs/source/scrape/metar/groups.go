package metar

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

var temperatures = regexp.MustCompile(`^([-M]?\d{1,3}(?:\.\d)?|//|XX|MM)/([-M]?\d{1,3}(?:\.\d)?|//?|XX|MM)?$`)

// partOfMile is a fraction whose unit, SM, was lost.
var partOfMile = regexp.MustCompile(`^\d/(?:2|4|8|16)$`)

// extreme is more than any thermometer of an aerodrome has shown, in °C.
const extreme = 60

// temperature decodes temperature and dew point in whole °C, or tenths that a station adds; M is minus.
func (d *decoder) temperature(group string) bool {
	m := temperatures.FindStringSubmatch(group)
	if m == nil || partOfMile.MatchString(group) || strings.Trim(group, "/") == "" { // which may be any group that is missing
		return false
	}
	t, dew := degrees(m[1]), degrees(m[2])
	if t > extreme || t < -extreme || dew > extreme || dew < -2*extreme {
		d.unread(group)
		return true
	}
	d.set(meteo.Temperature, t)
	d.set(meteo.DewPoint, dew)
	return true
}

// degrees is a number of °C, NaN when missing.
func degrees(text string) float64 {
	figures := strings.TrimLeft(text, "-M")
	switch {
	case figures == "" || strings.ContainsAny(figures, "/X"):
		return math.NaN()
	}
	x, _ := strconv.ParseFloat(figures, 64) // a pattern has admitted it
	if figures != text {
		return 0 - x // and not -0
	}
	return x
}

var (
	hectopascals = regexp.MustCompile(`^(?:QNH|Q)(\d{4}(?:\.\d)?|9\d{2})(?:HPA|MB)?(?:/A?\d{2}\.?\d{2})?$|^(\d{3,4})(?:HPA|MB)$`)
	inches       = regexp.MustCompile(`^(?:QNH|A)(\d{2}\.?\d{2})(?:INS?)?(?:/Q?\d{4})?$`)
	missing      = regexp.MustCompile(`^[QA]/+$`)
)

// inchOfMercury is a hundredth of an inch of mercury in hPa.
const inchOfMercury = 0.3386389

// The lowest and the highest pressure at sea level that was ever measured lie between, in hPa.
const lowest, highest = 870, 1085

// pressure decodes the QNH in hPa, or in hundredths of inches of mercury. QNH is reduced to mean sea level in the
// standard atmosphere: in air that is 20 degrees warmer, at 178 m (Kédougou), that is 1 to 2 hPa too much.
func (d *decoder) pressure(group string) bool {
	hPa, inHg := hectopascals.FindStringSubmatch(group), inches.FindStringSubmatch(group)
	var x float64
	switch {
	case missing.MatchString(group):
		return true
	case hPa != nil:
		x, _ = strconv.ParseFloat(hPa[1]+hPa[2], 64) // the pattern has admitted it
	case inHg != nil:
		x = math.Round(float64(wmo.Number(strings.Replace(inHg[1], ".", "", 1)))*inchOfMercury*10) / 10
	default:
		return false
	}
	if x < lowest || x > highest {
		d.unread(group)
		return true
	}
	d.set(meteo.Pressure, x)
	return true
}
